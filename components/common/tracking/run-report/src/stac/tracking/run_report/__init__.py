"""Write one self-contained HTML page that shows what a run did and how it compares with the runs before it."""

import argparse
import os
import sys
import tempfile
import webbrowser
from pathlib import Path

from stac.tracking.run_report._page import render
from stac.tracking.track_run import read_run

__all__ = ["main", "write_report"]


def write_report(run_folder: str | Path, output: str | Path | None = None, max_previous: int = 20) -> Path:
    """Write the report of a run: one HTML file that needs no network and opens from disk.

    Parameters
    ----------
    run_folder
        A folder `track_run` wrote, whatever became of the run: completed, failed, killed, still running.
    output
        Where to write; `report.html` in the run folder when not given.
    max_previous
        How many earlier runs of the same project, in the same folder of runs, to compare with at most.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ValueError
        When the folder holds no run, or `max_previous` is negative.
    OSError
        When the file can't be written; an older report is then left as it was.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from stac.tracking.track_run import track_run
    >>> with TemporaryDirectory() as folder:
    ...     with track_run(project="leaves", name="first", runs_folder=folder, clearml="off") as run:
    ...         run.log_scalar("accuracy", 0.9)
    ...     write_report(run.folder).name
    'report.html'
    """
    folder = Path(run_folder)
    if max_previous < 0:
        raise ValueError(f"max_previous must be 0 or more, not {max_previous}.")
    check_run_folder(folder)
    target = Path(output) if output is not None else folder / "report.html"
    write_atomically(target, render(read_run(folder), target.parent, max_previous))
    return target


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="run-report",
        description="Write the report of a run: one HTML page that opens from disk and needs no network.",
        epilog="examples:\n  run-report --open\n  run-report runs/20261121-103300-baseline-1a2b --output baseline.html",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run_folder", nargs="?", type=Path, help="the run's folder (default: the newest in runs/)")
    parser.add_argument("--output", type=Path, help="where to write (default: report.html in the run's folder)")
    parser.add_argument("--open", action="store_true", help="show the page in the browser afterwards")
    options = parser.parse_args(arguments)
    try:
        report = write_report(options.run_folder or newest_run(Path("runs")), options.output)
    except (OSError, ValueError) as error:
        print(f"run-report: {error}", file=sys.stderr)
        return 1
    print(report)
    if options.open:
        webbrowser.open(report.resolve().as_uri())
    return 0


def check_run_folder(folder: Path) -> None:
    """Raise a ValueError that says what to do when the folder holds no run."""
    if (folder / "run.yaml").is_file():
        return
    if not folder.exists():
        raise ValueError(f"{folder} does not exist; give the folder of a run, such as runs/<id>.")
    if folder.is_dir() and any(folder.glob("*/run.yaml")):
        raise ValueError(f"{folder} holds several runs; give one of them, such as {newest_run(folder)}.")
    raise ValueError(f"{folder} is not a run folder (no run.yaml in it); give one that track_run wrote.")


def newest_run(runs_folder: Path) -> Path:
    """Return the folder of the run that started last: their names begin with the time."""
    runs = sorted(path.parent for path in runs_folder.glob("*/run.yaml"))
    if not runs:
        raise ValueError(f"there is no run in {runs_folder.absolute()}; train first, or give the folder of a run.")
    return runs[-1]


def write_atomically(target: Path, text: str) -> None:
    """Write the file under another name first, so that nobody ever finds half a page."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        Path(temporary).chmod(0o644)  # mkstemp's own mode lets nobody else read the report
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
