"""Makes calibrated, aligned traces of the raw counts of water-Cherenkov stations, in blocks and in parallel."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from stac.data_processing.signal_window import cut_signal_window
from stac.data_processing.vem_calibration import to_vem_peak
from stac.data_processing.wcd_preprocessing._checks import as_mask, as_traces
from stac.data_processing.wcd_preprocessing._preprocessed import Preprocessed
from stac.data_processing.wcd_preprocessing._steps import above_baseline, fill_window, take_out_not_finite

__all__ = ["Preprocessed", "WcdPreprocessing"]

# Values in a block: few enough that the steps find it in the cache, many enough to hide numpy's calls.
BLOCK_SIZE = 512 * 1024
# Networks see this much of a longer trace, from a little before its start.
WINDOW_NS, BEFORE_NS = 3000.0, 100.0
DETECTOR_FIELDS = ("n_pmts", "n_bins", "bin_ns", "noise_adc", "n_bits", "vem_peak_adc", "vem_charge_adc", "gain_ratio")


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
    >>> counts[:, :, 240:260] += (350 * np.exp(-np.arange(20, dtype="float32") / 2.4)).round()
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
        high = as_traces("high_gain", high_gain, self.n_pmts, self.n_bins)
        if low_gain is not None:
            low_gain = as_traces("low_gain", low_gain, None, None)
            if low_gain.shape != high.shape:
                raise ValueError(
                    f"low_gain has shape {low_gain.shape}, high_gain {high.shape}: both channels need the same."
                )
            if self.gain_ratio is None:
                raise ValueError("There is a low_gain, but gain_ratio is None: say the ratio of the gains.")

        result = self._empty(high.shape, pmt_mask)
        for name in ("baseline", "noise"):
            result[name] = np.empty(high.shape[:2], np.float32)

        def work(block: slice) -> None:
            above = above_baseline(self, high, low_gain, block, result)
            fill_window(self, above, to_vem_peak(above, self.vem_peak_adc), block, result)

        self._in_blocks(work, high.shape)
        return Preprocessed(**result)

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
        traces = as_traces("traces_vem_peak", traces_vem_peak, self.n_pmts, None)
        result = self._empty(traces.shape, pmt_mask)
        peak_adc = np.asarray(self.vem_peak_adc, np.float32).reshape(-1, 1)

        def work(block: slice) -> None:
            mask = result["pmt_mask"][block]
            take_out_not_finite(self, traces[block], mask, block)
            good = np.where(mask[..., None], traces[block], 0).astype(np.float32)
            fill_window(self, good * peak_adc, good, block, result)

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

    def _empty(self, shape: tuple[int, ...], pmt_mask: Any) -> dict[str, np.ndarray]:
        """Return what the blocks fill in; wrong parameters are said here."""
        if self.on_bad_pmt not in ("raise", "mask"):
            raise ValueError(f'on_bad_pmt={self.on_bad_pmt!r} is unknown: use "raise" or "mask".')
        if self.n_jobs < 1 or (self.length is not None and self.length < 1) or self.before < 0:
            raise ValueError(
                f"n_jobs={self.n_jobs}, length={self.length}, before={self.before}: n_jobs and length must be at least "
                "1, before not negative."
            )
        n, n_pmts, n_bins = shape
        return {
            "traces_vem_peak": np.empty((n, n_pmts, self.length or n_bins), np.float32),
            "pmt_mask": as_mask(pmt_mask, (n, n_pmts)),
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
