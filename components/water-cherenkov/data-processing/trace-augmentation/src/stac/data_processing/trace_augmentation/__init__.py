"""Varies detector traces while a network trains, so that it learns what does not matter: gains, starts, lost PMTs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

__all__ = ["TraceAugmentation"]


@dataclass(frozen=True)
class TraceAugmentation:
    """Vary a batch of stations: every station draws its own lost PMTs, time shift and gains.

    Parameters
    ----------
    pmt_dropout : float, default=0.05
        Probability that a working PMT is switched off; at least one of a station stays on.
    time_jitter : int, default=2
        Largest shift of a station in bins, to either side, the same for all its PMTs; what is shifted in is zero.
    gain : float, default=0.05
        Spread of the gain of each PMT: a log-normal factor with this sigma, 0.05 being 5 %.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> import torch
    >>> traces, pmt_mask, target = torch.ones(2, 3, 8), torch.ones(2, 3, dtype=torch.bool), torch.tensor([0, 1])
    >>> augmentation = TraceAugmentation(pmt_dropout=0.5, time_jitter=2, gain=0.1)
    >>> generator = torch.Generator().manual_seed(0)
    >>> traces_varied, mask_varied, target_same = augmentation((traces, pmt_mask, target), generator)
    >>> traces_varied.shape, bool((traces_varied[~mask_varied] == 0).all()), target_same.tolist()
    (torch.Size([2, 3, 8]), True, [0, 1])
    """

    pmt_dropout: float = 0.05
    time_jitter: int = 2
    gain: float = 0.05

    def __post_init__(self):
        if not 0 <= self.pmt_dropout < 1:
            raise ValueError(f"pmt_dropout={self.pmt_dropout} is no probability below 1: 0.05 loses one PMT in twenty.")
        if not (isinstance(self.time_jitter, int) and self.time_jitter >= 0):
            raise ValueError(f"time_jitter={self.time_jitter!r} is no number of bins: pass a whole number, 0 or more.")
        if not 0 <= self.gain <= 1:
            raise ValueError(f"gain={self.gain} is out of range: pass the relative spread, 0 to 1, such as 0.05.")

    def __call__(
        self, batch: "tuple[torch.Tensor | None, ...]", generator: "torch.Generator | None" = None
    ) -> tuple[Any, ...]:
        """Return the batch with other traces and PMT masks.

        Parameters
        ----------
        batch : tuple (traces, pmt_mask, ...)
            Traces (n_stations, n_pmts, n_bins), in any unit, with the baseline at zero; masks (n_stations, n_pmts),
            bool, True where the PMT works, or None when all do. What follows (features, targets) is handed on.
        generator : torch.Generator, optional
            Source of the random numbers, on the device of the traces; by default torch's own.

        Returns
        -------
        tuple
            As the batch; traces and mask are new tensors, samples of missing PMTs are zero.

        Raises
        ------
        ValueError
            If traces and masks do not fit together.
        TypeError
            If they are no floating-point and boolean tensors.
        """
        import torch

        traces, pmt_mask, *others = _checked(batch)
        n, n_pmts, n_bins = traces.shape
        if pmt_mask is None:
            pmt_mask = torch.ones(n, n_pmts, dtype=torch.bool, device=traces.device)

        def uniform(*shape: int) -> torch.Tensor:
            return torch.rand(shape, generator=generator, device=traces.device)

        # The same numbers are drawn whatever the parameters are: changing one leaves the others' effects alone.
        luck = uniform(n, n_pmts).masked_fill(~pmt_mask, -1)
        shift = (uniform(n) * (2 * self.time_jitter + 1)).long().clamp(max=2 * self.time_jitter)
        factor = torch.randn(n, n_pmts, generator=generator, device=traces.device).mul(self.gain).exp()

        if self.pmt_dropout > 0:
            best = luck.amax(dim=1, keepdim=True)
            pmt_mask = pmt_mask & ((luck >= self.pmt_dropout) | (luck == best))
        if self.time_jitter > 0:
            padded = torch.nn.functional.pad(traces, (self.time_jitter, self.time_jitter))
            windows = padded.unfold(-1, n_bins, 1)  # a view (n, n_pmts, shifts, n_bins)
            traces = windows[torch.arange(n, device=traces.device), :, shift]
        # Not multiplied by the mask: a missing PMT may hold NaN.
        traces = (traces * factor.to(traces.dtype)[..., None]).masked_fill(~pmt_mask[..., None], 0)
        return traces, pmt_mask, *others


def _checked(batch: Any) -> tuple[Any, ...]:
    import torch

    if not isinstance(batch, tuple | list) or len(batch) < 2:
        raise TypeError("The batch is no tuple (traces, pmt_mask, ...): pass None as mask when all PMTs work.")
    traces, pmt_mask = batch[:2]
    if not (isinstance(traces, torch.Tensor) and traces.is_floating_point()):
        kind = getattr(traces, "dtype", type(traces).__name__)
        raise TypeError(
            f"traces are {kind}, expected a floating-point tensor: convert them with torch.as_tensor(x).float()."
        )
    if traces.ndim != 3:
        raise ValueError(f"traces have shape {tuple(traces.shape)}, expected (n_stations, n_pmts, n_bins).")
    if pmt_mask is None:
        return tuple(batch)
    if not (isinstance(pmt_mask, torch.Tensor) and pmt_mask.dtype == torch.bool):
        kind = getattr(pmt_mask, "dtype", type(pmt_mask).__name__)
        raise TypeError(f"pmt_mask is {kind}, expected a boolean tensor: True where the PMT works; use mask.bool().")
    if pmt_mask.shape != traces.shape[:2]:
        raise ValueError(
            f"pmt_mask has shape {tuple(pmt_mask.shape)}, traces {tuple(traces.shape)}: "
            f"expected {tuple(traces.shape[:2])}."
        )
    return tuple(batch)
