"""What a run folder keeps, whatever is logged and however the run ends."""

import argparse
import contextlib
import dataclasses
import json
import math
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.testing.component_checks import package_checks
from stac.tracking.track_run import RunFolderError, find_run, list_runs, read_run, seed_everything, track_run
from stac.tracking.track_run._environment import git_state, without_password
from stac.tracking.track_run._fingerprint import fingerprint
from stac.tracking.track_run._folder import plain


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(Path(__file__).parents[1])


@pytest.fixture(autouse=True)
def quiet_place(tmp_path, monkeypatch):
    """Every test has its own working directory and leaves ClearML out unless it asks for it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STAC_CLEARML", "off")


def start(script, **options):
    """Start a Python program that has track_run imported; its environment leaves ClearML out."""
    Path("program.py").write_text("from stac.tracking.track_run import *\n" + textwrap.dedent(script))
    return subprocess.Popen([sys.executable, "program.py"], stderr=subprocess.PIPE, text=True, **options)


def only_run():
    (record,) = list_runs("runs")
    return record


# What is logged comes back


def test_scalars_come_back_as_curves_and_summary():
    with track_run("leaves", "first") as run:
        run.log_scalar("train/loss", 0.5, step=1)
        run.log_scalars({"train/loss": np.float32(0.25)}, step=np.int64(2))
        run.log_scalars({"accuracy": 0.9, "log_loss": 0.2})
    record = read_run(run.folder)
    assert [(step, value) for step, value, _ in record.scalars["train/loss"]] == [(1, 0.5), (2, 0.25)]
    assert record.summary == {"accuracy": 0.9, "log_loss": 0.2}


def test_numbers_that_json_does_not_know_come_back():
    with track_run("leaves", "first") as run:
        for step, value in enumerate([math.nan, math.inf, -math.inf]):
            run.log_scalar("loss", value, step)
    lines = (run.folder / "scalars.jsonl").read_text().splitlines()
    assert [json.loads(line)["value"] for line in lines] == ["NaN", "Infinity", "-Infinity"]
    values = [value for _, value, _ in read_run(run.folder).scalars["loss"]]
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf]


def test_what_is_no_number_is_refused():
    with track_run("leaves", "first") as run, pytest.raises(TypeError, match="one number"):
        run.log_scalar("loss", "high")


@dataclasses.dataclass
class Inner:
    rates: tuple = (0.1, 0.2)
    path: Path = Path("data")


@dataclasses.dataclass
class Config:
    inner: Inner = dataclasses.field(default_factory=Inner)
    seed: int = 3


@pytest.mark.parametrize(
    "config",
    [
        {"inner": {"rates": [0.1, 0.2], "path": "data"}, "seed": 3},
        Config(),
        argparse.Namespace(inner=argparse.Namespace(rates=np.array([0.1, 0.2]), path=Path("data")), seed=np.int64(3)),
    ],
    ids=["mapping", "dataclass", "namespace"],
)
def test_parameters_of_every_form_come_back_as_plain_mappings(config):
    with track_run("leaves", "first", config) as run:
        pass
    assert read_run(run.folder).config == {"inner": {"rates": [0.1, 0.2], "path": "data"}, "seed": 3}


def test_parameters_that_are_no_mapping_are_refused_before_a_folder_is_made():
    with pytest.raises(TypeError, match="must be a mapping"), track_run("leaves", "first", [1, 2]):
        pass
    assert not Path("runs").exists()


@settings(max_examples=30, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_plain_values_stay_as_they_are(value):
    assert plain(value) == value


def test_figures_are_svg_and_large_ones_png():
    from matplotlib.figure import Figure

    small, large = Figure(), Figure()
    small.add_subplot().plot([1, 2])
    large.add_subplot().scatter(*np.random.default_rng(0).normal(size=(2, 12_000)))
    with track_run("leaves", "first") as run:
        run.log_figure("small", small.axes[0])
        run.log_figure("large", large)
    first, second = read_run(run.folder).events
    assert (first["path"], second["path"]) == ("figures/small.svg", "figures/large.png")
    assert (run.folder / "figures/small.svg").read_bytes().startswith(b"<?xml")
    assert (run.folder / "figures/large.png").read_bytes().startswith(b"\x89PNG")


def test_picture_files_are_copied_and_others_refused():
    Path("a.png").write_bytes(b"png")
    Path("a.pdf").write_bytes(b"pdf")
    with track_run("leaves", "first") as run:
        run.log_figure("picture", "a.png")
        with pytest.raises(ValueError, match="neither PNG nor SVG"):
            run.log_figure("picture", "a.pdf")
    assert (run.folder / "figures/picture.png").read_bytes() == b"png"


@pytest.mark.parametrize("form", ["rows", "columns", "frame"])
def test_tables_of_every_form_are_the_same_file(form):
    columns = {"class": ["a", "b"], "recall": [0.5, math.nan]}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if form == "frame":
        columns = pytest.importorskip("pandas").DataFrame(columns)
    with track_run("leaves", "first") as run:
        run.log_table("per class", rows if form == "rows" else columns)
    table = json.loads((run.folder / "tables/per-class.json").read_text())
    assert table == {"columns": ["class", "recall"], "rows": [["a", 0.5], ["b", "NaN"]]}


def test_confusion_matrix_must_fit_its_labels():
    with track_run("leaves", "first") as run:
        run.log_confusion_matrix(np.array([[3, 1], [0, 4]]), np.array(["oak", "elm"]))
        for matrix in (np.eye(2), np.ones(3)):
            with pytest.raises(ValueError, match="3 labels"):
                run.log_confusion_matrix(matrix, ["a", "b", "c"])
    matrix = json.loads((run.folder / "tables/confusion-matrix.json").read_text())
    assert matrix == {"labels": ["oak", "elm"], "matrix": [[3, 1], [0, 4]]}


def test_files_folders_texts_and_tags_are_kept():
    Path("model.tar.gz").write_bytes(b"weights")
    Path("out").mkdir()
    Path("out/a.txt").write_text("a")
    with track_run("leaves", "first", tags=("baseline",)) as run:
        run.log_artifact("Output", "out")
        run.log_model("classifier", "model.tar.gz", kernels=84, classes=np.array(["a"]))
        run.log_text("notes", "# Größe")
        run.add_tags("good", "baseline")
    record = read_run(run.folder)
    assert (run.folder / "artifacts/output/a.txt").read_text() == "a"
    assert (run.folder / "models/classifier.tar.gz").read_bytes() == b"weights"
    assert (run.folder / "texts/notes.md").read_text() == "# Größe"
    assert record.events[1]["metadata"] == {"kernels": 84, "classes": ["a"]}
    assert record.tags == ("baseline", "good")


def test_equal_names_do_not_overwrite_each_other():
    with track_run("leaves", "first") as run:
        run.log_text("note", "one")
        run.log_text("Note", "two")
    assert [event["path"] for event in read_run(run.folder).events] == ["texts/note.md", "texts/note-2.md"]


def test_a_missing_file_is_named():
    with track_run("leaves", "first") as run, pytest.raises(FileNotFoundError, match=r"nowhere\.bin"):
        run.log_artifact("file", "nowhere.bin")


def test_threads_can_log_at_once():
    with track_run("leaves", "first") as run:
        threads = [
            threading.Thread(target=lambda n=n: [run.log_scalar(f"curve{n}", i, step=i) for i in range(500)])
            for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [len(points) for points in read_run(run.folder).scalars.values()] == [500] * 4


def test_logging_after_the_end_is_refused():
    with track_run("leaves", "first") as run:
        pass
    with pytest.raises(RuntimeError, match="has ended"):
        run.log_scalar("loss", 1.0)


# Data sets


def test_fingerprint_depends_on_content_shape_and_type_only():
    X = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
    same = fingerprint(X)["sha256"]
    assert fingerprint(np.asfortranarray(X))["sha256"] == same
    assert fingerprint(X.copy()[::-1][::-1])["sha256"] == same
    assert fingerprint(X.reshape(4, 3, 2))["sha256"] != same
    assert fingerprint(X.astype(np.float64))["sha256"] != same


def test_fingerprint_knows_missing_values_labels_and_unequal_lengths():
    X = [np.full((1, 3), np.nan), np.zeros((1, 5))]
    found = fingerprint(X, np.array(["oak", "elm"], dtype=object))
    assert (found["shape"], found["n_instances"], found["classes"]) == ([2, 1, None], 2, {"elm": 1, "oak": 1})
    assert found == fingerprint(X, np.array(["oak", "elm"], dtype=object))
    assert found["sha256"] != fingerprint(X, np.array(["elm", "oak"], dtype=object))["sha256"]


def test_fingerprint_of_files_follows_their_content():
    Path("data").mkdir()
    Path("data/a.csv").write_text("1,2")
    first = fingerprint("data")
    assert fingerprint(Path("data"))["sha256"] == first["sha256"]
    Path("data/a.csv").write_text("1,3")
    assert fingerprint("data")["sha256"] != first["sha256"]
    with pytest.raises(FileNotFoundError, match="no data at"):
        fingerprint("nowhere")


@pytest.mark.parametrize("shape", [(0, 1, 5), (3, 0, 5), (0,)])
def test_fingerprint_of_nothing_is_no_error(shape):
    assert fingerprint(np.zeros(shape))["n_instances"] == shape[0]


def test_a_data_set_is_one_event():
    with track_run("leaves", "first") as run:
        run.log_dataset("train", np.zeros((3, 1, 4), np.float32), np.array([0, 1, 1]), source="OSULeaf")
    (event,) = read_run(run.folder).events
    assert event["shape"] == [3, 1, 4]
    assert event["dtype"] == "float32"
    assert event["source"] == "OSULeaf"
    assert event["classes"] == {"0": 1, "1": 2}
    assert len(event["sha256"]) == 64


# Randomness and surroundings


def test_the_same_seed_gives_the_same_numbers_and_is_recorded():
    drawn = []
    for _ in range(2):
        with track_run("leaves", "first", seed=7) as run:
            drawn.append((random.random(), np.random.rand()))
        assert read_run(run.folder).seed == run.seed == 7
    assert drawn[0] == drawn[1]


def test_without_a_seed_one_is_drawn_and_recorded():
    with track_run("leaves", "first", seed=None) as run:
        first = random.random()
    seed_everything(read_run(run.folder).seed)
    assert random.random() == first


@pytest.mark.parametrize(
    ("seed", "error"), [(-1, ValueError), (2**32, ValueError), ("7", TypeError), (True, TypeError)]
)
def test_impossible_seeds_leave_nothing_behind(seed, error):
    with pytest.raises(error, match="seed"), track_run("leaves", "first", seed=seed):
        pass
    assert list_runs("runs") == []


def test_surroundings_are_recorded():
    with track_run("leaves", "first") as run:
        pass
    record = read_run(run.folder)
    assert record.environment["packages"]["numpy"] == np.__version__
    assert record.environment["python"].startswith("3.")
    assert record.environment["n_cpus"] >= 1
    assert f"numpy=={np.__version__}\n" in (run.folder / "requirements.txt").read_text()
    assert record.command
    assert record.started_at <= record.ended_at
    assert record.duration_seconds >= 0


def git(*arguments):
    identity = ["-c", "user.name=n", "-c", "user.email=e", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


def test_git_commit_branch_and_uncommitted_changes_are_recorded(tmp_path):
    git("init")
    Path("a.txt").write_text("one\n")
    git("add", "a.txt")
    git("commit", "-m", "first")
    git("remote", "add", "origin", "https://user:secret@host/x.git")
    Path("a.txt").write_text("two\n")
    with track_run("leaves", "first") as run:
        pass
    state = read_run(run.folder).git
    assert (state["branch"], state["dirty"], state["remote"]) == ("main", True, "https://host/x.git")
    assert len(state["commit"]) == 40
    assert "-one\n+two\n" in (run.folder / "git.diff").read_text()


def test_a_repository_without_commits_has_a_diff(tmp_path):
    git("init")
    Path("a.txt").write_text("one\n")
    git("add", "a.txt")
    state, diff = git_state(tmp_path)
    assert state["commit"] is None
    assert state["branch"] == "main"
    assert "+one" in diff


def test_a_clean_repository_has_no_diff(tmp_path):
    git("init")
    git("commit", "--allow-empty", "-m", "first")
    state, diff = git_state(tmp_path)
    assert state["dirty"] is False
    assert diff == ""


def test_outside_of_a_repository_there_is_no_git_state(tmp_path):
    assert git_state(tmp_path) == (None, "")


def test_without_git_there_is_no_git_state(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state(tmp_path) == (None, "")


def test_secrets_in_addresses_are_left_out():
    assert without_password("https://token@host/x.git") == "https://host/x.git"
    assert without_password("git@host:x.git") == "git@host:x.git"


# How a run ends


def test_an_exception_is_recorded_and_goes_on():
    with pytest.raises(KeyError), track_run("leaves", "first"):
        raise KeyError("lost")
    record = only_run()
    assert record.status == "failed"
    assert record.error["type"] == "KeyError"
    assert "raise KeyError" in record.error["traceback"]


@pytest.mark.parametrize(("code", "status"), [(None, "completed"), (0, "completed"), (2, "failed"), ("no", "failed")])
def test_leaving_through_exit_has_the_status_of_its_code(code, status):
    with pytest.raises(SystemExit), track_run("leaves", "first"):
        sys.exit(code)
    assert only_run().status == status


WAITING = """
    import time
    with track_run("leaves", "first") as run:
        run.log_scalar("loss", 0.5, step=1)
        print("ready", flush=True)
        time.sleep(60)
