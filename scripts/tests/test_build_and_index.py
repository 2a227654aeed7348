"""`catalog build` and `catalog index`, up to real installs from the index."""

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

REPORT = "components/common/tracking/report"
CODE = "components/common/metrics/lonely/src/stac/metrics/lonely/__init__.py"


def ok(run):
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def wheel(fake, name="lonely", version="0.1.0"):
    return fake.root / f"dist/wheels/stac_{name}-{version}-py3-none-any.whl"


def page(fake, name="lonely"):
    return (fake.root / f"dist/index/stac-{name}/index.html").read_text()


def test_build_puts_what_others_need_first(fake):
    text = ok(fake.run("build"))
    assert text.startswith("5 wheels built (")
    order = re.search(r"\((.*?)\)", text)[1].split(", ")
    assert order.index("scale") < order.index("forest") < order.index("report")


def test_the_folder_of_wheels_holds_wheels_only(fake):
    ok(fake.run("build"))
    names = [path.name for path in (fake.root / "dist/wheels").iterdir() if path.name != ".built"]
    assert len(names) == 5
    assert all(name.endswith(".whl") for name in names)


def test_what_is_unchanged_is_not_built_again(fake):
    ok(fake.run("build"))
    before = wheel(fake).stat().st_mtime_ns
    assert ok(fake.run("build")).startswith("0 wheels built, 5 unchanged")
    assert wheel(fake).stat().st_mtime_ns == before
    fake.write(CODE, "NEW = 1\n")
    assert ok(fake.run("build")).startswith("1 wheels built (lonely), 4 unchanged")


def test_a_damaged_or_missing_wheel_is_built_again(fake):
    ok(fake.run("build"))
    wheel(fake).write_bytes(b"damaged")
    wheel(fake, "scale").unlink()
    assert ok(fake.run("build")).startswith("2 wheels built")


def test_the_same_files_give_the_same_bytes(fake):
    ok(fake.run("build", "lonely"))
    first = wheel(fake).read_bytes()
    os.utime(fake.root / CODE, (1e9, 1e9))
    ok(fake.run("build", "lonely", "--force"))
    assert wheel(fake).read_bytes() == first


def test_only_the_named_components_are_built(fake):
    assert ok(fake.run("build", "stac-lonely", "components/common/testing/checks")).startswith("2 wheels built")


def test_a_circle_is_named(fake):
    fake.replace("components/common/data-processing/scale/pyproject.toml", "= []", '= ["stac-report>=0.1,<0.2"]')
    run = fake.run("build")
    assert run.returncode == 2
    assert re.search(r"in a circle: stac-\w+ → .*stac-\w+", run.stderr)


def test_a_wheel_with_a_foreign_file_is_not_published(fake):
    fake.write("components/common/metrics/lonely/src/stac/metrics/__init__.py", "")
    run = fake.run("build", "lonely")
    assert run.returncode == 2
    assert "holds stac/metrics/__init__.py, outside stac/metrics/lonely/" in run.stderr
    assert not wheel(fake).exists()


def test_a_component_that_cannot_be_built_is_named_in_one_line(fake):
    fake.replace(f"{REPORT}/pyproject.toml", 'version = "0.1.0"', 'version = "not a version"')
    run = fake.run("build", "report")
    assert (run.returncode, len(run.stderr.splitlines())) == (2, 1)
    assert f"{REPORT}: no wheel could be built" in run.stderr


def test_another_backend_is_run_by_uv(fake):
    toml = "components/common/metrics/lonely/pyproject.toml"
    fake.replace(toml, 'requires = ["poetry-core>=2.1,<3"]', 'requires = []\nbackend-path = ["."]')
    fake.replace(toml, "poetry.core.masonry.api", "own_backend")
    fake.write("components/common/metrics/lonely/own_backend.py", OWN_BACKEND)
    ok(fake.run("build", "lonely"))
    assert "stac/metrics/lonely/py.typed" in zipfile.ZipFile(wheel(fake)).namelist()


OWN_BACKEND = """
import pathlib, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "stac_lonely-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as archive:
        for file in pathlib.Path("src").rglob("*.*"):
            archive.write(file, file.relative_to("src").as_posix())
        info = "stac_lonely-0.1.0.dist-info"
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: stac-lonely\\nVersion: 0.1.0\\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr(f"{info}/RECORD", "")
    return name
"""


@pytest.fixture
def indexed(fake):
    ok(fake.run("build"))
    ok(fake.run("index"))
    return fake


