"""`catalog serve`: a team's index that everyone reads, and who has the password fills."""

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests

from catalog.serving import application, find_passwords, listen, simple_server, write_password

LOGIN = ("stac", "a secret")


@contextmanager
def served(fake, *options, **environment):
    """The command as users start it; gives its address and what it printed, and stops it as Ctrl-C does."""
    command = [sys.executable, "-m", "catalog", "serve", "--port", "0", *options]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("STAC_")}
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, cwd=fake.root, env=clean | {"HOME": str(fake.root)} | environment, **pipes)
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        assert lines, process.stderr.read()
        yield lines[0].split()[-1], "".join(lines)
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")


def test_a_team_publishes_with_the_password_and_everyone_reads(fake, monkeypatch):
    with served(fake, STAC_INDEX_PASSWORD=LOGIN[1]) as (address, printed):
        monkeypatch.setenv("STAC_INDEX_USERNAME", LOGIN[0])
        for password, status in (("wrong", 2), (LOGIN[1], 0)):
            monkeypatch.setenv("STAC_INDEX_PASSWORD", password)
            assert fake.run("publish", "lonely", "--index-url", address).returncode == status
        assert "stac_lonely-0.1.0-py3-none-any.whl#sha256=" in requests.get(f"{address}stac-lonely/", timeout=120).text
        assert LOGIN[1] not in printed
        assert f"uv pip install --index {address} stac-NAME" in printed
    kept = fake.root / "dist/packages.htpasswd"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert LOGIN[1] not in kept.read_text()
    assert not (fake.root / ".gunicorn").exists()
    with served(fake) as (address, printed):  # the next start needs no password: it is kept as a hash
        assert "Serving 1 wheels" in printed
        assert upload(address, "stac_other-1.0-py3-none-any.whl").status_code == 200


def test_without_a_password_uploads_are_refused(fake):
    with served(fake, "--packages", "elsewhere") as (address, printed):
        assert "Uploads are refused: no password is set." in printed
        assert upload(address, "stac_other-1.0-py3-none-any.whl").status_code == 403
        assert requests.get(address, timeout=120).status_code == 200
    assert list((fake.root / "elsewhere").iterdir()) == []


def test_the_password_is_asked_for_once_and_none_is_fine(tmp_path, monkeypatch):
    answers = ["", LOGIN[1]]
    monkeypatch.delenv("STAC_INDEX_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _: answers.pop(0))
    assert find_passwords(tmp_path / "packages", None) is None
    kept = find_passwords(tmp_path / "packages", None)
    assert kept.read_text().startswith("stac:$5$")
    assert find_passwords(tmp_path / "packages", None) == kept
    assert answers == []


def upload(address, name, content=b"content", login=LOGIN):
    files = {"content": (name, content)}
    address = address.removesuffix("simple/")
    return requests.post(address, data={":action": "file_upload"}, files=files, auth=login, timeout=120)


@pytest.fixture
def start(tmp_path):
    """Serve a folder in this process, with the standard library's server, as on Windows."""
    passwords = tmp_path / "passwords"
    write_password(passwords, *LOGIN)
    folder = tmp_path / "packages"
    folder.mkdir()
    servers = []

    def start_server(**options):
        server = simple_server(application(folder, passwords, **options), listen("127.0.0.1", 0))
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/simple/", folder

    yield start_server
    for server in servers:
        server.shutdown()
        server.server_close()


def test_what_is_there_is_never_overwritten_not_even_by_many_at_once(start):
    address, folder = start()
    name = "stac_one-1.0-py3-none-any.whl"
    contents = [b"%d" % number for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda content: upload(address, name, content).status_code, contents))
    assert sorted(statuses) == [200] + [409] * 7
    assert (folder / name).read_bytes() == contents[statuses.index(200)]
    assert upload(address, name, b"later").status_code == 409
    assert [file.name for file in folder.iterdir()] == [name]


def test_many_uploads_at_once_all_arrive(start):
    address, folder = start()
    names = [f"stac_part_{number}-1.0-py3-none-any.whl" for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        assert {answer.status_code for answer in pool.map(lambda name: upload(address, name), names)} == {200}
    assert sorted(file.name for file in folder.iterdir()) == sorted(names)


def test_a_page_lists_the_versions_of_its_own_project_only(start):
    address, folder = start()
    for name in ("stac_scale-0.1.0", "stac_scale-0.2.0", "stac_scale_more-0.1.0", ".stac_scale-0.3.0"):
        (folder / f"{name}-py3-none-any.whl").write_bytes(b"")
    page = requests.get(f"{address}stac-scale/", timeout=120).text
    assert page.count("</a>") == 2
    assert "stac_scale-0.1.0-py3-none-any.whl#sha256=" in page
    assert "stac_scale-0.2.0-py3-none-any.whl#sha256=" in page


def test_names_it_does_not_know_are_not_looked_for_elsewhere(start):
    address, _ = start()
    assert requests.get(f"{address}numpy/", timeout=120, allow_redirects=False).status_code == 404


@pytest.mark.parametrize("name", ["stac-unknown", "STAC_unknown", "stac.unknown"])
def test_forwarding_never_concerns_names_of_ours(start, name):
    address, _ = start(forward_to="http://public.example/simple/")
    forwarded = requests.get(f"{address}numpy/", timeout=120, allow_redirects=False)
    assert forwarded.headers["Location"] == "http://public.example/simple/numpy/"
    ours = requests.get(f"{address}{name}/", timeout=120)
    assert ours.status_code == 404
    assert "public.example" not in ours.url


def assert_one_line(run, *words):
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1, run.stderr
    assert all(word in run.stderr for word in words), run.stderr


def test_a_port_in_use_is_one_line(fake):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = fake.run("serve", "--port", str(taken.getsockname()[1]))
    assert_one_line(run, "cannot listen on 127.0.0.1:", "choose others with --host and --port")


def test_a_folder_that_cannot_be_written_is_one_line(fake):
    assert_one_line(fake.run("serve", "--packages", "README.md/packages"), "README.md", "choose --packages")


def test_a_user_with_a_colon_is_one_line(fake, monkeypatch):
    monkeypatch.setenv("STAC_INDEX_PASSWORD", "a secret")
    monkeypatch.setenv("STAC_INDEX_USERNAME", "a:b")
    assert_one_line(fake.run("serve"), "'a:b'", "STAC_INDEX_USERNAME")


def test_a_password_file_that_is_not_there_is_one_line(fake):
    assert_one_line(fake.run("serve", "--password-file", "nowhere"), "nowhere does not exist", "htpasswd -c")


def test_without_pypiserver_one_line_says_what_to_install(fake, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypiserver", None)
    assert_one_line(fake.run("serve"), "catalog[serve]")


def test_help_teaches_with_an_example(fake):
    run = fake.run_process("serve", "--help")
    assert "catalog serve --host 0.0.0.0" in run.stdout.partition("For example:")[2]
