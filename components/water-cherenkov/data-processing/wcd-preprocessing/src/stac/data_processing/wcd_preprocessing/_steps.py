"""The steps of the preprocessing on one block of stations; ``parameters`` is a ``WcdPreprocessing``."""

from typing import Any

import numpy as np

from stac.data_processing.saturation_recovery import recover_saturation
from stac.data_processing.signal_window import find_signal_window
from stac.data_processing.trace_baseline import estimate_baseline, subtract_baseline
from stac.data_processing.vem_calibration import station_signal, to_vem_charge
from stac.data_processing.wcd_preprocessing._checks import not_finite, take_out

TAIL_NS = 200.0  # of a muon's pulse, below the noise

__all__ = ["above_baseline", "fill_window", "take_out_not_finite"]


def take_out_not_finite(parameters: Any, samples: np.ndarray, mask: np.ndarray, block: slice) -> None:
    """Refuse or mask PMTs whose samples are no numbers."""
    _take_out(parameters, not_finite(samples), mask, block, "holds NaN or infinities")


def above_baseline(
    parameters: Any, high: np.ndarray, low: np.ndarray | None, block: slice, result: dict[str, np.ndarray]
) -> np.ndarray:
    """Return a block's counts above the baseline, saturation recovered."""
    counts, mask = high[block], result["pmt_mask"][block]
    take_out_not_finite(parameters, counts, mask, block)
    baseline, noise = _baseline(parameters, counts, mask)
    _take_out_baselines(parameters, baseline, mask, block, "")
    above = subtract_baseline(counts, baseline, pmt_mask=mask)

    clipped = (counts.max(axis=2) >= parameters.saturation_adc) & mask
    if low is not None and clipped.any():
        lost = _recover(parameters, above, low[block], baseline, clipped, mask, block)
        result["recovered"][block] = clipped & mask & ~lost
        clipped = lost & mask
    result["saturated"][block] = clipped
    result["baseline"][block] = baseline
    result["noise"][block] = noise
    return above


def _recover(
    parameters: Any,
    above: np.ndarray,
    low: np.ndarray,
    baseline: np.ndarray,
    clipped: np.ndarray,
    mask: np.ndarray,
    block: slice,
) -> np.ndarray:
    """Complete clipped PMTs of ``above`` from the low gain, and return which are saturated there too."""
    lost = np.zeros_like(clipped)
    weak = low[clipped][:, None]  # one PMT each; the others' low gain is never read
    lost[clipped] = not_finite(weak)[:, 0]
    _take_out(parameters, lost, mask, block, "holds NaN or infinities in the low gain")
    usable = ~lost[clipped][:, None]
    low_baseline = np.zeros_like(baseline)
    low_baseline[clipped] = _baseline(parameters, weak, usable)[0][:, 0]
    _take_out_baselines(parameters, low_baseline, mask, block, " in the low gain")

    usable = mask[clipped]
    rows = np.nonzero(clipped & mask)
    traces, saturated = recover_saturation(
        above[rows][:, None],
        subtract_baseline(weak[usable], low_baseline[rows][:, None]),
        gain_ratio=parameters.gain_ratio,
        saturation_adc=parameters.saturation_adc - baseline[rows][:, None],
        low_gain_saturation_adc=parameters.saturation_adc - low_baseline[rows][:, None],
    )
    above[rows], lost[rows] = traces[:, 0], saturated[:, 0]
    above[~mask] = 0
    return lost


def fill_window(
    parameters: Any, above: np.ndarray, traces: np.ndarray, block: slice, result: dict[str, np.ndarray]
) -> None:
    """Find the signal of a block's stations, and fill in its window, sum and samples."""
    mask = result["pmt_mask"][block]
    start, stop = find_signal_window(
        traces,
        mask,
        bin_ns=parameters.bin_ns,
        threshold=parameters.threshold,
        min_pmts=parameters.min_pmts,
        max_gap_ns=parameters.max_gap_ns,
        look_back=parameters.look_back,
        look_ahead=parameters.look_ahead,
    )
    charge = to_vem_charge(above, parameters.vem_charge_adc, start=start, stop=stop)
    result["start"][block], result["stop"][block] = start, stop
    result["signal_vem_charge"][block] = station_signal(charge, mask)
    result["traces_vem_peak"][block] = parameters.cut(traces, start)


def _baseline(parameters: Any, counts: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    tail = round(TAIL_NS / parameters.bin_ns)
    return estimate_baseline(counts, n_bins=parameters.baseline_bins, pmt_mask=mask, tail=tail)


def _take_out(parameters: Any, bad: np.ndarray, mask: np.ndarray, block: slice, what: str) -> None:
    take_out(bad, mask, what, on_bad_pmt=parameters.on_bad_pmt, first=block.start)


def _take_out_baselines(parameters: Any, baseline: np.ndarray, mask: np.ndarray, block: slice, where: str) -> None:
    room = np.max(parameters.vem_peak_adc)
    _take_out(parameters, baseline < 0, mask, block, f"has a negative baseline{where}")
    _take_out(parameters, baseline > parameters.saturation_adc - room, mask, block, f"has a saturated baseline{where}")