def test_an_index_without_wheels_says_what_to_do(fake):
    run = fake.run("index")
    assert run.returncode == 2
    assert "run `catalog build` first" in run.stderr


def test_the_root_page_lists_the_projects_by_normalised_name(indexed):
    text = (indexed.root / "dist/index/index.html").read_text()
    assert re.findall(r'href="(.*?)"', text) == [
        f"stac-{n}/" for n in ("checks", "forest", "lonely", "report", "scale")
    ]


def test_a_project_page_carries_hashes_metadata_and_the_needed_python(indexed):
    file = wheel(indexed)
    metadata = (indexed.root / f"dist/index/stac-lonely/{file.name}.metadata").read_bytes()
    text = page(indexed)
    assert f'href="{file.name}#sha256={hashlib.sha256(file.read_bytes()).hexdigest()}"' in text
    assert f'data-core-metadata="sha256={hashlib.sha256(metadata).hexdigest()}"' in text
    assert 'data-requires-python="&gt;=3.11"' in text
    assert b"\nName: stac-lonely\n" in metadata


def test_publishing_again_changes_nothing(indexed):
    def stamps():
        return {path: path.stat().st_mtime_ns for path in (indexed.root / "dist/index").rglob("*") if path.is_file()}

    before = stamps()
    assert ok(indexed.run("index")).startswith("0 wheels added, 0 replaced, 5 unchanged")
    assert stamps() == before


def test_old_versions_stay(indexed):
    indexed.replace("components/common/metrics/lonely/pyproject.toml", '"0.1.0"', '"0.2.0"')
    ok(indexed.run("build"))
    wheel(indexed).unlink()
    ok(indexed.run("index"))
    assert re.findall(r">(stac_lonely.*?)</a>", page(indexed)) == [
        "stac_lonely-0.1.0-py3-none-any.whl",
        "stac_lonely-0.2.0-py3-none-any.whl",
    ]


def test_other_content_under_the_same_version_is_replaced_and_said(indexed):
    indexed.write(CODE, "NEW = 1\n")
    ok(indexed.run("build"))
    text = ok(indexed.run("index"))
    assert "replaced stac_lonely-0.1.0-py3-none-any.whl" in text
    assert hashlib.sha256(wheel(indexed).read_bytes()).hexdigest() in page(indexed)


def test_a_file_that_is_no_wheel_is_named(indexed):
    wheel(indexed).write_bytes(b"no wheel")
    run = indexed.run("index")
    assert (run.returncode, len(run.stderr.splitlines())) == (2, 1)
    assert "stac_lonely-0.1.0-py3-none-any.whl" in run.stderr


@pytest.fixture
def address(request, indexed):
    """The index as a folder, and served to this machine only."""
    folder = indexed.root / "dist/index"
    if request.param == "file":
        yield folder.as_uri()
        return
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    handler.log_message = lambda *_: None
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("address", ["file", "http"], indirect=True)
@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_component_installs_from_the_index_with_all_it_needs(tmp_path, address, installer):
    python = new_environment(tmp_path)
    if installer == "uv":
        command = ["uv", "pip", "install", "--python", python, "--no-cache", "--default-index", address]
    else:
        pytest.importorskip("pip")
        command = [sys.executable, "-m", "pip", "--isolated", "--python", python, "install", "--index-url", address]
        command += ["--disable-pip-version-check", "--no-cache-dir"]
    run = subprocess.run([*command, "stac-report"], capture_output=True, text=True, check=False, env=without_indexes())
    assert run.returncode == 0, run.stderr
    code = "from stac.tracking.report import NAME; from stac.models.forest import NAME as forest; print(NAME, forest)"
    assert subprocess.check_output([python, "-c", code], text=True, cwd=tmp_path).split() == ["report", "forest"]


def new_environment(folder):
    subprocess.run(["uv", "venv", "-q", "--python", sys.executable, str(folder / "env")], check=True)
    return str(folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python")


def without_indexes():
    """The environment without the machine's own indexes, so that only ours can serve."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_INDEX", "UV_FIND"))}


def test_the_record_of_a_build_is_readable(fake):
    ok(fake.run("build", "lonely"))
    record = json.loads((fake.root / "dist/wheels/.built/stac-lonely.json").read_text())
    assert record["files"][wheel(fake).name] == hashlib.sha256(wheel(fake).read_bytes()).hexdigest()
