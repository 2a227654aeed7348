"""Commands: list, show, compare and upload runs."""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from ._folder import RunFolderError
from ._records import RunRecord, find_run, list_runs

COLORS = {"completed": "green", "running": "cyan", "failed": "red", "aborted": "yellow", "killed": "red"}
SMALLER_IS_BETTER = ("loss", "error", "mae", "mse", "rmse", "seconds", "bytes", "regret")

DESCRIPTION = """\
Look at the runs that track_run has kept, and send them to a ClearML server.

A run is named by its folder, by its id, by the beginning or end of its id, or by `latest`.
"""

EXAMPLES = """\
examples:
  track-run list                        all runs of ./runs, newest first
  track-run list --project leaves       those of one project
  track-run show latest                 everything about the newest run
  track-run compare a1b2 c3d4           what differs in parameters and metrics
  track-run upload latest               send a run to ClearML, and check that it arrived whole
  track-run list --json | jq '.[0].id'  for other programs
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except KeyboardInterrupt:
        return 130
    except (OSError, ValueError, RunFolderError, UserError) as error:
        print(f"track-run: {error}", file=sys.stderr)
        return 1


class UserError(Exception):
    """Something that the user can put right; shown as one line."""


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("track-run", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=raw)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--runs-folder", default="runs", metavar="FOLDER", help="where the runs are (default: runs)")
    common.add_argument("--json", action="store_true", help="print JSON, for other programs")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Any, help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help, parents=[common])
        sub.set_defaults(command=command)
        return sub

    listing = add("list", _list, "List runs, newest first, with their summary metrics.")
    listing.add_argument("--project", help="only the runs of this project")
    add("show", _show, "Show one run: times, git state, parameters, metrics, files.").add_argument("run")
    comparing = add("compare", _compare, "Compare runs: parameters that differ, and metrics with the best in bold.")
    comparing.add_argument("runs", nargs="*", metavar="RUN", help="two or more (default: the newest two)")
    uploading = add("upload", _upload, "Send runs to the configured ClearML server and verify what arrived.")
    uploading.add_argument("runs", nargs="+", metavar="RUN", help="one or more; those that are there are only verified")
    uploading.add_argument(
        "--patience",
        type=float,
        default=20,
        metavar="SECONDS",
        help="the server's time to show what came (default: 20)",
    )
    return parser


def _list(options: argparse.Namespace) -> None:
    records = list_runs(options.runs_folder, options.project)[::-1]
    if options.json:
        print(json.dumps([_as_dict(record) for record in records], indent=1))
        return
    if not records:
        raise UserError(f"there are no runs in {options.runs_folder}; train something, or give --runs-folder.")
    several = len({record.project for record in records}) > 1
    table = _table("run", *["project"] * several, "status", "took")
    table.columns[0].no_wrap = True
    metrics = _that_fit(list(dict.fromkeys(name for record in records for name in record.summary)), records)
    for name in metrics:
        table.add_column(name.replace("_", " "), justify="right")
    for record in records:
        project = [record.project] * several
        numbers = [_number(record.summary.get(name)) for name in metrics]
        _add(table, record.id, *project, _colored(record.status), _duration(record.duration_seconds), *numbers)
    _print(table)


def _that_fit(metrics: list[str], records: list[RunRecord]) -> list[str]:
    """Return as many metrics as fit beside the ids on this terminal; the first ones are those that count."""
    from rich.console import Console

    room = Console().width - max(len(record.id) for record in records) - 26
    return metrics[: max(1, room // 11)]


def _show(options: argparse.Namespace) -> None:
    record = find_run(options.run, options.runs_folder)
    if options.json:
        print(json.dumps(_as_dict(record), indent=1))
        return
    git = record.git or {}
    commit = f"{(git.get('commit') or 'none')[:10]} on {git.get('branch')}" + (" + changes" if git.get("dirty") else "")
    facts = {
        "folder": record.folder,
        "project": record.project,
        "name": record.name,
        "tags": ", ".join(record.tags),
        "status": _colored(record.status),
        "error": record.error and f"{record.error['type']}: {record.error['message']}",
        "started": _local(record.started_at),
        "took": _duration(record.duration_seconds),
        "seed": record.seed,
        "git": commit if git else None,
        "command": record.command,
        "ClearML": record.clearml.get("url") or record.clearml.get("session") or record.clearml.get("message"),
        "report": record.report,
    }
    table = _table("run", record.id)
    for name, value in facts.items():
        if value not in (None, ""):
            _add(table, name, value)
    for name, value in _flat(record.config).items():
        _add(table, f"parameter {name}", value)
    for name, value in record.summary.items():
        _add(table, f"metric {name}", (_number(value), "bold"))
    for name, points in record.scalars.items():
        _add(table, f"curve {name}", f"{len(points)} points, last {_number(points[-1][1])}")
    for event in record.events:
        _add(table, f"{event['kind'].replace('_', ' ')} {event['name']}", event.get("path") or _brief(event))
    _print(table)


def _compare(options: argparse.Namespace) -> None:
    names = options.runs or [record.id for record in list_runs(options.runs_folder)[-2:]]
    if len(names) < 2 and options.runs:
        raise UserError("give two runs or more to compare; `track-run list` shows them.")
    if len(names) < 2:
        print("Nothing to compare yet: there are fewer than two runs.")
        return
    records = [find_run(name, options.runs_folder) for name in names]
    configs = [_flat(record.config) for record in records]
    differing = [k for k in dict.fromkeys(k for c in configs for k in c) if len({str(c.get(k)) for c in configs}) > 1]
    metrics = list(dict.fromkeys(name for record in records for name in record.summary))
    if options.json:
        parameters = {k: [c.get(k) for c in configs] for k in differing}
        values = {m: [r.summary.get(m) for r in records] for m in metrics}
        print(json.dumps({"runs": [r.id for r in records], "parameters": parameters, "metrics": values}, indent=1))
        return
    table = _table("", *(record.id for record in records))
    _add(table, "status", *(_colored(record.status) for record in records))
    for key in differing:
        _add(table, key, *(config.get(key, "-") for config in configs))
    table.add_section()
    for name in metrics:
        _add(table, name, *_best_in_bold(name, [record.summary.get(name) for record in records]))
    _print(table)


def _upload(options: argparse.Namespace) -> int:
    sys.modules.setdefault("pandas", None)  # half of the time that clearml takes to import, and not used here
    from ._server import ClearMLError
    from ._upload import upload_run

    failures = 0
    for name in options.runs:
        record = find_run(name, options.runs_folder)
        try:
            with _progress() as progress:
                result = upload_run(record.folder, patience=options.patience, progress=progress)
        except ClearMLError as error:
            raise UserError(f"{record.id} was not uploaded: {error}.") from error
        failures += not result.ok
        if options.json:
            checks = [{"what": c.what, "here": c.here, "there": c.there, "ok": c.ok} for c in result.checks]
            print(json.dumps({"url": result.url, "ok": result.ok, "checks": checks}))
            continue
        table = _table(record.id, "in the folder", "on the server", "")
        for check in result.checks:
            verdict = ("ok", "green") if check.ok else ("differs", "red")
            _add(table, check.what, _words(check.here), _words(check.there), verdict)
        _print(table)
        outcome = "It was there already" if result.already_there else "Uploaded" if result.ok else "Not whole"
        print(f"{outcome}: {result.url}")
        if not result.ok:
            print("track-run: not everything arrived; run the same command again.", file=sys.stderr)
    return 1 if failures else 0


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show what is going on, on the terminal's stderr: clearml's own chatter goes elsewhere meanwhile."""
    from rich.console import Console

    with os.fdopen(os.dup(2), "w") as stderr:
        console = Console(file=stderr)
        with console.status("Starting") as status:
            yield lambda text: status.update(f"{text} ...")


