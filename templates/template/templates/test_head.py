import csv
import math
import random
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


def run(script: str, *options: str, folder: Path) -> subprocess.CompletedProcess:
    """Run a script of the project from another folder, as `make` does from this one."""
    command = [sys.executable, str(PROJECT / script), *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


