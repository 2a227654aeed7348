"""Makes calibrated, aligned traces of the raw counts of water-Cherenkov stations, in blocks and in parallel."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from stac.data_processing.saturation_recovery import recover_saturation
from stac.data_processing.signal_window import cut_signal_window, find_signal_window
from stac.data_processing.trace_baseline import estimate_baseline, subtract_baseline
from stac.data_processing.vem_calibration import station_signal, to_vem_charge, to_vem_peak

__all__ = ["Preprocessed", "WcdPreprocessing"]

# Values in a block: few enough that the steps find it in the cache, many enough to hide numpy's calls.
BLOCK_SIZE = 192 * 1024
# Networks see this much of a longer trace, from a little before its start.
WINDOW_NS, BEFORE_NS = 3000.0, 100.0
DETECTOR_FIELDS = ("n_pmts", "n_bins", "bin_ns", "noise_adc", "n_bits", "vem_peak_adc", "vem_charge_adc", "gain_ratio")


@dataclass(frozen=True, eq=False)
class Preprocessed:
    """Calibrated stations, as `WcdPreprocessing` makes them.

    Attributes
    ----------
    traces_vem_peak : ndarray of shape (n_stations, n_pmts, length), float32
        Samples above the baseline in VEM peak; 0 for missing photomultipliers (PMTs) and outside the trace.
    pmt_mask : ndarray of bool of shape (n_stations, n_pmts)
        True = the PMT is there and works.
    signal_vem_charge : ndarray of shape (n_stations,), float32
        Signal between start and stop in VEM charge, mean of the working PMTs.
    start, stop : ndarray of int of shape (n_stations,)
        The signal's bins in the trace as it was passed: ``start <= bin < stop``; both 0 where there is none.
    saturated : ndarray of bool of shape (n_stations, n_pmts)
        Saturated beyond recovery: the signal is a lower limit.
    recovered : ndarray of bool of shape (n_stations, n_pmts)
        Saturated in the high gain, and completed from the low gain.
    baseline, noise : ndarray of shape (n_stations, n_pmts), float32, or None
        Of the high gain, in ADC counts; None if the traces came calibrated.
    """

    traces_vem_peak: np.ndarray
    pmt_mask: np.ndarray
    signal_vem_charge: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    saturated: np.ndarray
    recovered: np.ndarray
    baseline: np.ndarray | None = None
    noise: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.traces_vem_peak)

    @property
    def usable(self) -> np.ndarray:
        """Stations (n_stations,) with a working PMT and a signal."""
        return self.pmt_mask.any(axis=1) & (self.stop > self.start)


@dataclass(frozen=True)
class WcdPreprocessing:
    """Baseline, saturation, calibration and signal window in one; the defaults are Auger's first electronics.

    Parameters
    ----------
    bin_ns : float, default=25.0
        Width of a bin in ns.
    vem_peak_adc, vem_charge_adc : float, or one for each PMT, default=35.0 and 113.0
        Height of the pulse of a vertical muon in counts, and its area in counts times bins.
    gain_ratio : float or None, default=32.0
        High gain over low gain.
    saturation_adc : float, default=1023.0
        Largest value of the ADC, baseline included.
    length : int or None, default=120
        Bins of the traces that come out, with the signal's start at bin ``before``; None keeps traces as they are.
    before : int, default=4
        Bins kept before the start of the signal.
    n_pmts, n_bins : int, optional
        What the traces must have; None takes any.
    baseline_bins : int, optional
        Bins without signal at the start of each trace; by default 100, or a quarter of the trace if that is less.
    threshold : float, default=0.1
        In VEM peak: what counts as signal; with ``min_pmts``, ``max_gap_ns``, ``look_back`` and ``look_ahead`` as in
        `stac.data_processing.signal_window.find_signal_window`.
    on_bad_pmt : {"raise", "mask"}, default="raise"
        What to do with a working PMT whose samples hold NaN or infinities, or whose baseline is negative or leaves no
        room for one VEM below saturation: an error that names it, or it counts as missing.
    n_jobs : int, default=1
        Threads; blocks of stations are independent.

    Examples
    --------
    >>> import numpy as np
    >>> counts = np.random.default_rng(0).normal(50, 0.5, (10, 3, 768)).round().astype("float32")
    >>> counts[:, :, 240:260] += 350 * np.exp(-np.arange(20, dtype="float32") / 2.4).round()
    >>> result = WcdPreprocessing().transform(counts)
    >>> result.traces_vem_peak.shape, result.start.tolist()[:3], bool(abs(result.signal_vem_charge - 9.1).max() < 0.5)
    ((10, 3, 120), [239, 239, 239], True)
    """

    bin_ns: float = 25.0
    vem_peak_adc: float | tuple[float, ...] = 35.0
    vem_charge_adc: float | tuple[float, ...] = 113.0
    gain_ratio: float | None = 32.0
    saturation_adc: float = 1023.0
    length: int | None = 120
    before: int = 4
    n_pmts: int | None = None
    n_bins: int | None = None
    baseline_bins: int | None = None
    threshold: float = 0.1
    min_pmts: int = 2
    max_gap_ns: float = 500.0
    look_back: int = 1
    look_ahead: int = 1
    on_bad_pmt: str = "raise"
    n_jobs: int = 1

    @classmethod
    def for_detector(cls, detector: Any, **parameters: Any) -> Self:
        """Make the preprocessing that fits a detector.

        Parameters
        ----------
        detector : object
            With the attributes ``n_pmts, n_bins, bin_ns, noise_adc, n_bits, vem_peak_adc, vem_charge_adc, gain_ratio``
            and, if there is one, ``start_bin`` (where signals begin), as the detectors of
            `stac.data_ingestion.wcd_simulator` have them.
        **parameters
            Parameters of `WcdPreprocessing` that shall be other than the detector suggests.

        Returns
        -------
        WcdPreprocessing
            Traces longer than 3 µs are cut to 3 µs from 100 ns before the signal; the threshold is at least five
            times the noise.

        Raises
        ------
        TypeError
            If something that describes no detector is passed, such as a name.
        """
        missing = [name for name in DETECTOR_FIELDS if not hasattr(detector, name)]
        if missing:
            raise TypeError(
                f"detector={detector!r:.60} describes no electronics: it has no {', '.join(missing[:3])}. Pass a "
                "Detector, or give WcdPreprocessing the parameters themselves."
            )
        long = detector.n_bins * detector.bin_ns > WINDOW_NS
        start_bin = getattr(detector, "start_bin", None)
        suggested = {
            "bin_ns": detector.bin_ns,
            "vem_peak_adc": detector.vem_peak_adc,
            "vem_charge_adc": detector.vem_charge_adc,
            "gain_ratio": detector.gain_ratio,
            "saturation_adc": 2.0**detector.n_bits - 1,
            "length": round(WINDOW_NS / detector.bin_ns) if long else None,
            "before": round(BEFORE_NS / detector.bin_ns) if long else 0,
            "n_pmts": detector.n_pmts,
            "n_bins": detector.n_bins,
            "baseline_bins": None if start_bin is None else max(1, start_bin - start_bin // 10),
            "threshold": max(0.1, 5 * detector.noise_adc / detector.vem_peak_adc),
        }
        return cls(**{**suggested, **parameters})

    def transform(
        self, high_gain: np.ndarray, low_gain: np.ndarray | None = None, pmt_mask: np.ndarray | None = None
    ) -> Preprocessed:
        """Calibrate raw counts.

        Parameters
        ----------
        high_gain : ndarray of shape (n_stations, n_pmts, n_bins)
            ADC counts with baseline, whole numbers or floats; they are not changed.
        low_gain : ndarray of the same shape, optional
            The low-gain channel; it is only looked at where the high gain is saturated.
        pmt_mask : ndarray of bool of shape (n_stations, n_pmts), optional
            True = the PMT is there and works; samples of the others do not matter.

        Returns
        -------
        Preprocessed
            A station without a working PMT stays in its row, with zeros; see ``usable``.

        Raises
        ------
        ValueError
            If shapes do not fit, no PMT of any station works, or as ``on_bad_pmt`` says.
        TypeError
            If the traces do not hold numbers.
        """
        high = self._checked("high_gain", high_gain, self.n_bins)
        mask = _as_mask(pmt_mask, high.shape[:2])
        if low_gain is not None:
            low_gain = self._checked("low_gain", low_gain, self.n_bins)
            if low_gain.shape != high.shape:
                raise ValueError(
                    f"low_gain has shape {low_gain.shape}, high_gain {high.shape}: both channels need the same."
                )
            if self.gain_ratio is None:
                raise ValueError("There is a low_gain, but gain_ratio is None: say the ratio of the gains.")

        result = self._empty(high.shape, mask)
        baseline = np.zeros(mask.shape, np.float32)
        noise = np.zeros(mask.shape, np.float32)

        def work(block: slice) -> None:
            above = self._above_baseline(high, low_gain, block, result, baseline, noise)
            traces = to_vem_peak(above, self.vem_peak_adc)
            self._window(above, traces, block, result)

        self._in_blocks(work, high.shape)
        return Preprocessed(**result, baseline=baseline, noise=noise)

    def transform_calibrated(self, traces_vem_peak: np.ndarray, pmt_mask: np.ndarray | None = None) -> Preprocessed:
        """Find, sum and cut the signal of traces that are calibrated already, such as open data.

        Parameters
        ----------
        traces_vem_peak : ndarray of shape (n_stations, n_pmts, n_bins)
            Samples above the baseline in VEM peak; any number of bins.
        pmt_mask : ndarray of bool of shape (n_stations, n_pmts), optional
            True = the PMT is there and works.

        Returns
        -------
        Preprocessed
            Without baseline and noise, and nothing flagged as saturated.

        Raises
        ------
        ValueError
            As in ``transform``.
        TypeError
            If the traces do not hold numbers.
        """
        traces = self._checked("traces_vem_peak", traces_vem_peak, None)
        result = self._empty(traces.shape, _as_mask(pmt_mask, traces.shape[:2]))

        def work(block: slice) -> None:
            self._mask_bad_samples(traces[block], result["pmt_mask"][block], block.start)
            good = np.where(result["pmt_mask"][block][..., None], traces[block], 0).astype(np.float32)
            counts = good * np.asarray(self.vem_peak_adc, np.float32).reshape(-1, 1)
            self._window(counts, good, block, result)

        self._in_blocks(work, traces.shape)
        return Preprocessed(**result)

    def cut(self, traces: np.ndarray, start: np.ndarray) -> np.ndarray:
        """Cut something else that goes with the traces, such as the true muon trace, in the same way.

        Parameters
        ----------
        traces : ndarray of shape (n_stations, n_bins) or (n_stations, n_channels, n_bins)
            What goes with the traces, bin by bin.
        start : ndarray of int of shape (n_stations,)
            ``start`` of the `Preprocessed` stations.

        Returns
        -------
        ndarray of shape (n_stations, length) or (n_stations, n_channels, length)
            Aligned with ``traces_vem_peak``.
        """
        traces = np.asarray(traces)
        if self.length is None:
            return traces
        if traces.ndim == 2:
            return cut_signal_window(traces[:, None], start, self.length, before=self.before)[:, 0]
        return cut_signal_window(traces, start, self.length, before=self.before)

    def _above_baseline(
        self,
        high: np.ndarray,
        low: np.ndarray | None,
        block: slice,
        result: dict[str, np.ndarray],
        baseline: np.ndarray,
        noise: np.ndarray,
    ) -> np.ndarray:
        """Return a block's counts above the baseline, saturation recovered."""
        counts, mask = high[block], result["pmt_mask"][block]
        self._mask_bad_samples(counts, mask, block.start)
        n_bins = self.baseline_bins
        baseline[block], noise[block] = estimate_baseline(counts, n_bins=n_bins, pmt_mask=mask)
        self._mask_bad_baselines(baseline[block], mask, block.start)
        above = subtract_baseline(counts, np.where(mask, baseline[block], 0), pmt_mask=mask)

        clipped = (counts.max(axis=2) >= self.saturation_adc) & mask
        result["saturated"][block] = clipped
        if low is not None and clipped.any():
            rows = np.nonzero(clipped)
            weak = low[block][rows][:, None]
            weak_baseline, _ = estimate_baseline(weak, n_bins=n_bins)
            above[rows], lost = (
                array[:, 0]
                for array in recover_saturation(
                    above[rows][:, None],
                    subtract_baseline(weak, weak_baseline),
                    gain_ratio=self.gain_ratio,
                    saturation_adc=self.saturation_adc - baseline[block][rows][:, None],
                    low_gain_saturation_adc=self.saturation_adc - weak_baseline,
                )
            )
            result["saturated"][block][rows] = lost
            result["recovered"][block][rows] = ~lost
        return above

    def _window(self, above: np.ndarray, traces: np.ndarray, block: slice, result: dict[str, np.ndarray]) -> None:
        mask = result["pmt_mask"][block]
        start, stop = find_signal_window(
            traces,
            mask,
            bin_ns=self.bin_ns,
            threshold=self.threshold,
            min_pmts=self.min_pmts,
            max_gap_ns=self.max_gap_ns,
            look_back=self.look_back,
            look_ahead=self.look_ahead,
        )
        charge = to_vem_charge(above, self.vem_charge_adc, start=start, stop=stop)
        result["start"][block], result["stop"][block] = start, stop
        result["signal_vem_charge"][block] = station_signal(charge, mask)
        result["traces_vem_peak"][block] = self.cut(traces, start)

    def _mask_bad_samples(self, samples: np.ndarray, mask: np.ndarray, first: int) -> None:
        if samples.dtype.kind != "f":
            return
        with np.errstate(invalid="ignore"):
            bad = ~np.isfinite(samples.sum(axis=2)) & mask
        self._mask_bad(bad, mask, first, "holds NaN or infinities")

    def _mask_bad_baselines(self, baseline: np.ndarray, mask: np.ndarray, first: int) -> None:
        room = np.max(self.vem_peak_adc)
        self._mask_bad((baseline < 0) & mask, mask, first, "has a negative baseline")
        self._mask_bad((baseline > self.saturation_adc - room) & mask, mask, first, "has a saturated baseline")

    def _mask_bad(self, bad: np.ndarray, mask: np.ndarray, first: int, what: str) -> None:
        if not bad.any():
            return
        if self.on_bad_pmt == "raise":
            station, pmt = np.argwhere(bad)[0]
            raise ValueError(
                f"PMT {pmt} of station {first + station} {what}: mark it as missing in pmt_mask, or let "
                'on_bad_pmt="mask" do so.'
            )
        mask &= ~bad

    def _checked(self, name: str, traces: Any, n_bins: int | None) -> np.ndarray:
        """Return traces of the right kind and shape; wrong parameters are said here too."""
        if self.on_bad_pmt not in ("raise", "mask"):
            raise ValueError(f'on_bad_pmt={self.on_bad_pmt!r} is unknown: use "raise" or "mask".')
        if self.n_jobs < 1 or (self.length is not None and self.length < 1) or self.before < 0:
            raise ValueError(
                f"n_jobs={self.n_jobs}, length={self.length}, before={self.before}: n_jobs and length must be at least "
                "1, before not negative."
            )
        traces = np.asarray(traces)
        if traces.dtype.kind not in "fiu":
            raise TypeError(f"{name} holds {traces.dtype}, expected numbers: convert it with .astype('float32').")
        expected = f"(n_stations, {self.n_pmts or 'n_pmts'}, {n_bins or 'n_bins'})"
        if traces.ndim != 3 or 0 in traces.shape[1:]:
            raise ValueError(f"{name} has shape {traces.shape}, expected {expected}.")
        if self.n_pmts not in (None, traces.shape[1]) or n_bins not in (None, traces.shape[2]):
            raise ValueError(
                f"{name} has shape {traces.shape}, expected {expected}: these traces are of another detector, or cut."
            )
        return traces

    def _empty(self, shape: tuple[int, ...], mask: np.ndarray) -> dict[str, np.ndarray]:
        n, n_pmts, n_bins = shape
        if n and not mask.any():
            raise ValueError(f"No PMT of any of the {n} stations works: pmt_mask is False everywhere.")
        return {
            "traces_vem_peak": np.empty((n, n_pmts, self.length or n_bins), np.float32),
            "pmt_mask": mask,
            "signal_vem_charge": np.empty(n, np.float32),
            "start": np.empty(n, np.int64),
            "stop": np.empty(n, np.int64),
            "saturated": np.zeros((n, n_pmts), bool),
            "recovered": np.zeros((n, n_pmts), bool),
        }

    def _in_blocks(self, work: Callable[[slice], None], shape: tuple[int, ...]) -> None:
        step = max(1, BLOCK_SIZE // (shape[1] * shape[2]))
        blocks = [slice(start, min(start + step, shape[0])) for start in range(0, shape[0], step)]
        if self.n_jobs == 1 or len(blocks) < 2:
            for block in blocks:
                work(block)
            return
        with ThreadPoolExecutor(self.n_jobs) as pool:
            list(pool.map(work, blocks))


def _as_mask(mask: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return a mask of our own, that bad PMTs can be taken out of."""
    if mask is None:
        return np.ones(shape, bool)
    mask = np.asarray(mask)
    if mask.shape != shape:
        raise ValueError(f"pmt_mask has shape {mask.shape}, expected {shape}: one value per station and PMT.")
    return mask.astype(bool)
