"""What a network sees of a station: masked and compressed traces, a summary of each PMT's signal, scaled features."""

from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["StationInput"]

NOISE_VEM = 0.05  # signals below are taken as they are, those above by their logarithm
FAINT_VEM = 0.3  # fainter stations are not blown up to full height


class StationInput(nn.Module):
    """Turn the traces of stations into maps for convolutions, and a summary for the head.

    Parameters
    ----------
    n_pmts, n_bins : int
        Shape of a station's traces; 16 bins or more.
    n_features : int, default=0
        Variables of a station given beside its traces.
    ring : bool, default=True
        Whether PMTs are numbered around the tank: a station is then turned, and mirrored if need be, so that the
        PMT with the largest charge comes first and the larger of its neighbours second.

    Examples
    --------
    >>> import torch
    >>> from stac.models.wcd_cnn import StationInput
    >>> maps, summary, mean_trace = StationInput(3, 200)(torch.rand(5, 3, 200))
    >>> maps.shape, summary.shape, mean_trace.shape
    (torch.Size([5, 6, 1, 200]), torch.Size([5, 12]), torch.Size([5, 200]))
    """

    def __init__(self, n_pmts: int, n_bins: int, n_features: int = 0, ring: bool = True):
        super().__init__()
        for name, value, least in (("n_pmts", n_pmts, 1), ("n_bins", n_bins, 16), ("n_features", n_features, 0)):
            if not isinstance(value, int) or value < least:
                raise ValueError(f"{name}={value!r} is out of range: pass a whole number, {least} or more.")
        self.n_pmts, self.n_bins, self.n_features, self.ring = n_pmts, n_bins, n_features, ring
        self.n_channels, self.n_summary = 2 * n_pmts, 4 * n_pmts + n_features
        self.register_buffer("feature_mean", torch.zeros(n_features))
        self.register_buffer("feature_scale", torch.ones(n_features))

    def forward(
        self, traces: Tensor, pmt_mask: Tensor | None = None, features: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return what the layers of a network take.

        Parameters
        ----------
        traces : Tensor of shape (n_stations, n_pmts, n_bins)
            In units of the VEM peak, with the baseline at zero.
        pmt_mask : Tensor of shape (n_stations, n_pmts), bool, optional
            True where the PMT works; samples elsewhere are never read. By default all work.
        features : Tensor of shape (n_stations, n_features), optional
            Required if there are features.

        Returns
        -------
        maps : Tensor of shape (n_stations, 2 * n_pmts, 1, n_bins), channels last
            Each PMT's trace, once compressed, once relative to the station's highest sample.
        summary : Tensor of shape (n_stations, n_summary)
            Of each PMT: compressed charge, share of the station's charge, compressed peak, whether it works; then the
            scaled features.
        mean_trace : Tensor of shape (n_stations, n_bins)
            Mean of the working PMTs.

        Raises
        ------
        ValueError
            If a shape is another one than the network was built for.
        """
        self._check(traces, pmt_mask, features)
        if pmt_mask is None:
            pmt_mask = torch.ones(traces.shape[:2], dtype=torch.bool, device=traces.device)
        traces = traces.masked_fill(~pmt_mask[..., None], 0)  # not by multiplying: NaN times 0 is NaN
        charge = traces.sum(-1)
        if self.ring and self.n_pmts > 1:
            order = _around_the_ring(charge.masked_fill(~pmt_mask, -torch.inf))
            traces, charge, pmt_mask = _take_rows(traces, order), charge.gather(1, order), pmt_mask.gather(1, order)
        peak = traces.amax(-1)
        shape = traces * (3 / peak.amax(1).clamp(min=FAINT_VEM))[:, None, None]
        maps = torch.cat([_compress(traces), shape], 1)[:, :, None]
        share = charge / charge.sum(1, keepdim=True).clamp(min=1.0)
        working = pmt_mask.to(traces.dtype)
        summary = [_compress(charge), share, _compress(peak), working]
        if features is not None:
            summary.append((features - self.feature_mean) / self.feature_scale)
        mean_trace = traces.sum(1) / working.sum(1, keepdim=True).clamp(min=1)
        return maps.contiguous(memory_format=torch.channels_last), torch.cat(summary, 1), mean_trace

    def set_feature_scaling(self, mean: Any, std: Any) -> None:
        """Keep the mean and standard deviation of the features, from the training data; saved with the weights.

        Parameters
        ----------
        mean, std : array-like of shape (n_features,)
            In the units of the features; a constant feature (std 0) is only shifted.

        Raises
        ------
        ValueError
            If a shape differs, or values are not finite.
        """
        mean, std = (torch.as_tensor(x, dtype=torch.float32).flatten() for x in (mean, std))
        if not mean.shape == std.shape == self.feature_mean.shape:
            raise ValueError(
                f"mean has shape {tuple(mean.shape)}, std {tuple(std.shape)}, expected ({self.n_features},) for both."
            )
        if not (torch.isfinite(mean).all() and torch.isfinite(std).all() and (std >= 0).all()):
            raise ValueError("mean or std hold NaN, infinities or negative spreads: compute them from finite features.")
        self.feature_mean.copy_(mean)
        self.feature_scale.copy_(torch.where(std > 1e-6 * mean.abs(), std, 1.0))

    def _check(self, traces: Tensor, pmt_mask: Tensor | None, features: Tensor | None) -> None:
        if traces.ndim != 3 or traces.shape[1] != self.n_pmts or traces.shape[2] != self.n_bins:
            raise ValueError(
                f"traces have shape {tuple(traces.shape)}, this network takes (n_stations, {self.n_pmts}, "
                f"{self.n_bins}): cut or pad them, or build the network with their n_pmts and n_bins."
            )
        if pmt_mask is not None and (pmt_mask.shape != traces.shape[:2] or pmt_mask.dtype != torch.bool):
            raise ValueError(
                f"pmt_mask is {pmt_mask.dtype} of shape {tuple(pmt_mask.shape)}, expected torch.bool of shape "
                f"{tuple(traces.shape[:2])}: True where the PMT works."
            )
        if features is None and self.n_features > 0:
            raise ValueError(
                f"features are missing: this network takes shape ({traces.shape[0]}, {self.n_features}) beside traces "
                f"of shape {tuple(traces.shape)}; pass them, or build it with n_features=0."
            )
        if features is not None and tuple(features.shape) != (traces.shape[0], self.n_features):
            raise ValueError(
                f"features have shape {tuple(features.shape)}, this network takes ({traces.shape[0]}, "
                f"{self.n_features}): build it with the n_features of your table."
            )


def _compress(x: Tensor) -> Tensor:
    """Linear around zero, logarithmic in the tails, of either sign; of the order of 1."""
    return 0.3 * torch.asinh(x * (1 / NOISE_VEM))


def _around_the_ring(charge: Tensor) -> Tensor:
    """Return an order of PMTs (n, n_pmts): around the ring from the largest, towards its larger neighbour."""
    n_pmts = charge.shape[1]
    first = charge.argmax(1, keepdim=True)
    after, before = (charge.gather(1, (first + step) % n_pmts) for step in (1, n_pmts - 1))
    direction = torch.where(after >= before, 1, n_pmts - 1)
    return (first + direction * torch.arange(n_pmts, device=charge.device)) % n_pmts


def _take_rows(traces: Tensor, order: Tensor) -> Tensor:
    n, n_pmts, n_bins = traces.shape
    rows = order + n_pmts * torch.arange(n, device=order.device)[:, None]
    return traces.reshape(n * n_pmts, n_bins).index_select(0, rows.flatten()).view(n, n_pmts, n_bins)