def _as_dict(record: RunRecord) -> dict[str, Any]:
    names = "id project name status seed started_at ended_at duration_seconds error command git clearml config summary"
    return {"folder": str(record.folder), "tags": list(record.tags)} | {n: getattr(record, n) for n in names.split()}


def _best_in_bold(name: str, values: list[float | None]) -> list[tuple[str, str]]:
    known = [value for value in values if value is not None and value == value]
    smaller = any(word in name.lower() for word in SMALLER_IS_BETTER)
    best = (min if smaller else max)(known, default=None)
    return [(_number(value), "bold" if value == best else "") for value in values]


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def _brief(event: dict[str, Any]) -> str:
    return " ".join(str(event[key])[:16] for key in ("shape", "dtype", "sha256", "tags") if event.get(key))


def _words(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _local(time: str | None) -> str:
    return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M:%S") if time else ""


def _colored(status: str) -> tuple[str, str]:
    return status, COLORS.get(status, "")


def _table(*columns: str) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    return table


def _add(table: Any, *cells: Any) -> None:
    """Add a row; a cell is a value, or a text and its style. Brackets in it mean nothing."""
    from rich.text import Text

    pairs = [cell if isinstance(cell, tuple) else (cell, "") for cell in cells]
    table.add_row(*(Text(str(text), style=style) for text, style in pairs))


def _print(table: Any) -> None:
    from rich.console import Console

    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
