"""`catalog publish` against pypiserver with passwords, and against a server that behaves as GitLab's registry does."""

import base64
import hashlib
import io
import json
import re
import socket
import subprocess
import sys
import threading
import time
import zipfile
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from catalog import remote_index
from catalog.wheels import wheel_difference

LONELY = "components/common/metrics/lonely"
CODE = f"{LONELY}/src/stac/metrics/lonely/__init__.py"
SCALE = "components/common/data-processing/scale/src/stac/data_processing/scale/__init__.py"
USER, PASSWORD = "robot", "a secret, with ümlaut"
FIVE = ("checks", "forest", "lonely", "report", "scale")


def ok(run):
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def wheel(fake):
    return fake.root / "dist/wheels/stac_lonely-0.1.0-py3-none-any.whl"


# A real server


@pytest.fixture(scope="session")
def pypiserver(tmp_path_factory):
    """One pypiserver for all tests: its address and its folder, which each test finds empty."""
    from passlib.apache import HtpasswdFile

    folder = tmp_path_factory.mktemp("pypiserver")
    passwords = HtpasswdFile(default_scheme="apr_md5_crypt")
    passwords.set_password(USER, PASSWORD)
    passwords.save(folder / "passwords")
    (folder / "packages").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "pypiserver", "run", "-i", "127.0.0.1", "-p", str(port), "--disable-fallback"]
    command += ["-P", folder / "passwords", "--server", "gunicorn", folder / "packages"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, env={"HOME": str(folder)}, stdout=log, stderr=log)
    try:
        wait_for("127.0.0.1", port)
        yield f"http://127.0.0.1:{port}/simple/", folder / "packages"
    finally:
        server.terminate()
        server.wait(120)


