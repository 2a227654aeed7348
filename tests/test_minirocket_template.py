"""The MiniROCKET template: what it writes, what its targets do, and what it says to wrong answers and wrong data."""

import csv
import hashlib
import json
import re
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
TEMPLATE = "time-series-classification/minirocket"


def names_and_versions(requirements: str) -> set[str]:
    return set(re.findall(r"^[a-z][\w.-]*==[\w.+]+", requirements, re.MULTILINE))


def one_run(project) -> Path:
    (run,) = (project.folder / "runs").iterdir()
    return run


# What its targets do


def test_train_on_the_sample_data(project_copy):
    trained = project_copy.make("train")
    assert trained.returncode == 0, trained.stdout + trained.stderr
    run = one_run(project_copy)
    assert "accuracy" in trained.stdout
    assert f"{run}/report.html" in trained.stdout
    assert "upload" in trained.stdout + trained.stderr  # how to see it in ClearML
    record = yaml.safe_load((run / "run.yaml").read_text())
    assert record["status"] == "completed"
    assert record["seed"] == 0
    scalars = [json.loads(line) for line in (run / "scalars.jsonl").read_text().splitlines()]
    accuracy = next(scalar["value"] for scalar in scalars if scalar["name"] == "accuracy")
    assert accuracy == pytest.approx(0.959, abs=0.013)  # published; within three of 242 test instances
    assert "OSULeaf" in (run / "report.html").read_text("utf-8")
    assert list((run / "clearml").glob("*.zip"))


def test_the_same_command_gives_the_same_bits(project_copy):
    for n_jobs in (1, 2):
        trained = project_copy.make("train", f"ARGS=--n_features=1000 --n_jobs={n_jobs}", STAC_CLEARML="off")
        assert trained.returncode == 0, trained.stderr
    first, second = (project_copy.folder / "runs").iterdir()
    for name in ("artifacts/predictions.csv", "tables/metrics.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    listed = project_copy.make("runs")
    assert listed.returncode == 0, listed.stderr
    assert "n_jobs" in listed.stdout  # the one parameter that differs


def test_your_own_data_is_one_word_on_the_command_line(project_copy, tmp_path):
    data = tmp_path / "my series.csv"
    with data.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*range(40), "species"])
        for i in range(30):
            rows.writerow([*((i % 3) * (t % (i % 3 + 2)) + i / 100 for t in range(40)), "abc"[i % 3]])
    trained = project_copy.make("train", f"DATA={data}", "ARGS=--label_column=species", STAC_CLEARML="off")
    assert trained.returncode == 0, trained.stdout + trained.stderr
    predicted = project_copy.make("predict", f"DATA={data}", "ARGS=--label_column=species")
    assert predicted.returncode == 0, predicted.stderr
    with (project_copy.folder / "predictions.csv").open() as file:
        assert [row["prediction"] for row in csv.DictReader(file)][:3] == ["a", "b", "c"]


def test_predict_refuses_series_that_the_model_was_not_trained_on(project_copy, tmp_path):
    assert project_copy.make("train", "ARGS=--n_features=84", STAC_CLEARML="off").returncode == 0
    two_channels = tmp_path / "two.csv"
    rows = [f"{name},{time},{time},{-time}" for name in "ab" for time in range(427)]
    two_channels.write_text("\n".join(["id,time,left,right", *rows, ""]))
    refused = project_copy.make("predict", f"DATA={two_channels}")
    assert refused.returncode != 0
    assert "channel" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (project_copy.folder / "predictions.csv").exists()
    assert "make predict DATA=" in project_copy.make("predict").stderr


def test_the_report_is_written_again_and_named(project_copy):
    assert project_copy.make("train", "ARGS=--n_features=84", STAC_CLEARML="off").returncode == 0
    report = one_run(project_copy) / "report.html"
    report.unlink()
    shown = project_copy.make("report", BROWSER="true")
    assert shown.returncode == 0, shown.stderr
    assert report.exists()
    assert str(report.relative_to(project_copy.folder)) in shown.stdout


def test_runs_are_listed_from_the_first_on(project_copy):
    assert project_copy.make("train", "ARGS=--n_features=84", STAC_CLEARML="off").returncode == 0
    listed = project_copy.make("runs")
    assert listed.returncode == 0, listed.stderr
    assert one_run(project_copy).name in listed.stdout


def test_make_alone_lists_the_targets(minirocket_project):
    shown = minirocket_project.make().stdout
    for target in ("install", "train", "predict", "report", "runs", "test", "lint", "lock", "help"):
        assert f"make {target}" in shown


# Wrong data


def series_csv(folder: Path, rows: list[str], header: str = "a,b,c,d,e,f,g,h,i,j,label") -> Path:
    path = folder / "series.csv"
    path.write_text("\n".join([header, *rows, ""]))
    return path


NUMBERS = "1,2,3,4,5,6,7,8,9,10"


