"""Checks the answers before anything is written."""

import json
import os
import sys
from pathlib import Path

ANSWERS = json.loads(r'@{ cookiecutter|tojson }@')

# The template's folder may be relative to where cookiecutter was called.
places = [Path(base, ANSWERS["_repo_dir"]) for base in (os.environ.get("PWD", "."), ANSWERS["_output_dir"])]
template = next((place for place in places if place.is_dir()), None)
if template is None:
    sys.exit("The template's folder was not found: call cookiecutter with its absolute path.")

sys.dont_write_bytecode = True
sys.path.insert(0, str(template.resolve().parents[1] / "scripts"))
from catalog.scaffolding import check_template

check_template(ANSWERS)
