"""What a network for stations sees: compressed traces, a summary of each PMT's signal, and scaled features."""

from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["StationInput"]

NOISE_VEM = 0.05  # signals below are treated linearly, those above logarithmically


class StationInput(nn.Module):
    """Check, mask, compress and summarise the traces of stations; scale their features.

    Parameters
    ----------
    n_pmts, n_bins : int
        Shape of a station's traces.
    n_features : int, default=0
        Variables of a station given beside its traces.

    Examples
    --------
    >>> import torch
    >>> from stac.models.wcd_cnn import StationInput
    >>> maps, summary = StationInput(3, 200)(torch.rand(5, 3, 200))
    >>> maps.shape, summary.shape
    (torch.Size([5, 3, 1, 200]), torch.Size([5, 12]))
    """

    def __init__(self, n_pmts: int, n_bins: int, n_features: int = 0):
        super().__init__()
        for name, value, least in (("n_pmts", n_pmts, 1), ("n_bins", n_bins, 16), ("n_features", n_features, 0)):
            if not isinstance(value, int) or value < least:
                raise ValueError(f"{name}={value!r} is out of range: pass a whole number, {least} or more.")
        self.n_pmts, self.n_bins, self.n_features = n_pmts, n_bins, n_features
        self.n_summary = 4 * n_pmts + n_features
        self.register_buffer("feature_mean", torch.zeros(n_features))
        self.register_buffer("feature_scale", torch.ones(n_features))

    def forward(
        self, traces: Tensor, pmt_mask: Tensor | None = None, features: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return maps and summary of stations.

        Parameters
        ----------
        traces : Tensor of shape (n_stations, n_pmts, n_bins)
            In units of the VEM peak, with the baseline at zero.
        pmt_mask : Tensor of shape (n_stations, n_pmts), bool, optional
            True where the PMT works; samples elsewhere are never read.
        features : Tensor of shape (n_stations, n_features), optional
            Required if there are features.

        Returns
        -------
        tuple of Tensor
            Maps (n_stations, n_pmts, 1, n_bins), and summary (n_stations, n_summary).

        Raises
        ------
        ValueError
            If a shape is another one than the network was built for.
        """
        self._check(traces, pmt_mask, features)
        if pmt_mask is None:
            working = torch.ones_like(traces[..., 0])
        else:
            traces = traces.masked_fill(~pmt_mask[..., None], 0)
            working = pmt_mask.to(traces.dtype)
        charge = traces.sum(-1)
        share = charge / charge.sum(1, keepdim=True).clamp(min=1.0)
        summary = [_compress(charge), share, _compress(traces.amax(-1)), working]
        if features is not None:
            summary.append((features - self.feature_mean) / self.feature_scale)
        return _compress(traces)[:, :, None], torch.cat(summary, 1)

    def set_scaling(self, mean: Any, std: Any) -> None:
        """Keep the mean and standard deviation (n_features,) of the training data's features."""
        mean, std = (torch.as_tensor(x, dtype=torch.float32).flatten() for x in (mean, std))
        if mean.shape != self.feature_mean.shape or std.shape != self.feature_mean.shape:
            raise ValueError(
                f"mean has shape {tuple(mean.shape)} and std {tuple(std.shape)}, expected ({self.n_features},)."
            )
        if not (torch.isfinite(mean).all() and torch.isfinite(std).all() and (std >= 0).all()):
            raise ValueError("mean or std hold NaN, infinities or negative spreads: compute them from finite features.")
        self.feature_mean.copy_(mean)
        self.feature_scale.copy_(torch.where(std > 1e-6 * mean.abs(), std, 1.0))  # a constant feature says nothing

    def _check(self, traces: Tensor, pmt_mask: Tensor | None, features: Tensor | None) -> None:
        if traces.ndim != 3 or tuple(traces.shape[1:]) != (self.n_pmts, self.n_bins):
            raise ValueError(
                f"traces have shape {tuple(traces.shape)}, this network takes "
                f"(n_stations, {self.n_pmts}, {self.n_bins}): "
                f"cut or pad them, or build the network with n_pmts and n_bins of the traces."
            )
        if pmt_mask is not None and (pmt_mask.shape != traces.shape[:2] or pmt_mask.dtype != torch.bool):
            raise ValueError(
                f"pmt_mask is {pmt_mask.dtype} of shape {tuple(pmt_mask.shape)}, "
                f"expected torch.bool of shape {tuple(traces.shape[:2])}."
            )
        if (features is None) != (self.n_features == 0) or (
            features is not None and tuple(features.shape) != (traces.shape[0], self.n_features)
        ):
            found = "no features" if features is None else f"features of shape {tuple(features.shape)}"
            wanted = f"({traces.shape[0]}, {self.n_features})" if self.n_features else "none (n_features=0)"
            raise ValueError(f"{found} came with {traces.shape[0]} stations, this network takes {wanted}.")


def _compress(x: Tensor) -> Tensor:
    """Linear around zero, logarithmic in the tails, of either sign."""
    return torch.asinh(x / NOISE_VEM) * 0.3
