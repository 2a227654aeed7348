"""GRU and LSTM that return what they hold after the last step, and train faster on processors than torch's."""

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

# Steps at once: memory in small pieces stays in the cache and is used again, large pieces come from the system anew.
GRU_STEPS, LSTM_STEPS = 32, 192


class Gru(nn.GRU):
    """torch's GRU with ``batch_first``, but for what it returns."""

    def forward(self, steps: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the states after the last step.

        Parameters
        ----------
        steps : Tensor of shape (n, n_steps, n_inputs)
            Series.
        lengths : Tensor of shape (n,), optional
            Steps of each series, if they differ.

        Returns
        -------
        Tensor of shape (n_layers * n_directions, n, n_units)
            Of each layer forwards, then backwards.
        """
        if lengths is not None or steps.device.type != "cpu":
            return super().forward(_packed(steps, lengths))[1]
        # One step waits for the other, in products too small to gain from short precision.
        with torch.autocast("cpu", enabled=False):
            return self._read(steps.float().transpose(0, 1))

    def _read(self, x: Tensor) -> Tensor:
        last, n_directions = [], 1 + self.bidirectional
        for layer in range(self.num_layers):
            both = []
            for direction in range(n_directions):
                weights = self.all_weights[layer * n_directions + direction]
                states = read_gru(x.flip(0) if direction else x, *weights)
                last.append(states[-1][-1])
                if layer + 1 < self.num_layers:
                    both.append(torch.cat(states).flip(0) if direction else torch.cat(states))
            x = torch.cat(both, dim=2) if both else x
        return torch.stack(last)


class Lstm(nn.LSTM):
    """torch's LSTM with ``batch_first``, but for what it returns."""

    def forward(self, steps: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the states after the last step; arguments and result as of ``Gru``."""
        if lengths is not None or steps.device.type != "cpu" or self.bidirectional:
            return super().forward(_packed(steps, lengths))[1][0]
        held = None
        for part in steps.split(LSTM_STEPS, dim=1):
            _, held = super().forward(part, held)
        return held[0]


def read_gru(x: Tensor, w_input: Tensor, w_state: Tensor, b_input: Tensor, b_state: Tensor) -> list[Tensor]:
    """Return the states after each step, (n_steps, n, n_units) in parts; weights as in torch, x with steps first."""
    w, v, b, c = (weight.unflatten(0, (3, -1)) for weight in (w_input, w_state, b_input, b_state))
    # tanh(a) = 2 sigmoid(2 a) - 1, and the sigmoid is several times as fast: the third gate is computed twice as large.
    twice = x.new_tensor([1.0, 1.0, 2.0])[:, None, None]
    w, b = w * twice, torch.stack([b[0] + c[0], b[1] + c[1], 2 * b[2]])
    v, c, state, found = v.mT.contiguous(), c[2], x.new_zeros(x.shape[1], w_state.shape[1]), []
    for part in x.split(GRU_STEPS):
        gates = torch.baddbmm(b[:, None], part.flatten(0, 1).expand(3, -1, -1), w.mT).unflatten(1, part.shape[:2])
        found.append(GruSteps.apply(gates, state, v, c))
        state = found[-1][-1]
    return found


class GruSteps(torch.autograd.Function):
    """Some steps of a GRU, without what of the gates comes from the inputs, which is computed before.

    torch's own derivative goes through a dozen operations a step. Here all that does not wait for another step is
    computed for all of them at once; what waits are three operations.
    """

    @staticmethod
    def forward(ctx, gates: Tensor, first: Tensor, weights: Tensor, bias: Tensor) -> Tensor:
        """Return the states after each step.

        Parameters
        ----------
        gates : Tensor of shape (3, n_steps, n, n_units)
            Reset, update and (twice) new, as far as inputs and biases decide; written over.
        first : Tensor of shape (n, n_units)
            States before.
        weights : Tensor of shape (3, n_units, n_units)
            From state (rows) to gate.
        bias : Tensor of shape (n_units,)
            Of what the state adds to the new gate.
        """
        held, states = torch.empty_like(gates[0]), torch.empty_like(gates[0])
        state, minus_one = first, first.new_tensor(-1.0)
        rows = zip(gates[:2].unbind(1), *(gate.unbind() for gate in gates), held.unbind(), states.unbind(), strict=True)
        for reset_update, reset, update, new, own, after in rows:
            reset_update.baddbmm_(state.expand(2, -1, -1), weights[:2]).sigmoid_()
            torch.addmm(bias, state, weights[2], out=own)
            new.addcmul_(reset, own, value=2).sigmoid_()
            torch.add(minus_one, new, alpha=2, out=new)
            state = torch.lerp(new, state, update, out=after)
        ctx.save_for_backward(gates, held, states, first, weights)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx, of_states: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the gradients of all arguments."""
        (reset, update, new), held, states, first, weights = ctx.saved_tensors
        before = torch.cat([first[None], states[:-1]])
        # The factors between the gradient of a state and those of the new gate without its reset, of the reset, of the
        # update, and of what the state adds to the new gate.
        factors = torch.empty(4, *new.shape)
        torch.mul(1 - update, 1 - new * new, out=factors[0])
        torch.mul(factors[0], reset, out=factors[3])
        torch.mul(factors[3], (1 - reset) * held, out=factors[1])
        torch.mul(before - new, update * (1 - update), out=factors[2])
        of_state, transposed = torch.zeros_like(first), weights.mT
        rows = zip(factors.unbind(1), factors[1:].unbind(1), update.unbind(), of_states.unbind(), strict=True)
        for gradients, from_state, kept, own in reversed(list(rows)):
            of_state = of_state + own
            gradients.mul_(of_state)
            of_state = (of_state * kept).addbmm_(from_state, transposed)
        from_state = factors[1:].flatten(1, 2)
        of_weights = before.flatten(0, 1).mT @ from_state
        of_gates = torch.stack([factors[1], factors[2], factors[0] / 2])
        return of_gates, of_state, of_weights, factors[3].sum(dim=(0, 1))


def _packed(steps: Tensor, lengths: Tensor | None) -> Tensor | nn.utils.rnn.PackedSequence:
    if lengths is None:
        return steps
    return nn.utils.rnn.pack_padded_sequence(steps, lengths.cpu(), batch_first=True, enforce_sorted=False)
