"""Threads, rounding and memory, set to what a network trains fastest with on a processor."""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from ._memory import kept_memory

PRODUCTS_PER_THREAD = 3e6  # in a layer, on average; measured on two cores of an AMD EPYC


@contextlib.contextmanager
def tuned_processor(
    network: nn.Module, inputs: tuple[Any, ...], batch_size: int, device: torch.device
) -> Iterator[None]:
    """Inside: as many threads as pay, freed memory is kept, numbers below 1e-38 are zero; afterwards all is as before.

    Recurrent networks slow down many times over when such numbers have to be exact. (Threads that torch has started
    before go on being exact; what they round makes no difference to numbers that matter.)

    Parameters
    ----------
    network : nn.Module
        A network that has been called before, if it makes its weights then.
    inputs : tuple of (Tensor or None)
        A few samples.
    batch_size : int
        Samples in a step.
    device : torch.device
        Where it runs; on a GPU nothing is changed.
    """
    if device.type != "cpu":
        yield
        return
    n_threads, was_flushed = torch.get_num_threads(), bool(torch.full((), 1e-38) * 0.1 == 0)
    torch.set_num_threads(helpful_threads(network, inputs, batch_size))
    torch.set_flush_denormal(True)
    try:
        with kept_memory():
            yield
    finally:
        torch.set_flush_denormal(was_flushed)
        torch.set_num_threads(n_threads)


@torch.no_grad()
def helpful_threads(network: nn.Module, inputs: tuple[Any, ...], batch_size: int) -> int:
    """Return how many threads have enough to do in a step, at most those that torch may use.

    Threads wait for each other in every layer, which small networks take longer for than for their sums. The number
    follows from what the layers multiply, not from a clock, so that the same training gives the same bits.
    """
    n_samples = next(len(x) for x in inputs if x is not None)
    products: list[int] = []  # of each layer

    def count(layer: Any, _: Any, output: Any) -> None:
        if isinstance(layer, nn.RNNBase):  # one time step waits for the other: only what is within one can be shared
            products.append(n_samples * sum(x.numel() for x in layer.parameters()))
        else:
            products.append(output.numel() * layer.weight[0].numel())

    kinds = nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.RNNBase
    handles = [layer.register_forward_hook(count) for layer in network.modules() if isinstance(layer, kinds)]
    was_training = network.training
    try:
        network.eval()(*inputs)
    finally:
        network.train(was_training)
        for handle in handles:
            handle.remove()
    helpful = sum(products) / max(len(products), 1) * batch_size / n_samples / PRODUCTS_PER_THREAD
    return max(1, min(torch.get_num_threads(), int(helpful)))
