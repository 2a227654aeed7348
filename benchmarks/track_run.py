# /// script
# requires-python = ">=3.11"
# dependencies = ["stac-track-run[clearml]", "numpy>=1.26", "rich>=13", "mlflow>=2.20"]
#
# [tool.uv.sources]
# stac-track-run = { path = "../components/common/tracking/track-run", editable = true }
# ///
"""How much of a training does tracking take? `track_run` against raw ClearML (offline) and MLflow (files).

    python benchmarks/track_run.py              # about two minutes
    python benchmarks/track_run.py --seconds 5  # a shorter training

Every row is a program of its own. The training multiplies matrices and logs a scalar every 10 ms. Measured is the time
inside of the tracker's calls (start, scalars, end), what importing it costs, and, because trackers also work in threads
and processes, how many products the training gets done in the same time (exact only on a machine that is idle).
"""

import argparse
import contextlib
import importlib.util
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOO_LONG = 60


def no_tracking(folder, name):
    yield
    while True:
        yield


def track_run_folder(folder, name, clearml="off"):
    from stac.tracking.track_run import track_run

    yield
    with track_run("benchmark", name, {"rate": 0.1}, runs_folder=folder, clearml=clearml) as run:
        step = 0
        while (yield) is None:
            run.log_scalar("train/loss", 1 / (step + 1), step=step)
            step += 1
    yield


def track_run_clearml(folder, name):
    return track_run_folder(folder, name, clearml="offline")


def raw_clearml(folder, name):
    os.environ["CLEARML_CACHE_DIR"] = str(folder)
    from clearml import Task

    yield
    Task.set_offline(True)
    task = Task.init("benchmark", name)
    task.connect({"rate": 0.1})
    logger = task.get_logger()
    step = 0
    while (yield) is None:
        logger.report_scalar("train", "loss", 1 / (step + 1), iteration=step)
        step += 1
    task.close()
    yield


def mlflow_files(folder, name):
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    import mlflow

    yield
    mlflow.set_tracking_uri(Path(folder).as_uri())
    mlflow.set_experiment("benchmark")
    with mlflow.start_run(run_name=name):
        mlflow.log_params({"rate": 0.1})
        step = 0
        while (yield) is None:
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
            step += 1
    yield


MIRRORED = "track_run, folder and ClearML"
# Each is a generator: imports, then starts, then logs one scalar for every next, then ends on send("end").
TRACKERS = {
    "none": (no_tracking, None),
    "track_run, folder only": (track_run_folder, None),
    MIRRORED: (track_run_clearml, "clearml"),
    "raw ClearML, offline": (raw_clearml, "clearml"),
    "MLflow, files": (mlflow_files, "mlflow"),
}


def measure(tracker, scalars, seconds):
    """Return the seconds for import, start, scalars and end, and the products that the training got done."""
    import numpy as np

    matrix = np.random.default_rng(0).normal(size=(256, 256)).astype(np.float32)
    clock, spent = time.perf_counter, {"products": 0}
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        started = clock()
        steps = TRACKERS[tracker][0](folder, "baseline")
        next(steps)
        spent["import"] = clock() - started
        started = clock()
        next(steps)
        spent["start"], spent["scalars"] = clock() - started, 0.0
        begun = clock()
        for scalar in range(scalars):
            while clock() < begun + scalar * seconds / scalars:
                matrix @ matrix
                spent["products"] += 1
            started = clock()
            next(steps)
            spent["scalars"] += clock() - started
        started = clock()
        with contextlib.suppress(StopIteration):
            steps.send("end")
        spent["end"] = clock() - started
    return spent


def in_its_own_process(tracker, scalars, seconds):
    """Return what `measure` measures there; None when it took too long."""
    command = [sys.executable, __file__, "--one", tracker, str(scalars), str(seconds)]
    try:
        one_core = os.environ | {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TOO_LONG + seconds, check=True, env=one_core
        )
    except subprocess.TimeoutExpired:
        return None
    return json.loads(done.stdout.splitlines()[-1])


def seconds_to_import_clearml():
    """Return what the import takes in a process of its own, without pandas, as track_run's other process does it."""
    code = "import sys, time; sys.modules['pandas'] = None; t = time.perf_counter(); import clearml; "
    code += "print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(3)]
    return sorted(float(run.stdout.splitlines()[-1]) for run in runs)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="how long the training lasts (default: 20)")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        tracker, scalars, seconds = options.one
        print("\n" + json.dumps(measure(tracker, int(scalars), float(seconds))), flush=True)
        os._exit(0)  # what a tracker still does at exit is not training
    report(options.seconds)


def report(seconds):
    from rich.console import Console
    from rich.table import Table

    console = Console(width=120)
    table = Table("tracker", title=f"1,000 scalars at once, and a training of {seconds:g} s with 100 scalars a second")
    for column in ("import", "1,000 scalars", "ratio", "in training", "share", "ratio", "work done"):
        table.add_column(column, justify="right")
    base = untracked = beside = None
    for tracker, (_, needs) in TRACKERS.items():
        if needs and not importlib.util.find_spec(needs):
            table.add_row(tracker, f"missing: uv pip install {needs}")
            continue
        with console.status(tracker):
            short = in_its_own_process(tracker, 1000, 0)
            long = in_its_own_process(tracker, int(seconds * 100), seconds)
        if not short or not long:
            table.add_row(tracker, f"not done after {TOO_LONG} s")
            continue
        untracked = untracked or long["products"]
        work = f"{long['products'] / untracked:.0%}"
        if tracker == "none":
            table.add_row(tracker, *[""] * 6, work)
            continue
        own = [sum(spent[part] for part in ("start", "scalars", "end")) for spent in (short, long)]
        base = base or own
        table.add_row(
            tracker,
            f"{short['import']:.2f} s",
            f"{own[0]:.3f} s",
            f"{own[0] / base[0]:.0f}x",
            f"{own[1]:.3f} s",
            f"{own[1] / (seconds + own[1]):.2%}",
            f"{own[1] / base[1]:.0f}x",
            work,
        )
        if tracker == MIRRORED:
            beside = own[0] - seconds_to_import_clearml()
    console.print(table)
    if beside is not None:
        console.print(f"Of the time for 1,000 scalars with ClearML, {beside:.2f} s are not `import clearml`.")
    console.print("1,000 scalars at once leave no training in which ClearML's own process could get ready: track_run")
    console.print("waits for its import there, when it closes. In a training it waits for nothing.")


if __name__ == "__main__":
    main()