"""


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [
        (signal.SIGINT, "aborted", -signal.SIGINT),
        (signal.SIGTERM, "aborted", 143),
        (signal.SIGHUP, "aborted", 129),
        (signal.SIGKILL, "killed", -signal.SIGKILL),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_signals_leave_a_readable_run_with_its_true_status(number, status, code):
    program = start(WAITING, stdout=subprocess.PIPE)
    program.stdout.readline()
    assert only_run().status == "running"
    program.send_signal(number)
    program.communicate(timeout=120)
    record = only_run()
    assert (record.status, program.returncode) == (status, code)
    assert [(step, value) for step, value, _ in record.scalars["loss"]] == [(1, 0.5)]


def test_a_killed_run_keeps_scalars_that_came_quickly():
    script = """
        import time
        with track_run("leaves", "first") as run:
            for step in range(1000):
                run.log_scalar("loss", 0.5, step=step)
            time.sleep(1.5)
            print("ready", flush=True)
            time.sleep(60)
    """
    program = start(script, stdout=subprocess.PIPE)
    program.stdout.readline()
    program.kill()
    program.communicate(timeout=120)
    assert len(only_run().scalars["loss"]) == 1000


def test_a_handler_of_the_program_is_called_and_put_back():
    script = """
        import os, signal, sys
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped by hand"))
        before = signal.getsignal(signal.SIGTERM)
        try:
            with track_run("leaves", "first"):
                os.kill(os.getpid(), signal.SIGTERM)
        except SystemExit as error:
            assert error.code == "stopped by hand"
        assert signal.getsignal(signal.SIGTERM) is before
    """
    program = start(script)
    assert program.communicate(timeout=120)[1].count("\n") == 1  # nothing but where the folder is
    assert program.returncode == 0


def test_workers_forked_from_a_run_can_be_terminated():
    script = """
        import multiprocessing, time
        with track_run("leaves", "first"):
            worker = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
            worker.start()
            worker.terminate()
            worker.join(100)
            assert worker.exitcode == -15, worker.exitcode
    """
    program = start(script)
    assert program.wait(timeout=120) == 0
    assert only_run().status == "completed"


def test_outside_of_the_main_thread_a_run_works():
    def work():
        with track_run("leaves", "first") as run:
            run.log_scalar("loss", 1.0)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert only_run().status == "completed"


def test_runs_can_be_nested_and_follow_each_other():
    with track_run("leaves", "outer") as outer:
        with pytest.raises(ValueError, match="no leaves"), track_run("leaves", "inner") as inner:
            raise ValueError("no leaves")
        outer.log_scalar("loss", 1.0)
    assert [read_run(run.folder).status for run in (outer, inner)] == ["completed", "failed"]
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_function_can_be_decorated():
    @track_run("leaves", "function")
    def train():
        return 3

    assert [train(), train()] == [3, 3]
    assert [record.status for record in list_runs("runs")] == ["completed", "completed"]


# A folder that cannot be written


def test_a_file_in_the_way_is_one_clear_sentence():
    Path("runs").write_text("")
    with (
        pytest.raises(RunFolderError, match=r"runs cannot be .* choose another runs_folder"),
        track_run("p", "n"),
    ):
        pass


def test_a_place_where_nothing_can_be_written_is_one_clear_sentence():
    with (
        pytest.raises(RunFolderError, match="choose another runs_folder"),
        track_run("p", "n", runs_folder="/proc/runs"),
    ):
        pass


def test_a_full_disk_at_the_start_leaves_nothing_behind(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(RunFolderError, match="is full: free some space"), track_run("p", "n"):
        pass
    assert list(Path("runs").iterdir()) == []


def test_a_file_that_may_not_grow_ends_the_run_clearly_with_whole_lines():
    script = """
        import resource
        with track_run("leaves", "first") as run:
            run._background[0].join()
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
            for step in range(1_000):
                run.log_scalar("loss", step, step)
    """
    program = start(script)
    stderr = program.communicate(timeout=120)[1]
    assert program.returncode == 1
    assert "may not grow any further" in stderr.splitlines()[-1]
    record = only_run()
    assert record.status == "failed"
    assert "RunFolderError" in record.error["type"]
    assert (record.folder / "scalars.jsonl").read_bytes().endswith(b"}\n")
    assert not list(record.folder.rglob("*.part"))


@pytest.mark.skipif(not Path("/dev/shm").exists() or os.geteuid() != 0, reason="needs root to mount a small disk")
def test_a_disk_that_fills_up_ends_the_run_clearly(tmp_path):
    (tmp_path / "disk").mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", "disk"], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    script = """
        with track_run("leaves", "first", runs_folder="disk/runs") as run:
            run._background[0].join()
            for step in range(10_000):
                run.log_scalar("loss", step, step)
    """
    try:
        program = start(script)
        stderr = program.communicate(timeout=120)[1]
        (record,) = list_runs("disk/runs")
        assert program.returncode == 1
        assert "is full: free some space" in stderr.splitlines()[-1]
        assert record.status == "failed"
        assert (record.folder / "scalars.jsonl").read_bytes().endswith(b"}\n")
    finally:
        subprocess.run(["umount", "disk"], check=True)


# Reading back


def test_half_written_lines_and_missing_files_are_tolerated():
    with track_run("leaves", "first") as run:
        run.log_scalar("loss", 0.5, step=1)
    with (run.folder / "scalars.jsonl").open("a") as file:
        file.write('{"name": "loss", "val')
    for name in ("config.yaml", "environment.yaml"):
        (run.folder / name).unlink()
    record = read_run(run.folder)
    assert len(record.scalars["loss"]) == 1
    assert record.config == {}
    assert record.events == []


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no run in"):
        read_run(tmp_path)


def test_a_run_is_found_by_what_people_call_it():
    folders = []
    for status in ("completed", "failed"):
        with contextlib.suppress(ZeroDivisionError), track_run("leaves", "first") as run:
            folders.append(Path("runs", run.id))
            1 / (status == "completed")
    completed, failed = folders
    assert find_run().folder == failed
    assert find_run(status="completed").folder == completed
    assert find_run(completed).folder == completed
    assert find_run(failed.name[-4:]).folder == failed
    with pytest.raises(ValueError, match="could be any of"):
        find_run("2")
    with pytest.raises(FileNotFoundError, match="no killed run in runs: train first"):
        find_run(status="killed")


def test_runs_are_listed_oldest_first_and_by_project():
    for project in ("a", "b", "a"):
        with track_run(project, "first"):
            time.sleep(0.002)
    assert [record.project for record in list_runs("runs")] == ["a", "b", "a"]
    assert len(list_runs("runs", project="a")) == 2
    assert list_runs("nowhere") == []


@pytest.mark.parametrize(("age", "status"), [(10, "running"), (600, "killed")])
def test_a_run_on_another_machine_is_alive_as_long_as_it_beats(age, status):
    with track_run("leaves", "first") as run:
        pass
    file = run.folder / "run.yaml"
    state = yaml.safe_load(file.read_text())
    state |= {"status": "running", "process": state["process"] | {"host": "elsewhere"}}
    file.write_text(yaml.safe_dump(state))
    os.utime(file, (time.time() - age, time.time() - age))
    assert read_run(run.folder).status == status


def test_a_reader_never_sees_half_a_run_yaml():
    with track_run("leaves", "first") as run:
        stop = threading.Event()
        writer = threading.Thread(target=lambda: [run._save() for _ in iter(stop.is_set, True)])
        writer.start()
        try:
            assert all(read_run(run.folder).id == run.id for _ in range(200))
        finally:
            stop.set()
            writer.join()


def test_names_that_say_nothing_are_refused():
    for project, name in [("", "n"), ("p", " "), ("p", "a\nb"), (3, "n")]:
        with pytest.raises(ValueError, match="one line of text"), track_run(project, name):
            pass
    assert not Path("runs").exists()


def test_importing_is_cheap():
    heavy = ["clearml", "numpy", "pandas", "matplotlib", "rich", "torch", "sklearn", "psutil"]
    code = f"import sys, stac.tracking.track_run; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
