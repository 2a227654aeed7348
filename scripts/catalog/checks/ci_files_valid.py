"""GitLab can read the CI files: the repository's, and the one that every project gets.

What: `.gitlab-ci.yml` and `templates/shared/project/.gitlab-ci.yml` satisfy GitLab's schema, and the stage of every job
is one of `stages`. The schema is looked at where check-jsonschema is installed (`make setup`), once for each content.

Why: a file that GitLab cannot read runs nothing, and says so only after the push.

Fix: correct what the message names.
"""

import hashlib
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

from catalog.checks import Problems
from catalog.model import Catalog

FILES = (".gitlab-ci.yml", "templates/shared/project/.gitlab-ci.yml")
COMMAND = (
    *("-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
    *("--regex-variant", "nonunicode", "--output-format", "json"),
)


def check_repository(catalog: Catalog) -> Problems:
    for path in FILES:
        file = catalog.root / path
        if file.is_file():
            yield from ((path, message, "correct it") for message in _stage_problems(file.read_text(encoding="utf-8")))
            yield from ((path, message, "correct it") for message in _schema_problems(file, catalog.root))


def _stage_problems(text):
    block = re.search(r"(?m)^stages:[ \t]*(?:\[(?P<inline>.*?)\]|\n(?P<lines>(?:[ \t]*-.*\n?)+))", text)
    listed = (block["inline"] or block["lines"]) if block else "build test deploy"
    stages = {".pre", ".post", *re.findall(r"[\w.][\w.-]*", listed)}
    for stage in dict.fromkeys(re.findall(r"(?m)^ +stage: *[\"']?([\w.-]+)", text)):
        if stage not in stages:
            yield f"stage {stage} is not among stages"


def _schema_problems(file, root):
    """Ask check-jsonschema; it takes a second, so that a content found valid is remembered in dist/."""
    note = root / "dist" / ".valid-ci-files"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    known = note.read_text(encoding="utf-8").split() if note.is_file() else []
    if digest in known or not importlib.util.find_spec("check_jsonschema"):
        return
    run = subprocess.run([sys.executable, *COMMAND, str(file)], capture_output=True, text=True, check=False)
    try:
        found = json.loads(run.stdout)
    except ValueError:
        yield f"could not be checked: {(run.stderr.strip() or run.stdout.strip() or 'no answer')[-200:]}"
        return
    for error in found.get("errors", []) + found.get("parse_errors", []):
        yield f"{error.get('path', '$')}: {' '.join(str(error.get('message', 'cannot be parsed')).split())}"
    if run.returncode == 0:
        note.parent.mkdir(exist_ok=True)
        Path(f"{note}.new").write_text("\n".join([*known[-9:], digest]), encoding="utf-8")
        Path(f"{note}.new").replace(note)
