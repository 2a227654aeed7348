"""The lines of the installation guide take our packages, whatever the public index has under their names.

Two servers on loopback play the indexes: the private one has stac-minirocket 0.1.0 and what it needs; the public one
has higher versions of the same names, by somebody else, and a third-party package. Real installers are given the
guide's lines.
"""

import base64
import hashlib
import os
import re
import subprocess
import sys
import threading
import tomllib
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from catalog.serving import application, listen, simple_server

GUIDE = Path(__file__).parents[1] / "docs/src/content/docs/installation.md"
OURS, NEEDED, THIRD = "stac-minirocket", "stac-array-files", "third-party"
LOGIN = "reader:a-token"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the guide's lines are run by a POSIX shell")


# Two indexes


def write_wheel(folder, name, version, owner, needs=()):
    """Write a wheel of one module that says whose it is."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {
        f"{module}.py": f"OWNER = {owner!r}\n",
        f"{info}/METADATA": metadata + "".join(f"Requires-Dist: {need}\n" for need in needs),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {name: hashlib.sha256(text.encode()).digest() for name, text in files.items()}
    encoded = {name: base64.urlsafe_b64encode(digest).decode().rstrip("=") for name, digest in digests.items()}
    record = "".join(f"{name},sha256={digest},{len(files[name])}\n" for name, digest in encoded.items())
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{module}-{version}-py3-none-any.whl", "w") as archive:
        for file, text in (files | {f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}).items():
            archive.writestr(file, text)


def write_pages(folder):
    for project in folder.iterdir():
        wheels = [(file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in sorted(project.glob("*.whl"))]
        links = "".join(f'<a href="{name}#sha256={digest}">{name}</a><br>\n' for name, digest in wheels)
        (project / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, to those who log in when a login is set."""

    login = ""

    def log_message(self, *_):
        pass

    def send_head(self):
        expected = f"Basic {base64.b64encode(self.login.encode()).decode()}"
        if self.login and self.headers["Authorization"] != expected:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="index"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        return super().send_head()


class QuietWithLogin(Quiet):
    login = LOGIN


@pytest.fixture(scope="module")
def indexes(tmp_path_factory):
    """The addresses of the private index, of the same behind a login, of one that forwards, and of the public one."""
    root = tmp_path_factory.mktemp("indexes")
    needs = {OURS: [f"{NEEDED}>=0.1,<0.2", THIRD], NEEDED: [THIRD]}
    for name, needed in needs.items():
        write_wheel(root / "private" / name, name, "0.1.0", "us", needed)
        for version in ("0.1.99", "9.9.9"):  # one within every range, and one above
            write_wheel(root / "public" / name, name, version, "somebody else")
    write_wheel(root / "public" / THIRD, THIRD, "1.0", "others")
    write_pages(root / "private")
    write_pages(root / "public")
    servers = {
        name: ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=root / folder))
        for name, folder, handler in (
            ("private", "private", Quiet),
            ("locked", "private", QuietWithLogin),
            ("public", "public", Quiet),
        )
    }
    flat = root / "flat"
    flat.mkdir()
    for wheel in (root / "private").glob("*/*.whl"):
        os.link(wheel, flat / wheel.name)
    public = f"http://127.0.0.1:{servers['public'].server_port}/"
    servers["forwarding"] = simple_server(application(flat, None, forward_to=public), listen("127.0.0.1", 0))
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    addresses = {name: f"http://127.0.0.1:{server.server_port}/" for name, server in servers.items()}
    yield addresses | {"forwarding": f"{addresses['forwarding']}simple/"}
    for server in servers.values():
        server.shutdown()
        server.server_close()


# A person at a shell


@pytest.fixture
def shell(tmp_path, clean_environment, indexes):
    """Run lines as a person would who has never set anything: in a project with an environment that has pip."""
    run_command("uv", "venv", "--quiet", "--python", sys.executable, cwd=tmp_path, env=clean_environment)
    environment = {key: value for key, value in clean_environment.items() if not key.startswith(("PIP_", "POETRY_"))}
    environment |= {
        "HOME": str(tmp_path / "home"),
        "PATH": f"{tmp_path / '.venv/bin'}{os.pathsep}{environment['PATH']}",
        "VIRTUAL_ENV": str(tmp_path / ".venv"),
        # The role of the index that installers ask when nothing else is said.
        "PIP_INDEX_URL": indexes["public"],
        "UV_DEFAULT_INDEX": indexes["public"],
        "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_CONFIG": "1",
        "PIP_NO_CACHE_DIR": "1",
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "POETRY_CACHE_DIR": str(tmp_path / "cache"),
        "NO_PROXY": "127.0.0.1",
    }
    (tmp_path / "home").mkdir()
    own_pip = f'#!/bin/sh\nexec "{sys.executable}" -m pip --python "{tmp_path}/.venv/bin/python" "$@"\n'
    pip = tmp_path / ".venv/bin/pip"
    pip.write_text(own_pip)
    pip.chmod(0o755)

    def run_lines(lines, **variables):
        return run_command("sh", "-ec", lines, cwd=tmp_path, env=environment | variables)

    return run_lines


