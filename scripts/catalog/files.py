"""Writes files so that nobody ever sees half of one."""

import os
from pathlib import Path


def write_whole(file: Path, content: bytes | str) -> bool:
    """Write under a temporary name and rename; leave a file alone that says the same already, and tell which it was."""
    content = content.encode() if isinstance(content, str) else content
    if file.is_file() and file.read_bytes() == content:
        return False
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.unfinished")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return True
