"""Write a fitted forecaster to one JSON file, and read it back only if nothing in it has changed."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

FORMAT = "stac-lag-trees 1"


def save_json(path: str | Path, content: dict[str, Any]) -> Path:
    """Write all or nothing."""
    path = Path(path)
    body = json.dumps(content)
    text = json.dumps({"format": FORMAT, "sha256": _digest(body), "content": content})
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def load_json(path: str | Path) -> dict[str, Any]:
    """Return the content, or say what is wrong with the file."""
    try:
        document = json.loads(Path(path).read_text("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        document = None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"{path} is no file that LagTrees.save has written, or it is damaged: save the model again")
    # LightGBM may crash on trees that were tampered with: only what was saved reaches it.
    if _digest(json.dumps(document.get("content"))) != document.get("sha256"):
        raise ValueError(f"{path} has changed since it was saved: it is damaged; save the model again")
    return document["content"]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
