"""Loads the compiled library, chooses the instruction set, and shares work among threads."""

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

NAMES = {"win32": "kernels.dll", "darwin": "libkernels.dylib"}
SETS = ("baseline", "avx2", "avx512")  # each can do what the ones before can
SWITCH = "STAC_KERNELS"
Pointer, Integer, Flag, Real = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int, ctypes.c_double
STOP = Pointer
# The arguments of each function, beside the work from and to, as the sources in c/ have them.
ARGUMENTS = {
    "minirocket": (Pointer, Pointer, Integer, Integer, Pointer, Pointer, STOP),
    "measure_windows": (Pointer, Integer, Integer, Real, *[Pointer] * 4),
    "window_distances": (Pointer, Integer, Integer, Pointer, Pointer, Pointer),
    "profile_diagonals": (Pointer, Pointer, Integer, Integer, Integer, Flag, *[Pointer] * 4, STOP),
    "profile_append": (Pointer, *[Integer] * 6, Pointer, Pointer, Pointer),
    "dtw_pairs": (*[Pointer] * 6, Integer, Integer, Pointer, Pointer, STOP),
    "dtw_envelopes": (Pointer, *[Integer] * 4, *[Pointer] * 3, STOP),
    "dtw_nearest": (*[Pointer] * 4, Integer, Integer, Real, Integer, Integer, *[Pointer] * 5, STOP),
    "z_normalize": (Pointer, Integer, Integer, Integer, Pointer, STOP),
    "copy_windows": (Pointer, Integer, Integer, Integer, Integer, Integer, Integer, Pointer, STOP),
    "resample_linear": (Pointer, Integer, Pointer, Pointer, Integer, Integer, Integer, Pointer, STOP),
    "rolling_statistics": (Pointer, Integer, Integer, Integer, Integer, *[Pointer] * 5, STOP),
    "autocorrelation": (Pointer, Integer, Integer, Integer, Integer, Pointer, Pointer, STOP),
}
_forced: str | None = None


def instruction_set() -> str:
    """Return which instruction set the kernels use now: the widest, or the one that was asked for.

    Returns
    -------
    str
        One of ``available_instruction_sets()``, or ``"off"`` where components use their numpy reference.

    Raises
    ------
    ValueError
        If the environment variable ``STAC_KERNELS`` names one that this processor does not have.
    """
    wanted = _forced or os.environ.get(SWITCH)
    sets = available_instruction_sets()
    if wanted is None:
        return sets[-1] if sets else "off"
    if wanted != "off" and wanted not in sets:
        raise ValueError(f"{SWITCH}={wanted}: this machine has {', '.join([*sets, 'off'])}; give one of these.")
    return wanted


def in_use() -> bool:
    """Return whether components call the kernels: not where they are switched off or not compiled for the platform.

    Returns
    -------
    bool
        Whether ``instruction_set()`` is not ``"off"``.

    Raises
    ------
    ValueError
        If the environment variable ``STAC_KERNELS`` names an instruction set that this processor does not have.

    Examples
    --------
    >>> with use_instruction_set("off"):
    ...     in_use()
    False
    """
    return instruction_set() != "off"


@contextmanager
def use_instruction_set(name: str) -> Any:
    """Use one instruction set, or none ("off"), as long as the ``with`` block lasts; for tests and comparisons.

    Parameters
    ----------
    name : str
        One of ``available_instruction_sets()``, or ``"off"``.

    Raises
    ------
    ValueError
        If this machine does not have it.

    Examples
    --------
    >>> with use_instruction_set("baseline"):
    ...     instruction_set()
    'baseline'
    """
    global _forced
    before, _forced = _forced, name
    try:
        instruction_set()
        yield
    finally:
        _forced = before


@cache
def available_instruction_sets() -> tuple[str, ...]:
    """Return the instruction sets that this processor has and the library is compiled for, the narrowest first.

    Returns
    -------
    tuple of str
        ``("baseline",)``, up to ``("baseline", "avx2", "avx512")``; empty where there is no library for this platform.
    """
    library = _load()
    return () if library is None else SETS[: library.kernels_level() + 1]


def kernel(name: str) -> Callable[..., None]:
    """Return the function of the library, for the instruction set in use."""
    return _function(name, instruction_set())


def in_threads(work: Callable[[int, int, Any], None], n: int, step: int, n_jobs: int | None) -> None:
    """Call ``work(from, to, stop)`` for pieces of ``range(n)``, in so many threads.

    The library releases the interpreter lock; threads live as long as the call, so that a fork finds none. On an error
    or an interruption, `stop` is set: kernels look at it and return early.
    """
    stop = ctypes.c_int32(0)
    pieces = iter(range(0, n, step))
    lock = threading.Lock()

    def run() -> None:
        while not stop.value:
            with lock:
                start = next(pieces, None)
            if start is None:
                return
            work(start, min(start + step, n), ctypes.byref(stop))

    n_threads = min(count_threads(n_jobs), -(-n // step))
    if n_threads < 2:
        run()
        return
    from concurrent.futures import ThreadPoolExecutor  # takes longer to load than the library

    with ThreadPoolExecutor(n_threads) as pool:
        workers = [pool.submit(run) for _ in range(n_threads)]
        try:
            for worker in workers:
                worker.result()
        except BaseException:  # an interruption, too: the other threads must not go on
            stop.value = 1
            raise


def count_threads(n_jobs: int | None) -> int:
    """Return how many threads to use: with None what ``OMP_NUM_THREADS`` says, or all processors, as with -1."""
    n_processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if n_jobs is None:
        asked = os.environ.get("OMP_NUM_THREADS", "")
        return int(asked) if asked.isdigit() and int(asked) else n_processors
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int | np.integer) or n_jobs == 0 or n_jobs < -1:
        raise ValueError(f"n_jobs is {n_jobs!r}: give a number of threads, -1 for one per processor, or None.")
    return n_processors if n_jobs == -1 else int(n_jobs)


@cache
def _load() -> ctypes.CDLL | None:
    file = Path(__file__).with_name(NAMES.get(sys.platform, "libkernels.so"))
    return ctypes.CDLL(str(file)) if file.is_file() else None


@cache
def _function(name: str, chosen: str) -> Callable[..., None]:
    if chosen == "off":
        raise RuntimeError(f"The kernels are off, or not compiled for this platform: unset {SWITCH}.")
    function = getattr(_load(), f"{name}_{chosen}")
    function.argtypes, function.restype = ARGUMENTS[name], None
    return function
