"""What reaches ClearML: as an offline session, online over real HTTP, and by a later upload."""

import contextlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from pathlib import Path

import pytest
import yaml

from stac.tracking.track_run import list_runs, read_run, track_run

pytest.importorskip("clearml")
ClearMLServer = runpy.run_path(str(Path(__file__).with_name("clearml_server.py")))["ClearMLServer"]

PATIENCE = 120  # seconds; a busy machine may stand still for many

RUN = """
    import math, sys, time
    from pathlib import Path
    import numpy as np
    from stac.tracking.track_run import track_run

    Path("model.npz").write_bytes(b"weights" * 1000)
    Path("curve.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    Path("predictions.csv").write_text("id,label")
    with track_run("leaves", "minirocket", {"model": {"kernels": 84}, "note": None}, tags=("baseline",)) as run:
        for step in range(100):
            run.log_scalar("train/loss", 1 / (step + 1), step=step)
        run.log_scalar("train/loss", math.nan, step=100)
        run.log_scalars({"accuracy": 0.97, "log_loss": 0.1})
        run.log_figure("learning curve", "curve.svg")
        run.log_table("per class", [{"class": "oak", "recall": 0.9}])
        run.log_confusion_matrix(np.eye(2, dtype=int), ["oak", "elm"])
        run.log_text("notes", "Looks good.")
        run.log_artifact("predictions", "predictions.csv")
        run.log_model("classifier", "model.npz", kernels=84)
        run.log_dataset("train", np.zeros((4, 1, 8), np.float32), np.array([0, 0, 1, 1]))
        run.add_tags("good")
        BODY
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Every test has its own working directory and home, and no server but the one it starts."""
    for name in [name for name in os.environ if name.startswith(("CLEARML_", "STAC_"))]:
        monkeypatch.delenv(name)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def server():
    with ClearMLServer() as server:
        yield server


