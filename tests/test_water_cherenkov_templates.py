"""The water-Cherenkov templates: simulate, train, look at an event, and what they say to wrong input."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import yaml

TEMPLATES = ("water-cherenkov/muon-identification", "water-cherenkov/primary-classification")
both = pytest.mark.parametrize("template", TEMPLATES)
SMALL = "--simulation.n_stations=2000 --epochs=1"
OFF = {"STAC_CLEARML": "off"}


def write_event(path: Path) -> Path:
    """Write an event of three stations in the layout of Auger's open data; one misses a photomultiplier."""
    pulse = [0.0] * 242 + [4.0 * 0.7**i for i in range(526)]
    stations = [
        {"id": 101 + i, "x": 1500.0 * i, "y": 0.0, "z": 0.0, "t": 0, "signal": 6.0, "spDistance": 700.0}
        | {f"pmt{pmt}": pulse for pmt in (1, 2, 3)[: 3 - (i == 2)]}
        for i in range(3)
    ]
    path.write_text(json.dumps({"info": {"id": 7}, "sdrec": {"theta": 30.0}, "stations": stations}))
    return path


def one_run(project) -> Path:
    (run,) = (project.folder / "runs").iterdir()
    return run


@pytest.fixture
def trained(made_once, copied):
    """Return a function that copies the installed project of a template, with one small run in it."""

    def trained_project(template: str):
        project = copied(template)

        def train(folder: Path) -> None:
            done = project.make("train", f"ARGS={SMALL}", **OFF)
            assert done.returncode == 0, done.stdout + done.stderr
            assert f"{one_run(project)}/report.html" in done.stdout
            folder.mkdir()
            (folder / "printed").write_text(done.stdout)
            (project.folder / "runs").replace(folder / "runs")

        folder = made_once(f"trained/{template}", train)
        shutil.copytree(folder / "runs", project.folder / "runs")
        return project, (folder / "printed").read_text()

    return trained_project


@both
def test_train_then_apply(trained, template, tmp_path):
    project, printed = trained(template)
    for model in ("CNN", "RNN", "Trees"):
        assert model in printed
    run = one_run(project)
    assert yaml.safe_load((run / "run.yaml").read_text())["status"] == "completed"
    figures = {path.stem for path in (run / "figures").iterdir()}
    assert {"calibration"} < {name.lower() for name in figures}

    applied = project.make("apply", f"EVENT={write_event(tmp_path / 'event.json')}")
    assert applied.returncode == 0, applied.stderr
    made = {path.name for path in (project.folder / "applied").iterdir()}
    assert made == {"event-7-ground.png", "event-7-traces.png", "stations.csv"}
    assert len((project.folder / "applied/stations.csv").read_text().splitlines()) == 4
    assert "make apply EVENT=" in project.make("apply").stderr


@both
def test_the_same_command_gives_the_same_bits(trained, template):
    project, _ = trained(template)
    first = one_run(project)
    again = project.make("train", f"ARGS={SMALL}", **OFF)
    assert again.returncode == 0, again.stderr
    (second,) = set((project.folder / "runs").iterdir()) - {first}
    files = [path.relative_to(first) for kind in ("models", "tables") for path in (first / kind).iterdir()]
    assert len(files) >= 2
    for name in files:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_your_own_stations_are_one_word_on_the_command_line(copied, tmp_path):
    draw = np.random.default_rng(0)
    n_muons = draw.integers(0, 2, 400)
    traces = draw.normal(0, 0.02, (400, 4, 30)).astype(np.float32)
    traces[:, :, 5] += 1 + n_muons[:, None]
    np.savez(tmp_path / "own.npz", traces_vem_peak=traces, bin_ns=1.0, n_muons=n_muons, event=np.arange(400) // 2)
    project = copied(TEMPLATES[0])
    trained = project.make("train", f"DATA={tmp_path / 'own.npz'}", "ARGS=--epochs=2 --compare=false", **OFF)
    assert trained.returncode == 0, trained.stdout + trained.stderr
    applied = project.make("apply", f"EVENT={tmp_path / 'own.npz'}")
    assert applied.returncode == 0, applied.stderr


def test_a_network_for_another_detector_is_not_applied(copied, tmp_path):
    project = copied(TEMPLATES[0])
    options = "--simulation.detector=swgo-tank --simulation.lg_energy=[13,14] --simulation.distance_m=[10,100]"
    trained = project.make("train", f"ARGS={SMALL} --compare=false --simulation.length=30 {options}", **OFF)
    assert trained.returncode == 0, trained.stdout + trained.stderr
    refused = project.make("apply", f"EVENT={write_event(tmp_path / 'event.json')}")
    assert refused.returncode != 0
    assert "was trained on 4 PMTs" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (project.folder / "applied").exists()


# Bad input


def files_of(folder: Path) -> None:
    """Write the files that the cases below name."""
    write_event(folder / "event.json")
    (folder / "truncated.json").write_text('{"stations": [{"id": 1, "pmt1": [0, 1')
    (folder / "empty.json").write_text('{"info": {"id": 7}, "stations": []}')
    traces = np.ones((20, 3, 60), np.float32)
    np.savez(folder / "no-truth.npz", traces_vem_peak=traces, bin_ns=25.0, event=np.arange(20))
    truth = {"n_muons": np.ones(20, int), "primary": np.full(20, "photon"), "distance_m": np.ones(20)}
    np.savez(folder / "one-class.npz", traces_vem_peak=traces, bin_ns=25.0, event=np.arange(20), **truth)
    np.savez(folder / "nan.npz", traces_vem_peak=traces * np.nan, bin_ns=25.0, event=np.arange(20), **truth)


@both
@pytest.mark.parametrize(
    ("script", "options", "explanation"),
    [
        ("train.py", ["--data=nowhere.npz"], "nowhere.npz"),
        ("train.py", ["--data=no-truth.npz"], "needs the truth"),
        ("train.py", ["--data=one-class.npz"], "class"),
        ("train.py", ["--data=nan.npz"], "finite"),
        ("train.py", ["--data=event.json"], "needs the truth"),
        ("train.py", ["--simulation.detector=hawc"], "auger-uub"),
        ("train.py", ["--simulation.primaries=[neutron]"], "neutron"),
        ("train.py", ["--simulation.n_stations=0"], "n_stations"),
        ("train.py", ["--preset=huge"], "huge"),
        ("train.py", ["--epohcs=3"], "epohcs"),
        ("apply.py", ["--event=event.json"], "train first"),
        ("apply.py", ["--event=nowhere.json", "--run=nowhere"], "nowhere"),
    ],
)
def test_wrong_input_ends_in_one_line(installed, template, tmp_path, script, options, explanation):
    files_of(tmp_path)
    project = installed(template)
    command = [str(project.folder / ".venv/bin/python"), str(project.folder / script), *options]
    failed = subprocess.run(
        command, cwd=tmp_path, env=project.environment | OFF, capture_output=True, text=True, timeout=120
    )
    assert failed.returncode != 0, failed.stdout
    assert "Traceback" not in failed.stderr, failed.stderr
    assert explanation in failed.stderr
    runs = list((tmp_path / "runs").glob("*/run.yaml"))
    assert all("failed" in run.read_text() for run in runs)


@pytest.mark.parametrize("event", ["truncated.json", "empty.json"])
def test_a_damaged_event_ends_in_one_line(trained, tmp_path, event):
    files_of(tmp_path)
    project, _ = trained(TEMPLATES[0])
    refused = project.make("apply", f"EVENT={tmp_path / event}")
    assert refused.returncode != 0
    assert event in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (project.folder / "applied").exists()
