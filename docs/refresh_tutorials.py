"""Runs the Python blocks of guides and tutorials, and writes what they print and draw into the pages.

From the repository's root, for all pages or for some of them:

    .venv/bin/python docs/refresh_tutorials.py
    .venv/bin/python docs/refresh_tutorials.py tutorials/forecasting.md

The blocks of a page run in their order, in one process and a temporary folder. What a block prints follows it in a
block with a title; what it saves as SVG or PNG and the page shows goes to src/assets/tutorials. Spanish pages hold the
same code.
"""

import io
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

GUIDES = Path(__file__).parent / "src/content/docs"
PICTURES = Path(__file__).parent / "src/assets/tutorials"
BLOCK = re.compile(
    r'^```python\n(?P<code>.*?)^```\n(?:\n```text title="(?:Output|Salida)"[^\n]*\n(?P<output>.*?)^```\n)?',
    re.MULTILINE | re.DOTALL,
)
SHOWN = re.compile(r"!\[(?P<text>[^\]]*)\]\((?:\.\./)+assets/tutorials/(?P<name>[^)]+)\)")
RUNNER = """
import contextlib, io, json, sys

names, outputs = {"__name__": "__main__"}, []
for number, block in enumerate(json.load(sys.stdin), start=1):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(block, f"block {number}", "exec"), names)
    outputs.append(printed.getvalue())
json.dump(outputs, sys.stdout)
"""


def pages() -> list[str]:
    """The English pages whose Python blocks run."""
    found = [*GUIDES.glob("*.md*"), *GUIDES.glob("tutorials/*.md*")]
    return sorted(str(file.relative_to(GUIDES)) for file in found if BLOCK.search(file.read_text(encoding="utf-8")))


def run(page: str) -> tuple[list[str], dict[str, bytes]]:
    """Run a page's blocks; return what each one prints, and the pictures they save."""
    blocks = [block["code"] for block in BLOCK.finditer((GUIDES / page).read_text(encoding="utf-8"))]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "matplotlibrc").write_text("svg.hashsalt: stac\n", encoding="utf-8")
        settings = {"SOURCE_DATE_EPOCH": "0", "MPLBACKEND": "agg", "STAC_CLEARML": "off", "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-c", RUNNER],
            input=json.dumps(blocks),
            cwd=folder,
            env=os.environ | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"{page}: a block failed:\n{done.stderr}")
        drawn = [*Path(folder).glob("*.svg"), *Path(folder).glob("*.png")]
        return json.loads(done.stdout), {file.name: file.read_bytes() for file in drawn}


def filled(text: str, outputs: list[str], title: str) -> str:
    """The page's text with the output after each block that has one."""
    rest = iter(outputs)

    def with_output(block: re.Match) -> str:
        printed = next(rest)
        after = f'\n```text title="{title}" frame="code"\n{printed}```\n' if printed else ""
        return f"```python\n{block['code']}```\n{after}"

    return BLOCK.sub(with_output, text)


def refresh(page: str) -> None:
    """Write outputs into the English and the Spanish page, and the pictures they show."""
    outputs, drawn = run(page)
    for file, title in ((GUIDES / page, "Output"), (GUIDES / "es" / page, "Salida")):
        if file.exists():
            text = file.read_text(encoding="utf-8")
            if len(BLOCK.findall(text)) != len(outputs):
                sys.exit(f"{file.relative_to(GUIDES)}: has other Python blocks than {page}: copy them from there.")
            file.write_text(filled(text, outputs, title), encoding="utf-8")
    PICTURES.mkdir(parents=True, exist_ok=True)
    for picture in SHOWN.finditer((GUIDES / page).read_text(encoding="utf-8")):
        if picture["name"] in drawn:
            save(PICTURES / picture["name"], drawn[picture["name"]])


def save(file: Path, content: bytes) -> None:
    """Write a picture; a PNG with 256 colours, which plots hardly exceed, at a third of the size."""
    if file.suffix == ".png":
        packed = io.BytesIO()
        Image.open(io.BytesIO(content)).convert("RGB").quantize(256).save(packed, "png", optimize=True)
        content = packed.getvalue()
    file.write_bytes(content)


if __name__ == "__main__":
    for page in sys.argv[1:] or pages():
        refresh(page)
        print(f"refreshed {page}")