def run_command(*command, cwd, env):
    options = {"capture_output": True, "text": True, "timeout": 300, "stdin": subprocess.DEVNULL}
    run = subprocess.run(command, cwd=cwd, env=env, **options)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def lines_of(heading, address):
    """The code blocks under a heading of the guide, with our address."""
    section = re.search(rf"^### {heading}\n(.*?)(?=^##)", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"^```bash\n(.*?)^```", section[1], re.MULTILINE | re.DOTALL)
    assert all("https://index.example/simple/" in block for block in blocks)
    return [block.replace("https://index.example/simple/", address) for block in blocks]


WHO = f"""
from importlib import import_module
print(*[import_module(name.replace("-", "_")).OWNER for name in ({OURS!r}, {NEEDED!r}, {THIRD!r})], sep=", ")
"""
ALL_OURS = "us, us, others"


def owners(shell, python=".venv/bin/python"):
    return shell(f"{python} -c '{WHO.replace(chr(39), chr(34))}'").strip()


def test_uv_takes_ours(shell, indexes):
    into_an_environment, _ = lines_of("uv", indexes["private"])
    shell(into_an_environment)
    assert owners(shell) == ALL_OURS


def test_a_project_of_uv_takes_ours(shell, indexes):
    _, into_a_project = lines_of("uv", indexes["private"])
    shell(f"uv init --quiet --bare --name analysis\n{into_a_project}")
    assert owners(shell) == ALL_OURS


def test_pip_takes_ours_from_an_index_that_forwards(shell, indexes):
    from_one_index, _ = lines_of("pip", indexes["forwarding"])
    shell(from_one_index)
    assert owners(shell) == ALL_OURS


def test_pip_takes_ours_when_hashes_hold_it(shell, indexes):
    _, with_hashes = lines_of("pip", indexes["private"])
    shell(with_hashes)
    assert owners(shell) == ALL_OURS


@pytest.mark.parametrize(
    "line",
    [
        f"pip install --quiet --extra-index-url PRIVATE {OURS}",
        f"uv pip install --quiet --extra-index-url PRIVATE --index-strategy unsafe-best-match {OURS}",
        f"uv pip install --quiet --default-index PRIVATE --index PUBLIC {OURS}",
    ],
)
def test_the_lines_that_the_guide_warns_of_take_the_fake(shell, indexes, line):
    shell(line.replace("PRIVATE", indexes["private"]).replace("PUBLIC", indexes["public"]))
    assert shell(".venv/bin/python -c 'from stac_minirocket import OWNER; print(OWNER)'").strip() == "somebody else"


@pytest.mark.parametrize("installer", ["uv pip install --index", "pip install --no-deps --index-url"])
def test_uv_and_pip_read_the_login_from_netrc(shell, indexes, tmp_path, installer):
    netrc = tmp_path / "home/.netrc"
    netrc.write_text("machine 127.0.0.1 login {} password {}\n".format(*LOGIN.split(":")))
    netrc.chmod(0o600)
    shell(f"{installer} {indexes['locked']} {OURS}")
    assert shell(".venv/bin/python -c 'from stac_minirocket import OWNER; print(OWNER)'").strip() == "us"


# Poetry


@pytest.fixture(scope="session")
def poetry(tmp_path_factory, clean_environment):
    """Return a folder with the command, in an environment of its own."""
    folder = tmp_path_factory.mktemp("poetry")
    command = ["uv", "pip", "install", "--quiet", "--python", str(folder / "env"), "poetry>=2.2,<3"]
    run_command("uv", "venv", "--quiet", "--python", sys.executable, "env", cwd=folder, env=clean_environment)
    run = subprocess.run(command, env=clean_environment, capture_output=True, text=True, timeout=300)
    if run.returncode:
        pytest.skip(f"poetry cannot be installed here: {run.stderr.strip().splitlines()[-1]}")
    return folder / "env/bin/poetry"


PYPROJECT = """[project]
name = "analysis"
version = "0.1.0"
requires-python = ">=3.11,<4"

[tool.poetry]
package-mode = false
"""


@pytest.mark.slow
def test_poetry_takes_ours_and_the_way_we_warn_of_does_not(shell, indexes, tmp_path, poetry):
    (lines,) = lines_of("Poetry", indexes["private"])
    # The other server plays the role of the public index, which Poetry knows by a name of its own.
    lines = lines.replace("supplemental PyPI", f"supplemental public {indexes['public']}")
    assert indexes["public"] in lines
    lines = lines.replace("poetry add", "poetry add --no-interaction").replace("poetry ", f"{poetry} ")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    shell(lines)
    assert owners(shell) == ALL_OURS

    (tmp_path / "poetry.lock").unlink()
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    shell(
        f"{poetry} source add --priority=explicit stac {indexes['private']}\n"
        f"{poetry} source add --priority=primary public {indexes['public']}\n"
        f"{poetry} add --no-interaction --lock --source stac {OURS}"
    )
    locked = tomllib.loads((tmp_path / "poetry.lock").read_text())["package"]
    versions = {package["name"]: package["version"] for package in locked}
    assert (versions[OURS], versions[NEEDED]) == ("0.1.0", "0.1.99")