def wait_for(host, port):
    for _ in range(1200):
        try:
            socket.create_connection((host, port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing listens on {host}:{port}")


@pytest.fixture
def index(pypiserver, monkeypatch):
    """The folder of an empty index, which the environment names."""
    address, folder = pypiserver
    for file in folder.iterdir():
        file.unlink()
    name_index(monkeypatch, address)
    return folder


def name_index(monkeypatch, address, password=PASSWORD):
    monkeypatch.setenv("STAC_INDEX_URL", address)
    monkeypatch.setenv("STAC_INDEX_USERNAME", USER)
    monkeypatch.setenv("STAC_INDEX_PASSWORD", password)
    monkeypatch.delenv("STAC_INDEX_UPLOAD_URL", raising=False)


def published(folder):
    return sorted(file.name.split("-")[0].removeprefix("stac_") for file in folder.glob("*.whl"))


def bump(fake, path, old="0.1.0", new="0.1.1"):
    fake.replace(f"{path}/pyproject.toml", f'version = "{old}"', f'version = "{new}"')


def outcomes(run):
    """The outcome of every component that has a line, in the order of the lines."""
    return dict(re.findall(r"^stac-(\S+) +\S+ +([^:\n]+)", run.stdout, re.MULTILINE))


def test_all_is_published_in_the_order_of_needs_and_once(fake, index):
    run = fake.run("publish")
    order = list(outcomes(run))
    assert ok(run).splitlines()[-1].startswith("5 uploaded, ")
    assert order.index("scale") < order.index("forest") < order.index("report")
    assert published(index) == list(FIVE)
    again = fake.run("publish")
    assert (outcomes(again), again.returncode) == ({}, 0)
    assert again.stdout.startswith("5 there already, ")


def test_every_platform_is_published_and_an_interrupted_run_goes_on(compiled, index):
    assert outcomes(compiled.run("publish", "lonely")) == {"lonely": "uploaded"}
    names = {file.name for file in index.iterdir()}
    assert len(names) == len(compiled.libraries) + 1  # and the sources
    assert ok(compiled.run("publish", "lonely")).startswith("1 there already")
    for part in ("aarch64", ".tar.gz"):
        next(file for file in index.iterdir() if part in file.name).unlink()
    assert outcomes(compiled.run("publish", "lonely")) == {"lonely": "uploaded"}
    assert {file.name for file in index.iterdir()} == names


def test_another_library_under_a_published_version_is_refused(compiled, index):
    ok(compiled.run("publish", "lonely"))
    compiled.change_library("win_amd64", compiled.libraries["win_amd64"] + b"changed")
    run = compiled.run("publish", "lonely")
    assert (run.returncode, outcomes(run)) == (1, {"lonely": "refused"})
    assert "it differs in stac/metrics/lonely/liblonely.so" in run.stdout


def test_a_dry_run_tells_and_uploads_nothing(fake, index):
    run = fake.run("publish", "--dry-run")
    assert ok(run).splitlines()[-1].startswith("5 would be uploaded, ")
    assert published(index) == []


def test_a_named_component_is_published_with_what_it_needs(fake, index):
    ok(fake.run("publish", "forest"))
    assert published(index) == ["forest", "scale"]


def test_what_a_new_version_needs_comes_from_the_index(fake, index):
    ok(fake.run("publish", "report"))
    bump(fake, "components/common/tracking/report")
    assert outcomes(fake.run("publish", "report")) == {"report": "uploaded"}


def test_changed_content_is_refused_before_anything_is_uploaded(fake, index):
    ok(fake.run("publish", "lonely"))
    fake.write(CODE, "CHANGED = 1\n")
    run = fake.run("publish")
    assert run.returncode == 1
    assert outcomes(run) == {"lonely": "refused"}
    assert "it differs in stac/metrics/lonely/__init__.py" in run.stdout
    assert f"raise the version in {LONELY}/pyproject.toml" in run.stdout
    assert "CHANGELOG.md" in run.stdout
    assert "Nothing was uploaded." in run.stdout
    assert published(index) == ["lonely"]


def test_the_old_version_stays_installable(fake, index, tmp_path, pypiserver):
    ok(fake.run("publish", "lonely"))
    bump(fake, LONELY, new="0.2.0")
    fake.write(CODE, 'NAME = "newer"\n')
    assert outcomes(fake.run("publish", "lonely")) == {"lonely": "uploaded"}
    subprocess.run(["uv", "venv", "-q", "--python", sys.executable, str(tmp_path / "env")], check=True)
    python = str(tmp_path / "env/bin/python")
    for version, name in (("0.1.0", "lonely"), ("0.2.0", "newer")):
        command = ["uv", "pip", "install", "-q", "--python", python, "--no-cache", "--default-index", pypiserver[0]]
        subprocess.run([*command, f"stac-lonely=={version}"], check=True)
        code = "from stac.metrics.lonely import NAME; print(NAME)"
        assert subprocess.check_output([python, "-c", code], text=True, cwd=tmp_path).strip() == name


def test_the_same_content_packed_by_another_version_of_the_tool_is_no_change(fake, index):
    ok(fake.run("build", "lonely"))
    (index / wheel(fake).name).write_bytes(repacked(wheel(fake).read_bytes(), "Generator: a newer tool 9.0"))
    run = fake.run("publish", "lonely")
    assert ok(run).startswith("1 there already")


def test_other_metadata_is_a_change(fake, index):
    ok(fake.run("publish", "lonely"))
    fake.replace(f"{LONELY}/pyproject.toml", "dependencies = []", 'dependencies = ["numpy"]')
    assert "it differs in stac_lonely-0.1.0.dist-info/METADATA" in fake.run("publish", "lonely").stdout


def repacked(content, generator):
    """The same files, not compressed, by a tool of another version."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in reversed(old.namelist()):
            text = old.read(name)
            if name.endswith("/WHEEL"):
                assert b"Generator: poetry-core" in text
                text = re.sub(rb"Generator: .*", generator.encode(), text)
            new.writestr(name, text)
    return packed.getvalue()


def test_what_cannot_be_imported_is_not_uploaded_nor_what_needs_it(fake, index):
    fake.write(SCALE, "import not_declared_anywhere\n")
    run = fake.run("publish")
    assert run.returncode == 1
    assert "cannot be imported: ModuleNotFoundError: No module named 'not_declared_anywhere'" in run.stdout
    assert "stac-report  0.1.0    held back: it needs stac-forest, which is not published" in run.stdout
    assert published(index) == ["checks", "lonely"]


def test_code_that_is_tried_sees_no_password(fake, index):
    fake.write(CODE, f"import os\n\nassert {PASSWORD!r} not in os.environ.values()\n")
    assert outcomes(fake.run("publish", "lonely")) == {"lonely": "uploaded"}


def test_what_cannot_be_installed_or_built_is_not_uploaded(fake, index):
    fake.replace(f"{LONELY}/pyproject.toml", "dependencies = []", 'dependencies = ["stac-scale>=7"]')
    bump(fake, "components/common/testing/checks", new="not-a-version")
    run = fake.run("publish", "lonely", "checks", "scale")
    assert run.returncode == 1
    assert outcomes(run) == {"scale": "uploaded", "lonely": "failed", "checks": "failed"}
    assert "cannot be installed" in run.stdout
    assert "no wheel could be built" in run.stdout
    assert published(index) == ["scale"]


def test_a_killed_run_is_continued(fake, index):
    command = [sys.executable, "-m", "catalog", "publish", "report"]
    run = subprocess.Popen(command, cwd=fake.root, stdout=subprocess.DEVNULL)
    while not published(index) and run.poll() is None:
        time.sleep(0.01)
    run.kill()
    run.wait()
    before = published(index)
    assert 1 <= len(before) < 3
    again = fake.run("publish", "report")
    assert again.returncode == 0
    assert sorted(outcomes(again)) == sorted({"scale", "forest", "report"} - set(before))
    assert published(index) == ["forest", "report", "scale"]


def test_two_runs_at_once_do_no_harm(fake, index):
    command = [sys.executable, "-m", "catalog", "publish", "scale", "lonely"]
    runs = [subprocess.Popen(command, cwd=fake.root, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [(run.communicate()[0], run.returncode)[1] for run in runs] == [0, 0]
    assert ok(fake.run("publish", "scale", "lonely")).startswith("2 there already")


def test_a_wrong_password_is_one_line_without_it(fake, index, monkeypatch):
    monkeypatch.setenv("STAC_INDEX_PASSWORD", "wrong secret")
    run = fake.run("publish", "lonely")
    assert_one_line(run, f"refuses the user '{USER}' (it answers 403)", "STAC_INDEX_PASSWORD")
    assert "wrong secret" not in run.stdout + run.stderr
    assert published(index) == []


def test_without_a_password_the_missing_variables_are_named(fake, index, monkeypatch):
    monkeypatch.delenv("STAC_INDEX_PASSWORD")
    assert_one_line(fake.run("publish", "lonely"), "asks who you are: set STAC_INDEX_USERNAME and STAC_INDEX_PASSWORD")


def assert_one_line(run, *words):
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1, run.stderr
    assert all(word in run.stderr for word in words), run.stderr


# A server that behaves as GitLab's registry does


class Registry(ThreadingHTTPServer):
    """Keeps files in memory, says "already been taken" with 400, and sends unknown names to a public index."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.files: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.answers: list[int] = []  # statuses that the next requests get, whatever they ask
        self.dislikes = ""  # the name of a file that is never taken
        self.faster: dict[str, bytes] = {}  # what another run uploads just before us
        self.pages_in_json = self.has_page_of_all = False
        self.delay = 0.0
        self.root = "/api/v4/projects/1/packages/pypi"
        self.simple = f"http://127.0.0.1:{self.server_port}{self.root}/simple"

    def handle_error(self, *_):
        pass  # clients that went away


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.requests.append(f"{self.command} {self.path}")
        path = self.path.removeprefix(self.server.root)
        if self.server.answers:
            return self.answer(self.server.answers.pop(0), "You gave us: " + PASSWORD)
        time.sleep(self.server.delay)
        if path.startswith("/files/"):
            return self.answer(200, self.server.files[path.rsplit("/", 1)[1]], "application/octet-stream")
        if path == "/packages/" and self.server.has_page_of_all:
            return self.page(self.server.files)
        project = path.removeprefix("/simple/").rstrip("/").replace("-", "_")
        files = {name: content for name, content in self.server.files.items() if name.startswith(f"{project}-")}
        if path.startswith("/simple/") and not files:
            return self.answer(302, "", location=f"http://localhost:{self.server.server_port}/public{path}")
        return self.page(files) if files else self.answer(404, "Not found")

    do_HEAD = do_GET  # uv asks so before it fetches

    def page(self, files):
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        if self.server.pages_in_json:
            listed = [
                {"filename": name, "url": f"../../files/{name}", "hashes": {"sha256": digest}}
                for name, digest in hashes.items()
            ]
            return self.answer(200, json.dumps({"files": listed}), "application/vnd.pypi.simple.v1+json")
        links = [f'<a href="../../files/{n}#sha256={d}">{n}</a>' for n, d in hashes.items()]
        return self.answer(200, "".join(links))

    def do_POST(self):
        self.server.requests.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.answers:
            return self.answer(self.server.answers.pop(0), "You gave us: " + PASSWORD)
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.path != self.server.root:
            return self.answer(404, '{"message": "404 Not found"}')
        if self.headers["Authorization"] != f"Basic {login}":
            return self.answer(401, '{"message": "401 Unauthorized"}')
        form = message_from_bytes(b"Content-Type: %s\n\n%s" % (self.headers["Content-Type"].encode(), body))
        fields = {part.get_param("name", header="Content-Disposition"): part for part in form.get_payload()}
        name, content = fields["content"].get_filename(), fields["content"].get_payload(decode=True)
        self.server.last_form = {field: part.get_payload() for field, part in fields.items() if field != "content"}
        self.server.files |= self.server.faster
        if name == self.server.dislikes:
            return self.answer(400, '{"message": "400 Bad request - its name is too short"}')
        if name in self.server.files:
            return self.answer(400, '{"message": "Validation failed: File name has already been taken"}')
        self.server.files[name] = content
        return self.answer(201, '{"message": "201 Created"}')

    def answer(self, status, content, kind="text/html", location=None):
        content = content if isinstance(content, bytes) else content.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(remote_index, "RETRY", remote_index.RETRY.new(backoff_factor=0))
    with Registry() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        name_index(monkeypatch, server.simple)
        yield server
        server.shutdown()


LONELY_WHEEL = "stac_lonely-0.1.0-py3-none-any.whl"


def test_names_that_are_sent_on_to_a_public_index_are_not_ours(fake, registry):
    assert outcomes(fake.run("publish", "report")) == dict.fromkeys(("scale", "forest", "report"), "uploaded")
    assert len(registry.files) == 3
    assert not any("/public" in request for request in registry.requests)


def test_the_upload_says_what_the_wheel_is(fake, registry):
    ok(fake.run("publish", "lonely"))
    content = registry.files[LONELY_WHEEL]
    assert content == wheel(fake).read_bytes()
    expected = {"name": "stac-lonely", "version": "0.1.0", "requires_python": ">=3.11", ":action": "file_upload"}
    expected |= {"sha256_digest": hashlib.sha256(content).hexdigest(), "filetype": "bdist_wheel"}
    assert expected.items() <= registry.last_form.items()


def test_what_another_run_has_just_uploaded_counts_as_there(fake, registry):
    ok(fake.run("build", "lonely"))
    registry.faster[LONELY_WHEEL] = repacked(wheel(fake).read_bytes(), "Generator: a newer tool 9.0")
    run = fake.run("publish", "lonely")
    assert (outcomes(run), run.returncode) == ({"lonely": "there already"}, 0)


def test_other_content_that_another_run_has_just_uploaded_is_refused(fake, registry):
    ok(fake.run("build", "lonely"))
    registry.faster[LONELY_WHEEL] = wheel(fake).read_bytes()
    fake.write(CODE, "CHANGED = 1\n")
    run = fake.run("publish", "lonely")
    assert (outcomes(run), run.returncode) == ({"lonely": "refused"}, 1)


def test_nothing_to_do_costs_one_request_for_each_component(fake, registry):
    ok(fake.run("build"))
    registry.files = {file.name: file.read_bytes() for file in (fake.root / "dist/wheels").glob("*.whl")}
    assert ok(fake.run("publish")).startswith("5 there already")
    assert len(registry.requests) == 6  # the first one finds out whether anybody is there
    assert set(registry.requests) == {f"GET {urlsplit(registry.simple).path}/stac-{name}/" for name in FIVE}


def test_a_page_of_everything_saves_the_requests(empty, registry):
    for number in range(12):
        empty.component(f"common/metrics/part-{number}")
    ok(empty.run("build"))
    registry.files = {file.name: file.read_bytes() for file in (empty.root / "dist/wheels").glob("*.whl")}
    registry.has_page_of_all = True
    assert ok(empty.run("publish")).startswith("12 there already")
    assert len(registry.requests) == 2


@pytest.mark.parametrize("in_json", [True, False])
def test_both_kinds_of_pages_are_understood(fake, registry, in_json):
    registry.pages_in_json = in_json
    assert outcomes(fake.run("publish", "lonely")) == {"lonely": "uploaded"}
    assert ok(fake.run("publish", "lonely")).startswith("1 there already")


def test_a_server_that_stumbles_is_asked_again(fake, registry):
    registry.answers = [500, 503]
    assert outcomes(fake.run("publish", "lonely")) == {"lonely": "uploaded"}


def test_a_broken_server_is_one_line_without_the_password(fake, registry):
    registry.answers = [500] * 20
    run = fake.run("publish", "lonely")
    assert_one_line(run, "answers 500 You gave us: ***", "it goes on where it stopped")
    assert PASSWORD not in run.stdout + run.stderr


def test_a_server_that_does_not_answer_is_one_line(fake, registry, monkeypatch):
    monkeypatch.setattr(remote_index, "TIMEOUT", (1, 0.05))
    registry.delay = 1
    assert_one_line(fake.run("publish", "lonely"), "cannot be reached", "timed out")


def test_nobody_listening_is_one_line(fake, registry, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("STAC_INDEX_URL", f"http://127.0.0.1:{port}/simple/")
    assert_one_line(fake.run("publish", "lonely"), f"http://127.0.0.1:{port}/simple/stac-lonely/", "Connection refused")


def test_an_index_that_moved_is_one_line(fake, registry, monkeypatch):
    monkeypatch.setenv("STAC_INDEX_URL", registry.simple.replace("127.0.0.1", "localhost"))
    assert_one_line(fake.run("publish", "lonely"), "redirects to", "name the index by the address")


def test_a_place_that_takes_no_uploads_is_one_line(fake, registry, monkeypatch):
    monkeypatch.setenv("STAC_INDEX_UPLOAD_URL", f"{registry.simple}/nowhere")
    assert_one_line(fake.run("publish", "lonely"), "takes no uploads (it answers 404)", "STAC_INDEX_UPLOAD_URL")


def test_a_file_that_the_server_does_not_like_fails_alone(fake, registry):
    registry.dislikes = LONELY_WHEEL
    run = fake.run("publish", "lonely", "scale")
    assert (outcomes(run), run.returncode) == ({"lonely": "failed", "scale": "uploaded"}, 1)
    assert "the index answers 400" in run.stdout
    assert "its name is too short" in run.stdout


# The address


@pytest.mark.parametrize(
    ("simple", "upload"),
    [
        ("http://127.0.0.1:8765/simple/", "http://127.0.0.1:8765/"),
        ("http://127.0.0.1:8765/simple", "http://127.0.0.1:8765/"),
        (
            "https://a.example/api/v4/projects/7/packages/pypi/simple",
            "https://a.example/api/v4/projects/7/packages/pypi",
        ),
    ],
)
def test_the_address_of_uploads_follows_from_the_simple_one(simple, upload):
    access = remote_index.Access.from_environment(simple)
    assert access.upload == upload
    assert access.simple == simple.rstrip("/") + "/"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "set STAC_INDEX_URL"),
        ("http://robot:secret@a.example/simple/", "holds a user or a password"),
        ("a.example/simple/", "is no address of a server"),
        ("file:///tmp/simple/", "is no address of a server"),
        ("https://a.example/index/", "set STAC_INDEX_UPLOAD_URL"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_line_with_the_remedy(fake, monkeypatch, address, words):
    name_index(monkeypatch, address)
    run = fake.run("publish")
    assert_one_line(run, words)
    assert "secret" not in run.stderr.replace("a secret", "")


def test_the_password_is_not_shown_with_the_access():
    assert "hidden" not in repr(remote_index.Access("a", "b", "c", "hidden"))


def test_help_teaches_with_an_example(fake):
    run = fake.run_process("publish", "--help")
    assert "catalog publish --dry-run" in run.stdout.partition("For example:")[2]
    assert "--password" not in run.stdout


def test_a_wheel_that_cannot_be_read_differs(fake):
    ok(fake.run("build", "lonely"))
    assert wheel_difference(wheel(fake).read_bytes(), b"no wheel") == ["a wheel that cannot be read"]
