"""Recovers large signals: where the high-gain channel is saturated, the low-gain channel tells the sample."""

from typing import Any

import numpy as np

__all__ = ["recover_saturation"]

# A sample counts as saturated from half a count below the limit on: subtracting a baseline rounds.
TOLERANCE_ADC = 0.5


def recover_saturation(
    high_gain: np.ndarray,
    low_gain: np.ndarray | None = None,
    *,
    gain_ratio: float | np.ndarray = 32.0,
    saturation_adc: float | np.ndarray,
    low_gain_saturation_adc: float | np.ndarray | None = None,
    pmt_mask: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Replace the saturated bins of the high-gain channel by low gain times the ratio of gains.

    Only the saturated bins are replaced, so the others keep the finer resolution of the high gain. (Auger's own
    reconstruction takes the whole trace from the low gain as soon as one bin is saturated.)

    Parameters
    ----------
    high_gain : ndarray of shape (n_stations, n_pmts, n_bins)
        Counts of the high-gain channel (Auger: dynode) above its baseline; they are not changed.
    low_gain : ndarray of the same shape, optional
        Counts of the low-gain channel (Auger: anode) above its baseline. None: there is no such channel.
    gain_ratio : float, or ndarray of shape (n_pmts,) or (n_stations, n_pmts), default=32
        Counts of high gain for one count of low gain; Auger's dynodes have nominally 32.
    saturation_adc : float, or ndarray of shape (n_pmts,) or (n_stations, n_pmts)
        Where the high gain saturates, *above the baseline*: the largest ADC value minus the baseline.
    low_gain_saturation_adc : like ``saturation_adc``, optional
        The same of the low gain; by default that of the high gain.
    pmt_mask : ndarray of bool of shape (n_stations, n_pmts), optional
        True = the photomultiplier (PMT) is there and works; samples of the others become 0.

    Returns
    -------
    traces : ndarray of shape (n_stations, n_pmts, n_bins), float32
        High-gain counts above the baseline, up to ``gain_ratio`` times the range of the ADC.
    saturated : ndarray of bool of shape (n_stations, n_pmts)
        True where even the low gain is saturated in a bin that the high gain does not show (or where there is no low
        gain): these signals are lower limits.

    Raises
    ------
    ValueError
        If shapes do not fit, the gain ratio is not positive, or a saturation value is not above the baseline.
    TypeError
        If the traces do not hold numbers.

    References
    ----------
    The two ranges of Auger's stations: I. Allekotte et al., NIM A 586 (2008) 409, doi:10.1016/j.nima.2007.12.016.

    Examples
    --------
    >>> import numpy as np
    >>> high, low = np.array([[[10, 973, 500]]]), np.array([[[0, 62, 16]]])
    >>> traces, saturated = recover_saturation(high, low, gain_ratio=32, saturation_adc=1023 - 50)
    >>> traces.tolist(), saturated.tolist()
    ([[[10.0, 1984.0, 500.0]]], [[False]])
    """
    high = _as_traces("high_gain", high_gain)
    shape = high.shape[:2]
    mask = _as_mask(pmt_mask, shape)
    limit = _positive("saturation_adc", saturation_adc, mask) - TOLERANCE_ADC
    if low_gain is not None:
        low_gain = _as_traces("low_gain", low_gain)
        if low_gain.shape != high.shape:
            raise ValueError(
                f"low_gain has shape {low_gain.shape}, high_gain {high.shape}: both channels need the same."
            )
        ratio = _positive("gain_ratio", gain_ratio, mask)
        other = saturation_adc if low_gain_saturation_adc is None else low_gain_saturation_adc
        low_limit = _positive("low_gain_saturation_adc", other, mask) - TOLERANCE_ADC

    traces = high.astype(np.float32)
    traces[~mask] = 0
    saturated = (traces.max(axis=2) >= limit) & mask
    if low_gain is None or not saturated.any():
        return traces, saturated

    rows = np.nonzero(saturated)  # few: the work below is done for them alone
    bright = traces[rows]
    dim = low_gain[rows].astype(np.float32)
    clipped = bright >= limit[rows][:, None]
    # Never below what the high gain has seen for sure.
    recovered = np.maximum(dim * ratio[rows][:, None], bright)
    traces[rows] = np.where(clipped, recovered, bright)
    saturated[rows] = (clipped & (dim >= low_limit[rows][:, None])).any(axis=1)
    return traces, saturated


def _positive(name: str, value: Any, mask: np.ndarray) -> np.ndarray:
    """Return one positive value for each station and PMT; infinity for the missing ones."""
    try:
        values = np.broadcast_to(np.asarray(value, np.float32), mask.shape)
    except (ValueError, TypeError):
        raise ValueError(
            f"{name} is {value!r:.60}, expected a number, or an array of shape {mask.shape[1:]} or {mask.shape}."
        ) from None
    if not (values[mask] > 0).all():
        worst = values[mask].min()
        raise ValueError(f"{name} must be positive (counts above the baseline, or a ratio), it holds {worst}.")
    return np.where(mask, values, np.inf).astype(np.float32)


def _as_traces(name: str, traces: Any) -> np.ndarray:
    traces = np.asarray(traces)
    if traces.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {traces.dtype}, expected numbers: convert it with .astype('float32').")
    if traces.ndim != 3 or 0 in traces.shape[1:]:
        raise ValueError(
            f"{name} has shape {traces.shape}, expected (n_stations, n_pmts, n_bins): {name}[None] makes one station "
            "of (n_pmts, n_bins)."
        )
    return traces


def _as_mask(mask: Any, shape: tuple[int, int]) -> np.ndarray:
    if mask is None:
        return np.ones(shape, bool)
    mask = np.asarray(mask)
    if mask.shape != shape:
        raise ValueError(f"pmt_mask has shape {mask.shape}, expected {shape}: one value per station and PMT.")
    return mask.astype(bool)
