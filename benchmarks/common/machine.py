"""What the machine can do at most: floors that a kernel is held against."""

import ctypes
import os
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Thread

import numpy as np

PROCESSORS = {"baseline": ("x86_64", 2), "avx2": ("x86_64_v3", 4), "avx512": ("x86_64_v4", 8)}  # doubles in a vector
LIBRARY = "MACHINE_LIBRARY"


def compile_probes(python: str, instruction_set: str, folder: Path) -> None:
    """Compile machine.c for an instruction set with ziglang, which this Python has; processes started later find it."""
    processor, lanes = PROCESSORS[instruction_set]
    if os.uname().machine in ("aarch64", "arm64"):
        processor = "generic"
    library = folder / "machine.so"
    flags = ("-std=c11", "-O3", "-shared", "-fPIC", "-fno-sanitize=all", f"-mcpu={processor}", f"-DLANES={lanes}")
    source = Path(__file__).with_suffix(".c")
    subprocess.run([python, "-m", "ziglang", "cc", *flags, str(source), "-o", str(library)], check=True)
    os.environ[LIBRARY] = str(library)


def arithmetic(**cells: int) -> Callable[[], None]:
    """Return what does the bare arithmetic of so many cells, named as in machine.c, shared among the threads."""
    n_threads = int(os.environ.get("OMP_NUM_THREADS", "1"))

    def share() -> None:
        for name, n in cells.items():
            getattr(_library(), name)(ctypes.c_int64(n // n_threads))

    def work() -> None:
        threads = [Thread(target=share) for _ in range(n_threads - 1)]
        for thread in threads:
            thread.start()
        share()
        for thread in threads:
            thread.join()

    return work


def reading_and_writing(read: np.ndarray, *written: tuple[tuple[int, ...], type]) -> Callable[[], None]:
    """Return what reads the bytes of an array, as a sum of whole numbers, and fills new arrays.

    A function that returns arrays must take fresh memory, which the system clears first: that is part of the floor.
    """
    numbers = read.reshape(-1)[: read.size // 2 * 2].view(np.uint64)  # the widest, so that adding them costs nothing

    def work() -> None:
        np.add.reduce(numbers)
        for shape, dtype in written:
            np.empty(shape, dtype).fill(1)

    return work


def copying(X: np.ndarray) -> Callable[[], np.ndarray]:
    """Return what reads all bytes and writes as many into a new array."""
    return lambda: np.copyto(np.empty_like(X), X)


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(os.environ[LIBRARY])
