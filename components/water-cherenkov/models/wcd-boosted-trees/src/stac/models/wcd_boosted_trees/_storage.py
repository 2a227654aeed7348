"""Write fitted trees to one JSON file, and read it back only if nothing in it has changed."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

FORMAT = "stac-wcd-boosted-trees 1"
_KEYS = {"class", "params", "classes", "feature_names", "model"}


def save_json(path: str | Path, content: dict[str, Any]) -> Path:
    """Write all or nothing."""
    path = Path(path)
    body = json.dumps(content, ensure_ascii=False)
    text = json.dumps({"format": FORMAT, "sha256": _digest(body), "content": content}, ensure_ascii=False)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def load_json(path: str | Path, class_name: str) -> dict[str, Any]:
    """Return the content, or say what is wrong with the file."""
    try:
        document = json.loads(Path(path).read_text("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise ValueError(
            f"{path} is not a complete JSON file: it is damaged or foreign; save the model again"
        ) from None
    if not isinstance(document, dict) or not str(document.get("format", "")).startswith(FORMAT.split()[0]):
        raise ValueError(f"{path} is a JSON file, but no saved boosted trees: give a file that save has written")
    if document["format"] != FORMAT:
        raise ValueError(
            f"{path} has the format {document['format']!r}, and {FORMAT!r} is known: install a newer version"
        )
    content = document.get("content")
    # LightGBM may crash on trees that were tampered with: only what was saved reaches it.
    if not isinstance(content, dict) or _digest(json.dumps(content, ensure_ascii=False)) != document.get("sha256"):
        raise ValueError(f"{path} has changed since it was saved: it is damaged; save the model again")
    if not content.keys() >= _KEYS or content["class"] != class_name:
        raise ValueError(
            f"{path} holds a {content.get('class')}: load it with {content.get('class')}.load, not {class_name}"
        )
    return content


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
