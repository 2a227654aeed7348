"""Track one run: parameters, curves, figures, models and surroundings, in a plain folder and in ClearML."""

from ._clearml import upload_command
from ._folder import RunFolderError
from ._records import RunRecord, find_run, list_runs, read_run
from ._run import Run, track_run
from ._seed import seed_everything
from ._show import print_table

__all__ = [
    "Run",
    "RunFolderError",
    "RunRecord",
    "find_run",
    "list_runs",
    "print_table",
    "read_run",
    "seed_everything",
    "track_run",
    "upload_command",
]
