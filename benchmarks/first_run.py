# /// script
# requires-python = ">=3.11"
# dependencies = ["rich"]
# ///
"""From `cookiecutter` to a finished, reported run, stage by stage, as a user would do it.

make index && python benchmarks/first_run.py

Needs cookiecutter (in .venv after `make index`) and a uv cache that has seen the packages: the first round fills it and
is not counted.
"""

import os
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
N_ROUNDS = 3


def round_trip(folder: Path) -> dict[str, float]:
    """Make a project in an empty folder, install it and train; return the seconds of each stage."""
    cookiecutter = ROOT / ".venv" / "bin" / "cookiecutter"
    stages = {
        "cookiecutter": ([cookiecutter, ROOT, "--no-input", "--output-dir", folder], folder),
        "make install": (["make", "install"], folder / "leaf_shapes"),
        "make train": (["make", "train"], folder / "leaf_shapes"),
    }
    dropped = ("MAKE", "MFLAGS", "VIRTUAL_ENV", "CLEARML", "STAC")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    seconds = {}
    for name, (command, cwd) in stages.items():
        start = time.perf_counter()
        subprocess.run(command, cwd=cwd, env=environment, check=True, capture_output=True)
        seconds[name] = time.perf_counter() - start
    (report,) = folder.glob("leaf_shapes/runs/*/report.html")
    assert "OSULeaf" in report.read_text("utf-8")
    return seconds


def main() -> None:
    """Print the median seconds of each stage."""
    rounds = []
    for _ in range(1 + N_ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(round_trip(Path(folder)))
    table = Table("stage", "median seconds", title=f"from nothing to a reported run, {N_ROUNDS} rounds")
    for stage in rounds[0]:
        table.add_row(stage, f"{median(seconds[stage] for seconds in rounds[1:]):.1f}")
    table.add_row("together", f"{median(sum(seconds.values()) for seconds in rounds[1:]):.1f}", style="bold")
    Console().print(table)


if __name__ == "__main__":
    main()
