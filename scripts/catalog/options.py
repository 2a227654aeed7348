"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

RootOption = Annotated[
    Path | None, Parameter(name="--root", help="A folder of the repository, when it is not the current one.")
]
JsonOption = Annotated[bool, Parameter(name="--json", help="Print JSON, for other programs.")]
