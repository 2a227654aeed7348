"""Runs the same work in turn, ours and the peers', each in a process of an interpreter that has it.

A worker is this file run by that interpreter: it imports one benchmark, which must not need more than numpy for that,
and calls what the benchmark's function `competitor(work, name)` returns. Workers live as long as the benchmark: what a
peer compiles, it compiles once.
"""

import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve()
SHORTEST = 0.002  # seconds: what takes less is repeated, as clocks have a resolution
LONG = 5  # seconds: what takes more to start is not repeated
NEEDS = {
    "aeon": ("aeon", "numba", "pandas", "deprecated"),
    "sktime": ("sktime", "numba", "pandas"),
    "tsai": ("tsai", "torch"),
    "tslearn": ("tslearn", "numba"),
    "stumpy": ("stumpy", "numba"),
    "pandas": ("pandas",),
    "statsmodels": ("statsmodels", "pandas"),
    "ziglang": ("ziglang",),
}


def find_peers(names: Iterable[str], interpreters: list[str]) -> dict[str, str]:
    """Return for each library the first interpreter that has it, ours last; name those that are missing."""
    found = {"ours": sys.executable}
    for name in names:
        for python in [*interpreters, sys.executable]:
            code = f"import importlib.util, sys; sys.exit(not all(map(importlib.util.find_spec, {NEEDS[name]})))"
            if subprocess.run([python, "-c", code], check=False).returncode == 0:
                found[name] = python
                break
        else:
            print(f"{name} is missing and left out; it comes with: uv pip install {' '.join(NEEDS[name])}")
    return found


def child(python: str, code: str, *arguments: object, **environment: str) -> list:
    """Run code in a process of its own and return what its last line says."""
    command = [python, "-c", code, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)
    if result.returncode:
        raise SystemExit(f"{python} failed:\n{result.stderr}")
    return json.loads(result.stdout.splitlines()[-1])


def show_first_use(title: str, codes: dict[str, str], pythons: dict[str, str], *arguments: object) -> None:
    """Print what import and first use take in new processes, of all those whose code is given.

    Each code prints its seconds of both. It runs first where numba has compiled nothing, then with what that left in
    numba's cache: three times, and the best counts, or once if that takes long.
    """
    from rich.console import Console
    from rich.table import Table

    columns = "import s", "first use s", "sum s", "times ours", "nothing compiled yet: sum s", "times ours"
    table = Table("", *columns, title=title)
    ours = []
    for name in [name for name in codes if name in pythons]:
        with tempfile.TemporaryDirectory() as cache:
            runs = []
            while len(runs) < 2 or (len(runs) < 4 and sum(runs[-1]) < LONG):
                runs.append(child(pythons[name], codes[name], *arguments, NUMBA_CACHE_DIR=cache))
        warm, cold = min(runs[1:], key=sum), runs[0]
        ours = ours or [sum(warm), sum(cold)]
        cells = [f"{seconds:.2f}" for seconds in (*warm, sum(warm))]
        ratios = f"{sum(warm) / ours[0]:.1f}x", f"{sum(cold) / ours[1]:.1f}x"
        table.add_row(name, *cells, ratios[0], f"{sum(cold):.2f}", ratios[1])
    Console(width=120).print(table)


class Worker:
    """A process of one interpreter that prepares work and runs it when told."""

    def __init__(self, python: str, benchmark: str, threads: int) -> None:
        variables = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - what peers warn of, as long as the worker lives
        environment = os.environ | dict.fromkeys(variables, str(threads))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._said, "text": True}
        self._process = subprocess.Popen([python, str(HERE), benchmark], **pipes, env=environment)

    def prepare(self, work: str, name: str, data: Path) -> Any:
        """Load a competitor, run it once, which compiles what must be, and return its result."""
        self._ask("prepare", work, name, str(data))
        result = data.with_suffix(".result.npy")
        try:
            return np.load(result)
        finally:
            result.unlink()

    def run(self, work: str, name: str) -> tuple[float, float]:
        """Run it again; return seconds on the wall and of the processor, of all threads together."""
        return tuple(self._ask("run", work, name))

    def forget(self) -> None:
        """Drop all that was prepared, with its data."""
        self._ask("forget")

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait()

    def _ask(self, *request: str) -> Any:
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            self._said.seek(0)
            raise SystemExit(f"{self._process.args[0]} failed at {' '.join(request)}:\n{self._said.read()}")
        return json.loads(answer)


def serve(benchmark: str) -> None:
    """Answer one request after the other, as a worker does."""
    warnings.filterwarnings("ignore")
    answers, sys.stdout = sys.stdout, sys.stderr  # what peers print is no answer
    sys.path[0] = str(HERE.parents[1])
    competitor = importlib.import_module(benchmark).competitor
    prepared: dict[tuple[str, str], Any] = {}
    data: dict[str, dict[str, np.ndarray]] = {}
    for line in sys.stdin:
        request, *arguments = json.loads(line)
        answer = None
        if request == "forget":
            prepared.clear()
            data.clear()
        elif request == "prepare":
            work, name, file = arguments
            if file not in data:
                with np.load(file) as arrays:
                    data[file] = dict(arrays)
            prepared[work, name] = competitor(work, name)(data[file])
            result = prepared[work, name]()
            np.save(Path(file).with_suffix(".result.npy"), np.zeros(0) if result is None else np.asarray(result))
        else:
            answer = seconds_of(prepared[tuple(arguments)])
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def seconds_of(function: Any) -> tuple[float, float]:
    """Return seconds on the wall and of the processor, of all threads together, of one call."""
    gc.collect()
    wall, processor, repeats = time.perf_counter(), time.process_time(), 0
    while repeats == 0 or time.perf_counter() - wall < SHORTEST:
        function()
        repeats += 1
    return (time.perf_counter() - wall) / repeats, (time.process_time() - processor) / repeats


if __name__ == "__main__":
    serve(sys.argv[1])
