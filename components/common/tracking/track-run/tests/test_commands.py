"""What the commands list, show and compare print."""

import json

import pytest

from stac.tracking.track_run import track_run
from stac.tracking.track_run.__main__ import main


@pytest.fixture(autouse=True)
def two_runs(tmp_path, monkeypatch):
    """A working directory with two runs whose rate, accuracy and loss differ."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    runs = []
    for rate, accuracy, loss in [(0.1, 0.9, 0.3), (0.2, 0.8, 0.2)]:
        with track_run("leaves", f"rate {rate}", {"model": {"rate": rate, "depth": 3}}, clearml="off") as run:
            run.log_scalars({"accuracy": accuracy, "log_loss": loss})
            run.log_scalar("train/loss", 1.0, step=1)
            run.log_text("notes", "good")
        runs.append(run)
    return runs


def lines(capsys, *arguments):
    assert main(arguments) == 0
    return capsys.readouterr().out.splitlines()


def test_list_shows_the_newest_run_first_with_its_metrics(two_runs, capsys):
    rows = [line for line in lines(capsys, "list") if "rate-0" in line]
    assert [row.split()[0] for row in rows] == [run.id for run in reversed(two_runs)]
    assert "completed" in rows[0]
    assert rows[0].split()[-2:] == ["0.8", "0.2"]


def test_list_keeps_to_the_project(capsys):
    assert main(["list", "--project", "trees"]) == 1
    assert capsys.readouterr().err.startswith("track-run: there are no runs")


def test_show_has_parameters_metrics_curves_and_files(capsys):
    text = "\n".join(lines(capsys, "show", "latest"))
    for part in ("model.rate", "accuracy", "train/loss", "1 points", "texts/notes.md", "completed"):
        assert part in text


def test_compare_has_what_differs_only(two_runs, capsys):
    text = "\n".join(lines(capsys, "compare", two_runs[0].id[-4:], str(two_runs[1].folder)))
    assert "model.rate" in text
    assert "accuracy" in text
    assert "depth" not in text


def test_compare_marks_the_best(two_runs, monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = "\n".join(lines(capsys, "compare"))
    assert "\x1b[1m0.9" in text
    assert "\x1b[1m0.2" in text
    assert "\x1b[1m0.8" not in text


def test_everything_can_be_json(two_runs, capsys):
    listed = json.loads("\n".join(lines(capsys, "list", "--json")))
    assert [run["id"] for run in listed] == [run.id for run in reversed(two_runs)]
    assert json.loads("\n".join(lines(capsys, "show", "latest", "--json")))["summary"]["accuracy"] == 0.8
    assert json.loads("\n".join(lines(capsys, "compare", "--json")))["parameters"] == {"model.rate": [0.1, 0.2]}


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["show", "nothing"], "There is no run nothing in runs"),
        (["show", "2"], "could be any of"),
        (["compare", "latest"], "give two runs or more"),
        (["list", "--runs-folder", "nowhere"], "there are no runs in nowhere"),
    ],
)
def test_what_cannot_be_is_one_line(arguments, part, capsys):
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert part in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", [[], ["list"], ["show"], ["compare"], ["upload"]])
def test_help_teaches(command, capsys):
    with pytest.raises(SystemExit) as end:
        main([*command, "--help"])
    assert end.value.code == 0
    assert "usage: track-run" in capsys.readouterr().out


def test_a_name_with_brackets_is_shown_as_it_is(capsys):
    with track_run("leaves", "a[/b]", {"note": "[red]"}, clearml="off") as run:
        run.log_scalar("f1[macro]", 0.5)
    text = "\n".join(lines(capsys, "show", run.id))
    assert "a[/b]" in text
    assert "f1[macro]" in text
    assert main(["list"]) == 0
    assert main(["compare"]) == 0