def start(body="pass", environment=None):
    Path("program.py").write_text(textwrap.dedent(RUN.replace("BODY", body)))
    return subprocess.Popen(
        [sys.executable, "program.py"],
        env=os.environ | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(body="pass", environment=None):
    program = start(body, environment)
    return program.communicate(timeout=PATIENCE)[1]


def ended_run(body="pass"):
    """Make a run that ClearML knows nothing of."""
    os.environ["STAC_CLEARML"] = "off"
    with contextlib.suppress(ValueError):
        exec(textwrap.dedent(RUN.replace("BODY", body)))
    os.environ.pop("STAC_CLEARML")


def upload(environment=None, *options):
    command = [sys.executable, "-m", "stac.tracking.track_run", "upload", "latest", *options]
    return subprocess.run(
        command, env=os.environ | (environment or {}), capture_output=True, text=True, timeout=PATIENCE
    )


def finished_run():
    """Wait until the other process has written its last word into run.yaml."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        (record,) = list_runs("runs")
        state = record.clearml
        if record.status != "running" and (state["session"] or (state["task_id"] and not state["message"])):
            return record
        time.sleep(0.1)
    raise AssertionError(f"ClearML did not finish: {record.clearml}")


def session_files(record):
    with zipfile.ZipFile(record.folder / record.clearml["session"]) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def assert_whole(server, status):
    """The server has everything that RUN logs."""
    (task,) = server.tasks.values()
    points = server.of_type(task["id"], "training_stats_scalar")
    curve = {p["iter"]: p["value"] for p in points if (p["metric"], p["variant"]) == ("train", "loss")}
    assert task["status"] == status
    assert curve == {step: 1 / (step + 1) for step in range(100)}
    assert {p["variant"]: p["value"] for p in points if p["metric"] == "Summary"} == {
        "accuracy": 0.97,
        "log_loss": 0.1,
    }
    assert {plot["metric"] for plot in server.of_type(task["id"], "plot")} == {
        "per class",
        "confusion matrix",
    }
    assert len(server.of_type(task["id"], "training_debug_image")) == 1
    assert {artifact["key"] for artifact in task["execution"]["artifacts"]} == {"predictions", "texts/notes"}
    assert [model["name"] for model in task["models"]["output"]] == ["classifier"]
    assert sorted(task["tags"]) == ["baseline", "good"]
    assert task["hyperparams"]["General"]["model/kernels"]["value"] == "84"
    assert len(task["hyperparams"]["Datasets"]["train/sha256"]["value"]) == 64
    assert "numpy==" in task["script"]["requirements"]["pip"]
    assert b"weights" * 1000 in server.files.values()


# Offline


def test_offline_leaves_a_session_that_holds_everything_and_one_line(place):
    stderr = run()
    record = finished_run()
    assert stderr.count("\n") == 1
    assert "upload later with" in stderr
    assert (record.status, record.clearml["mode"]) == ("completed", "offline")
    files = session_files(record)
    events = [event for line in files["metrics.jsonl"].splitlines() for event in json.loads(line)]
    kinds = [event["type"] for event in events]
    assert kinds.count("training_stats_scalar") == 102
    assert kinds.count("plot") == 2
    assert json.loads(files["task.json"])["hyperparams"]["Run"]["status"]["value"] == "completed"
    assert {Path(name).name for name in files} >= {"predictions.csv", "classifier.npz", "learning-curve.svg"}
    assert list((place / "home").rglob("*")) == []
    assert not (record.folder / "clearml" / "offline").exists()


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, "aborted"), (signal.SIGTERM, "aborted"), (signal.SIGKILL, "killed")],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_stopped_run_leaves_a_whole_session_with_its_status(number, status):
    program = start("print('ready', flush=True); time.sleep(60)")
    program.stdout.readline()
    program.send_signal(number)
    program.communicate(timeout=PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while not (record := list_runs("runs")[0]).clearml.get("session") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert record.status == status
    assert json.loads(session_files(record)["task.json"])["hyperparams"]["Run"]["status"]["value"] == status


def test_off_leaves_clearml_out():
    stderr = run(environment={"STAC_CLEARML": "off"})
    (record,) = list_runs("runs")
    assert record.clearml["mode"] == "off"
    assert not (record.folder / "clearml").exists()
    assert stderr.count("\n") == 1
    assert "ClearML" not in stderr


def test_without_clearml_one_line_says_so_and_the_folder_is_complete(monkeypatch, capsys):
    monkeypatch.setattr("stac.tracking.track_run._run.is_installed", lambda: False)
    with track_run("leaves", "first") as run:
        run.log_scalar("accuracy", 0.9)
    assert "not installed" in capsys.readouterr().err
    assert read_run(run.folder).summary == {"accuracy": 0.9}


def test_an_unknown_mode_is_explained(monkeypatch):
    monkeypatch.setenv("STAC_CLEARML", "sometimes")
    with pytest.raises(ValueError, match="auto, offline, off"), track_run("leaves", "first"):
        pass


# Online


def test_an_online_run_arrives_whole(server):
    stderr = run(environment=server.environment())
    record = finished_run()
    assert record.clearml["mode"] == "online"
    assert record.clearml["message"] is None
    assert record.clearml["url"].startswith(f"{server.url}/projects/")
    # The program does not wait for ClearML where the machine is busy.
    assert f"ClearML: {record.clearml['url']}" in stderr or "not done yet" in stderr
    assert stderr.count("\n") == 2
    assert_whole(server, "completed")


def test_a_failed_run_is_failed_online_with_its_reason(server):
    run("raise ValueError('no leaves')", server.environment())
    finished_run()
    assert_whole(server, "failed")
    (task,) = server.tasks.values()
    assert (task["status_reason"], task["status_message"]) == ("ValueError", "no leaves")


def test_a_killed_run_is_stopped_online(server):
    program = start("run._background[0].join(); print('ready', flush=True); time.sleep(60)", server.environment())
    program.stdout.readline()
    program.kill()
    program.communicate()
    deadline = time.monotonic() + PATIENCE
    while [task["status"] for task in server.tasks.values()] != ["stopped"] and time.monotonic() < deadline:
        time.sleep(0.1)
    assert_whole(server, "stopped")


def test_a_slow_server_does_not_hold_up_the_end(server):
    fast, slow = server.events_add_batch, threading.Event()
    server.events_add_batch = lambda events: (slow.wait(10 * PATIENCE), fast(events))[1]
    program = start("run._background[0].join(); print('ready', flush=True); time.sleep(60)", server.environment())
    program.stdout.readline()
    while not server.tasks:
        time.sleep(0.1)
    program.terminate()
    stderr = program.communicate(timeout=PATIENCE)[1]
    assert "it goes on in the background" in stderr
    (record,) = list_runs("runs")
    assert record.status == "aborted"
    assert "Not all of it is there yet" in record.clearml["message"]
    slow.set()
    while list_runs("runs")[0].clearml["message"]:
        time.sleep(0.1)
    assert_whole(server, "stopped")


def test_names_that_the_server_would_refuse_are_made_longer(server):
    script = "from stac.tracking.track_run import track_run\nwith track_run('p', 'n'): pass"
    subprocess.run([sys.executable, "-c", script], env=os.environ | server.environment(), capture_output=True)
    finished_run()
    assert [task["name"] for task in server.tasks.values()] == ["n run"]
    assert [project["name"] for project in server.projects.values()] == ["p project"]


def test_a_server_that_never_answers_means_offline(server):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        host = f"http://127.0.0.1:{silent.getsockname()[1]}"
        stderr = run(environment=server.environment() | {"CLEARML_API_HOST": host})
    record = finished_run()
    assert record.clearml["mode"] == "offline"
    assert record.clearml["session"]
    assert f"the server {host} does not answer within 2 s; upload later with" in stderr


def test_wrong_credentials_are_one_clear_line_and_offline(server):
    stderr = run(environment=server.environment() | {"CLEARML_API_SECRET_KEY": "wrong"})
    record = finished_run()
    assert record.clearml["mode"] == "offline"
    assert record.clearml["session"]
    assert "does not accept the credentials" in stderr
    assert stderr.count("\n") == 2


def test_a_configuration_file_is_found_like_clearml_finds_it(server, place):
    hosts = {f"{name}_server": server.url for name in ("api", "web", "files")}
    keys = {"access_key": "test-key", "secret_key": "test-secret"}
    (place / "home" / "clearml.conf").write_text(json.dumps({"api": hosts | {"credentials": keys}}))
    run()
    assert finished_run().clearml["mode"] == "online"
    assert_whole(server, "completed")


# Uploading


@pytest.mark.parametrize(("body", "status"), [("pass", "completed"), ("raise ValueError('no leaves')", "failed")])
def test_an_upload_arrives_whole_and_is_verified(server, body, status):
    ended_run(body)
    done = upload(server.environment())
    assert done.returncode == 0, done.stderr
    assert "Uploaded: " in done.stdout
    assert "differs" not in done.stdout
    assert_whole(server, status)
    assert finished_run().clearml["url"] in done.stdout.replace("\n", "")


def test_an_upload_keeps_the_times_of_the_run(server):
    ended_run()
    upload(server.environment())
    record = finished_run()
    points = server.of_type(record.clearml["task_id"], "training_stats_scalar")
    times = {point["iter"]: point["timestamp"] for point in points if point["variant"] == "loss"}
    assert times == {step: int(when * 1000) for step, value, when in record.scalars["train/loss"] if value == value}


def test_a_second_upload_says_that_it_is_there_and_sends_nothing(server):
    ended_run()
    upload(server.environment())
    calls = len(server.calls)
    done = upload(server.environment())
    assert done.returncode == 0
    assert "It was there already: " in done.stdout
    assert "events.add_batch" not in server.calls[calls:]
    assert len(server.tasks) == 1


def test_an_interrupted_upload_goes_on_with_the_same_task(server):
    ended_run()
    upload(server.environment())
    for key in [key for key in server.events if key[2] == "train"][:50]:
        del server.events[key]
    (task,) = server.tasks.values()
    task["status"] = "in_progress"
    task["execution"]["artifacts"] = []
    assert upload(server.environment()).returncode == 0
    assert_whole(server, "completed")


def test_a_task_deleted_on_the_server_is_uploaded_anew(server):
    ended_run()
    upload(server.environment())
    server.tasks.clear()
    assert upload(server.environment()).returncode == 0
    assert_whole(server, "completed")


def test_what_did_not_arrive_is_named(server, monkeypatch):
    ended_run()
    server.events_add_batch = lambda events: {
        "added": len(events),
        "errors": 0,
    }  # it says so, but keeps nothing
    done = upload(server.environment(), "--patience", "1")
    assert done.returncode == 1
    assert "differs" in done.stdout
    assert "not everything arrived" in done.stderr


@pytest.mark.parametrize("problem", ["no credentials", "server down", "wrong credentials", "no run"])
def test_an_upload_that_cannot_be_is_one_line(server, problem):
    if problem != "no run":
        ended_run()
    environment = {} if problem == "no credentials" else server.environment()
    if problem == "server down":
        environment["CLEARML_API_HOST"] = "http://127.0.0.1:9"
    if problem == "wrong credentials":
        environment["CLEARML_API_SECRET_KEY"] = "wrong"
    done = upload(environment)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("track-run: ")
    assert server.tasks == {}


def test_a_run_that_goes_on_is_not_uploaded(server):
    ended_run()
    (file,) = Path("runs").glob("*/run.yaml")
    state = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump(state | {"status": "running", "process": {"host": "elsewhere"}}))
    done = upload(server.environment())
    assert done.returncode == 1
    assert "upload it when it has ended" in done.stderr


def test_other_frameworks_are_not_loaded_for_clearml(place):
    (place / "fastai").mkdir()
    (place / "fastai/__init__.py").write_text("raise SystemExit('clearml loads fastai')")
    run(environment={"PYTHONPATH": str(place)})
    assert finished_run().clearml["mode"] == "offline"