@pytest.mark.parametrize(
    ("rows", "explanation"),
    [
        ([], "series.csv"),
        ([f"{NUMBERS},a"] * 6, "class"),
        ([f"{NUMBERS},a", f"{NUMBERS},b", f"{NUMBERS},b"], "single instance"),
        ([f"{NUMBERS},a", f"{NUMBERS},b"[1:]] * 3, ""),
        ([f"{NUMBERS},a", "1,2,3,4,five,6,7,8,9,10,b"] * 3, "five"),
        ([f"{NUMBERS},a", "1,2,3,4,,6,7,8,9,10,b"] * 3, "NaN"),
        ([f"{NUMBERS},a", "1,2,3,4,inf,6,7,8,9,10,b"] * 3, "inf"),
    ],
    ids=["no rows", "one class", "one instance", "ragged", "text", "missing value", "infinity"],
)
def test_bad_data_ends_in_one_line(minirocket_project, tmp_path, rows, explanation):
    assert_one_line(minirocket_project, [f"--data={series_csv(tmp_path, rows)}"], explanation, tmp_path)


@pytest.mark.parametrize(
    ("options", "explanation"),
    [
        (["--data=nowhere.csv"], "nowhere.csv"),
        (["--data=NoSuchSet"], "NoSuchSet"),
        (["--test_size=2", "--data=series.csv"], "test_size"),
        (["--label_column=species", "--data=series.csv"], "species"),
        (["--n_features=-1"], "n_features"),
        (["--n_featuers=100"], "n_featuers"),
    ],
)
def test_a_wrong_option_ends_in_one_line(minirocket_project, tmp_path, options, explanation):
    series_csv(tmp_path, [f"{NUMBERS},a", f"{NUMBERS},b"] * 3)
    assert_one_line(minirocket_project, options, explanation, tmp_path)


def test_short_series_end_in_one_line(minirocket_project, tmp_path):
    path = series_csv(tmp_path, ["1,2,3,a", "3,2,1,b"] * 4, header="a,b,c,label")
    assert_one_line(minirocket_project, [f"--data={path}"], "9", tmp_path)


def test_a_runs_folder_that_cannot_be_written_ends_in_one_line(minirocket_project, tmp_path):
    (tmp_path / "runs").write_text("in the way")
    failed = train_in(minirocket_project, [], tmp_path)
    assert failed.returncode != 0
    assert "runs" in failed.stderr.splitlines()[-1]
    assert "Traceback" not in failed.stderr


def train_in(project, options: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(project.folder / ".venv/bin/python"), str(project.folder / "train.py"), *options]
    environment = project.environment | {"STAC_CLEARML": "off"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def assert_one_line(project, options: list[str], explanation: str, folder: Path) -> None:
    failed = train_in(project, options, folder)
    assert failed.returncode != 0, failed.stdout
    assert "Traceback" not in failed.stderr, failed.stderr
    assert explanation in failed.stderr
    assert not (folder / "runs").exists() or "failed" in next((folder / "runs").glob("*/run.yaml")).read_text()


# Where the components come from


def test_the_pins_of_the_template_are_the_ones_installed(minirocket_project):
    template = ROOT / "templates" / TEMPLATE / "{{cookiecutter.project_slug}}"
    shipped = names_and_versions((template / "requirements.txt").read_text())
    installed = names_and_versions((minirocket_project.folder / "requirements.txt").read_text())
    assert {pin for pin in installed if not pin.startswith("stac-")} == shipped, "run `make lock`"
    assert not {pin for pin in shipped if pin.startswith("stac-")}


# The second one needs components that its project does not import.
@pytest.mark.parametrize("template", [TEMPLATE, "water-cherenkov/muon-identification"])
def test_a_higher_version_on_another_index_is_not_taken(bake, tmp_path, template):
    project = bake(template)
    planted = plant(project, tmp_path, version="9.9.0")
    bare = subprocess.run(
        ["uv", "pip", "compile", "-", "--no-deps"],
        input="stac-track-run\n",
        env=project.environment | planted,
        capture_output=True,
        text=True,
    )
    assert "stac-track-run==9.9.0" in bare.stdout  # the trap is set

    installed = project.make("install", **planted)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    packages = next((project.folder / ".venv").glob("lib/*/site-packages"))
    assert list(packages.glob("stac_*.dist-info"))
    assert not list(packages.glob("stac_*-9.9.0.dist-info"))
    assert not list(packages.rglob("planted.py"))


def test_other_content_under_the_same_version_is_refused(bake, tmp_path):
    project = bake(TEMPLATE)
    refused = project.make("install", **plant(project, tmp_path, version="0.1.0"))
    assert refused.returncode != 0
    assert "Hash mismatch" in refused.stderr
    assert not list((project.folder / ".venv").rglob("planted.py"))


def plant(project, index: Path, version: str) -> dict[str, str]:
    """Put wheels of the project's components on another index, which uv is told to ask first."""
    for name in tomllib.loads((project.folder / "pyproject.toml").read_text())["tool"]["uv"]["sources"]:
        write_index_page(index, name, version)
    return {"UV_INDEX": index.as_uri()}


def write_index_page(index: Path, name: str, version: str) -> None:
    """Write a wheel that holds a planted module, and the page that lists it."""
    stem = f"{name.replace('-', '_')}-{version}"
    wheel = index / name / f"{stem}-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("planted.py", "")
        archive.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{stem}.dist-info/RECORD", "planted.py,,\n")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    page = f'<!DOCTYPE html><html><body><a href="{wheel.name}#sha256={digest}">{wheel.name}</a></body></html>'
    (wheel.parent / "index.html").write_text(page)
