"""What the report shows, in which order, and that nothing a run logged can break it or run in it."""

import json
import math
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.testing.component_checks import package_checks
from stac.tracking.run_report import _charts, _compare, main, write_report
from stac.tracking.run_report._charts import charts_of, split_name, thin
from stac.tracking.run_report._format import duration, file_size, number, web_address
from stac.tracking.run_report._markdown import markdown

EVIL = "<script>window.evil = 1</script><img src=x onerror='window.evil = 1'>"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "5e0ab36d0000000049454e44ae426082"
)
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_run(runs, number=0, *, scalars=(), events=(), files=None, config=None, **facts):
    """Write a run folder by hand, as the format describes it."""
    started = START + timedelta(minutes=number)
    folder = Path(runs) / f"{started:%Y%m%d-%H%M%S}-run-{number:04x}"
    folder.mkdir(parents=True)
    run = {"format": 1, "id": folder.name, "project": "leaves", "name": f"run {number}", "status": "completed",
           "seed": 0, "started_at": started.isoformat(), "duration_seconds": 12.5, "error": None,
           "command": "python train.py"}  # fmt: skip
    (folder / "run.yaml").write_text(json.dumps(run | facts), encoding="utf-8")  # JSON is YAML
    (folder / "config.yaml").write_text(json.dumps(config or {}), encoding="utf-8")
    lines = [{"name": name, "value": value, "step": step, "time": 0.0} for name, value, step in scalars]
    (folder / "scalars.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "events.jsonl").write_text("".join(json.dumps({"time": 0.0, **event}) + "\n" for event in events))
    for name, content in (files or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def full_run(runs, number=5, name="run", **facts):
    """Write a run that has everything; whatever is text is `name`."""
    matrix = {"labels": [name, "b"], "matrix": [[5, 1], [0, 4]]}
    table = {"columns": ["class", name], "rows": [[name, 0.5], ["b", 0.25]]}
    kinds = {"dataset": None, "confusion_matrix": "tables/m.json", "table": "tables/t.json", "figure": "figures/f.png",
             "text": "texts/t.md", "artifact": "artifacts/a.csv", "model": "models/m.npz"}  # fmt: skip
    return make_run(
        runs, number, name=name, tags=[name], config={"model": {name: name}},
        scalars=[("accuracy", 0.9, None), (f"train/{name}", 0.5, 0), (f"train/{name}", 0.4, 1)],
        events=[{"kind": kind, "name": name, "path": path, **({"sha256": "ab", "source": name, "shape": [2, 1, 3],
                 "classes": {name: 2}} if kind == "dataset" else {})} for kind, path in kinds.items()],
        files={"tables/m.json": json.dumps(matrix), "tables/t.json": json.dumps(table), "figures/f.png": PNG,
               "texts/t.md": f"# {name}\n\n- {name}\n\n```\n{name}\n```", "artifacts/a.csv": "1", "models/m.npz": "1",
               "git.diff": f"diff --git a b\n+{name}\n-x\n",
               "environment.yaml": json.dumps({"python": "3.11", "packages": {name: "1.0"}})},
        error={"type": "ValueError", "message": name, "traceback": name}, command=f"python train.py {name}", **facts,
    )  # fmt: skip


class Page(HTMLParser):
    """The page's elements, ids, visible text and links."""

    void = {"meta", "link", "img", "input", "br", "hr", "wbr", "path"}

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.text, self.unbalanced = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())

    def all(self, tag, **wanted):
        return [a for t, a in self.elements if t == tag and all(a.get(k) == v for k, v in wanted.items())]


def page_of(folder, **options):
    return Page(write_report(folder, **options).read_text(encoding="utf-8"))


@pytest.mark.parametrize("check", package_checks())
def test_package_keeps_the_contract(check):
    check(Path(__file__).parents[1])


# The page as a whole


def test_page_is_well_formed_and_needs_nothing_from_elsewhere(tmp_path):
    make_run(tmp_path, 0, scalars=[("accuracy", 0.8, None)])
    page = page_of(full_run(tmp_path))
    assert not page.unbalanced
    assert not page.open
    assert all(attributes["src"].startswith("data:") for _, attributes in page.elements if attributes.get("src"))
    assert not page.all("link")
    assert not [a for a in page.all("a") if "://" in (a.get("href") or "")]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_sections_come_in_the_order_a_reader_needs(tmp_path):
    make_run(tmp_path, 0, scalars=[("accuracy", 0.8, None)])
    page = page_of(full_run(tmp_path, status="failed"))
    assert [a["id"] for a in page.all("section")] == [
        "error", "metrics", "confusion", "tables", "figures", "curves", "runs", "parameters", "texts", "files",
        "environment", "changes", "again",
    ]  # fmt: skip


def test_nothing_a_run_logged_becomes_markup(tmp_path):
    clean = page_of(full_run(tmp_path / "clean", name="plain"))
    page = page_of(full_run(tmp_path / "evil", name=EVIL))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in clean.elements]
    assert not [a for _, a in page.elements if "onerror" in a]
    assert page.words.count(EVIL) >= 10


def test_only_the_pages_own_script_may_run(tmp_path):
    page = page_of(make_run(tmp_path))
    (policy,) = page.all("meta", **{"http-equiv": "Content-Security-Policy"})
    assert "default-src 'none'" in policy["content"]
    assert "script-src 'sha256-" in policy["content"]


def test_unicode_survives(tmp_path):
    page = page_of(full_run(tmp_path, name="größer 漢字 🌿"))
    assert page.words.count("größer 漢字 🌿") >= 10


def test_report_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    folder = make_run(tmp_path)
    report = write_report(folder)
    before = report.read_text()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write_report(folder)
    assert report.read_text() == before
    assert not list(folder.glob(".report.html*"))


def test_links_lead_from_where_the_page_is(tmp_path):
    folder = full_run(tmp_path / "runs")
    page = page_of(folder, output=tmp_path / "elsewhere" / "page.html")
    assert page.all("a", href=f"../runs/{folder.name}/artifacts/a.csv")


# Runs that are not as they should be


def test_empty_run_says_so(tmp_path):
    page = page_of(make_run(tmp_path, command=None))
    assert "This run logged no values" in page.words


def test_folder_with_nothing_but_a_broken_run_file_still_renders(tmp_path):
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "run.yaml").write_text("format: 1\nid: [unfinished")
    assert "broken" in page_of(folder).words


def test_killed_run_with_half_a_line_shows_the_rest(tmp_path):
    folder = make_run(tmp_path, status="running", process={"pid": 2**22 + 1, "started_at": 1, "host": "elsewhere"},
                      scalars=[("train/loss", 0.5, 0), ("train/loss", 0.25, 1)])  # fmt: skip
    os.utime(folder / "run.yaml", (0, 0))
    for name in ("scalars.jsonl", "events.jsonl"):
        with (folder / name).open("a") as file:
            file.write('{"name": "train/lo')
    page = page_of(folder)
    assert "killed" in page.words
    assert "0.2500" in page.words


@pytest.mark.parametrize(
    ("kind", "path"), [("figure", "figures/gone.svg"), ("table", "tables/gone.json"), ("text", "texts/gone.md"),
                       ("confusion_matrix", "tables/gone.json"), ("artifact", "artifacts/gone"), ("model", None)]
)  # fmt: skip
def test_missing_file_is_named(tmp_path, kind, path):
    page = page_of(make_run(tmp_path, events=[{"kind": kind, "name": "it", "path": path}]))
    assert (f"{path} is missing" if path else "names no file") in page.words


def test_files_outside_the_run_are_not_shown(tmp_path):
    (tmp_path / "secret.png").write_bytes(PNG)
    page = page_of(make_run(tmp_path, events=[{"kind": "figure", "name": "f", "path": "../secret.png"}]))
    assert "lies outside the run folder" in page.words
    assert not [a for a in page.all("img") if a.get("src")]


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"columns": ["a"], "rows": [[1, 2]]}', '{"labels": ["a"], "matrix": [[1, 2]]}',
                '{"labels": 3, "matrix": 4}', '{"labels": ["a"], "matrix": [["x"]]}']
)  # fmt: skip
def test_broken_table_is_named_and_the_rest_shown(tmp_path, content):
    events = [{"kind": kind, "name": "t", "path": "tables/t.json"} for kind in ("table", "confusion_matrix")]
    page = page_of(
        make_run(tmp_path, events=events, files={"tables/t.json": content}, scalars=[("accuracy", 0.75, None)])
    )
    assert "This confusion matrix can't be shown" in page.words
    assert "0.7500" in page.words


def test_secrets_in_addresses_are_left_out():
    assert web_address("https://user:token@example.org/a") == "https://example.org/a"
    assert web_address("javascript:alert(1)") is None


def test_clearml_address_is_a_link_only_when_online(tmp_path):
    url = "https://clearml.example.org/projects/1"
    online = page_of(make_run(tmp_path / "a", clearml={"mode": "online", "url": url}))
    offline = page_of(make_run(tmp_path / "b", clearml={"mode": "offline", "url": None}))
    assert online.all("a", href=url)
    assert "stac.tracking.track_run upload" in offline.words
    assert not page_of(make_run(tmp_path / "c", clearml={"mode": "online", "url": "javascript:alert(1)"})).all(
        "a", href="javascript:alert(1)"
    )


# Metrics and earlier runs


def test_interval_and_change_stand_on_the_tile(tmp_path):
    make_run(tmp_path, 0, scalars=[("accuracy", 0.8, None)])
    metrics = [("accuracy", 0.9, None), ("accuracy_low", 0.85, None), ("accuracy_high", 0.95, None)]
    page = page_of(make_run(tmp_path, 1, scalars=metrics))
    assert "0.8500 \N{EN DASH} 0.9500" in page.words
    assert "+0.1000 (better)" in page.words
    assert "accuracy low" not in page.words.lower()


def test_interval_is_found_in_a_table(tmp_path):
    table = {"columns": ["metric", "value", "low", "high"], "rows": [["accuracy", 0.9, 0.81, 0.97]]}
    page = page_of(make_run(tmp_path, scalars=[("accuracy", 0.9, None)], files={"tables/t.json": json.dumps(table)},
                            events=[{"kind": "table", "name": "metrics", "path": "tables/t.json"}]))  # fmt: skip
    assert "0.8100 \N{EN DASH} 0.9700" in page.words
    assert "0.9700" not in page.words.replace("0.8100 \N{EN DASH} 0.9700", "")  # not told a second time


def test_a_table_of_intervals_that_no_tile_shows_stays(tmp_path):
    table = {"columns": ["metric", "value", "low", "high"], "rows": [["kappa", 0.9, 0.81, 0.97]]}
    page = page_of(make_run(tmp_path, scalars=[("accuracy", 0.9, None)], files={"tables/t.json": json.dumps(table)},
                            events=[{"kind": "table", "name": "metrics", "path": "tables/t.json"}]))  # fmt: skip
    assert "kappa" in page.words


def test_comparison_takes_earlier_runs_of_the_same_project_newest_first(tmp_path):
    for i, project in enumerate(["leaves", "other", "leaves", "leaves"]):
        make_run(tmp_path, i, project=project, scalars=[("accuracy", i / 10, None)])
    run = _compare.read_run(make_run(tmp_path, 4, scalars=[("accuracy", 0.9, None)]))
    make_run(tmp_path, 5, scalars=[("accuracy", 0.99, None)])
    assert [other.name for other in _compare.previous_runs(run, 20)] == ["run 3", "run 2", "run 0"]
    assert [other.name for other in _compare.previous_runs(run, 2)] == ["run 3", "run 2"]
    assert _compare.previous_runs(run, 0) == []


def test_change_is_measured_only_on_the_same_data_and_completed_runs(tmp_path):
    def data(sha):
        return [{"kind": "dataset", "name": "train", "path": None, "sha256": sha}]

    make_run(tmp_path, 0, events=data("a"), scalars=[("accuracy", 0.5, None)])
    make_run(tmp_path, 1, events=data("b"), scalars=[("accuracy", 0.6, None)])
    make_run(tmp_path, 2, events=data("a"), scalars=[("accuracy", 0.7, None)], status="failed")
    page = page_of(make_run(tmp_path, 3, events=data("a"), scalars=[("accuracy", 0.9, None)]))
    assert "+0.4000 (better)" in page.words
    assert "other data" in page.words


def test_only_differing_parameters_and_the_best_value_are_marked(tmp_path):
    make_run(tmp_path, 0, scalars=[("accuracy", 0.95, None)], config={"model": {"depth": 2, "kind": "same"}})
    run = _compare.read_run(
        make_run(tmp_path, 1, scalars=[("accuracy", 0.9, None)], config={"model": {"depth": 3, "kind": "same"}})
    )
    table = _compare.comparison(run, _compare.previous_runs(run, 20), lambda other: None)
    assert table["parameters"] == ["model.depth"]
    assert [[cell["best"] for cell in row["metrics"]] for row in table["rows"]] == [[False], [True]]


def test_earlier_runs_are_linked_when_they_have_a_report(tmp_path):
    first, second = make_run(tmp_path, 0, scalars=[("accuracy", 1.0, None)]), make_run(tmp_path, 1)
    write_report(first)
    page = page_of(make_run(tmp_path, 2, scalars=[("accuracy", 0.5, None)]))
    assert page.all("a", href=f"../{first.name}/report.html")
    assert not page.all("a", href=f"../{second.name}/report.html")


@pytest.mark.parametrize(
    ("metric", "expected"),
    [("accuracy", 1), ("macro_f1", 1), ("roc_auc", 1), ("log_loss", -1), ("validation/loss", -1), ("fit_seconds", -1),
     ("closeness", 0), ("n_test", 0)],
)  # fmt: skip
def test_direction_of_a_metric_is_read_from_its_name(metric, expected):
    assert _compare.direction(metric) == expected


# Curves

values = st.lists(st.floats(width=32), min_size=1, max_size=3000)


@settings(deadline=None)
@given(values)
def test_thinning_keeps_ends_extremes_and_gaps(series):
    points = list(enumerate(series))
    kept = thin(points, limit=100)
    assert len(kept) <= 100
    assert kept == sorted(kept, key=lambda point: point[0])
    assert kept[0][0] == 0
    assert kept[-1][0] == len(points) - 1
    finite = [y for y in series if math.isfinite(y)]
    shown = [y for _, y in kept if math.isfinite(y)]
    assert bool(finite) == bool(shown)
    if finite:
        assert (min(shown), max(shown)) == (min(finite), max(finite))
    assert (len(finite) < len(series)) == (len(shown) < len(kept))


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(min_size=1), st.lists(st.tuples(st.integers(-(10**9), 10**9), st.floats()), min_size=1), max_size=3
    )
)
def test_any_curve_can_be_drawn(curves):
    for chart in charts_of({name: [(step, value, 0.0) for step, value in points] for name, points in curves.items()}):
        json.dumps(chart.data, allow_nan=False)
        for line in chart.lines:
            assert "nan" not in "".join(line.paths.values())
            assert "inf" not in "".join(line.paths.values())
        assert all(-1 <= share <= 101 for axis in (chart.x, *chart.scales.values()) for _, share in axis.ticks)


def test_series_of_one_metric_share_a_chart():
    curve = [(0, 1.0, 0.0), (1, 0.5, 0.0)]
    charts = charts_of({"train/loss": curve, "validation/loss": curve, "val_accuracy": curve, "rate": curve})
    assert [(chart.title, [line.name for line in chart.lines]) for chart in charts] == [
        ("loss", ["train", "validation"]), ("val · accuracy", ["val"]), ("rate", ["rate"]),
    ]  # fmt: skip
    assert split_name("loss/train") == ("loss", "train")


def test_logarithmic_scale_is_offered_for_wide_positive_ranges_only():
    assert "log" in _charts.draw("x", {"x": [(0, 1e-3), (1, 1.0)]}).scales
    assert "log" not in _charts.draw("x", {"x": [(0, 0.5), (1, 1.0)]}).scales
    assert "log" not in _charts.draw("x", {"x": [(0, 0.0), (1, 1.0)]}).scales


def test_line_is_interrupted_where_a_value_is_not_finite():
    chart = _charts.draw("x", {"x": [(0, 1.0), (1, math.nan), (2, 2.0), (3, 1.0)]})
    assert chart.lines[0].paths["linear"].count("M") == 2
    assert chart.lines[0].gaps == 1


def test_hundred_thousand_points_make_a_small_page(tmp_path):
    folder = make_run(tmp_path, scalars=[(name, math.sin(i), i) for name in ("a", "b") for i in range(50_000)])
    assert write_report(folder).stat().st_size < 300_000


def test_hundreds_of_curves_make_a_page_of_bearable_size(tmp_path):
    scalars = [(f"curve {k}", float(i), i) for k in range(300) for i in range(300)]
    assert write_report(make_run(tmp_path, scalars=scalars)).stat().st_size < 6_000_000


# Small things


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.91744, "0.9174"), (242.0, "242"), (12345.6, "12\N{NARROW NO-BREAK SPACE}346"), (0.0, "0"), (True, "True"),
     (-0.5, "\N{MINUS SIGN}0.5000"), (1e-6, "1e\N{MINUS SIGN}06"), (math.nan, "NaN"), (-math.inf, "\N{MINUS SIGN}∞"),
     (None, "\N{EN DASH}"), ("text", "text")],
)  # fmt: skip
def test_numbers_read_well(value, text):
    assert number(value) == text


def test_durations_and_sizes_read_well():
    assert [duration(s) for s in (0.42, 200, 7500, 200_000, None)] == [
        "0.42 s",
        "3 min 20 s",
        "2 h 5 min",
        "2 d 7 h",
        "\N{EN DASH}",
    ]
    assert [file_size(n) for n in (12, 3_400_000)] == ["12 B", "3.4 MB"]


@settings(deadline=None)
@given(st.text())
def test_markdown_adds_only_its_own_tags(text):
    page = Page(str(markdown(text)))
    assert {tag for tag, _ in page.elements} <= {"p", "h4", "ul", "ol", "li", "pre", "code", "strong"}
    assert not any(attributes for _, attributes in page.elements)
    assert not page.unbalanced


# Command line


def test_newest_run_is_the_default(tmp_path, monkeypatch, capsys):
    make_run(tmp_path / "runs", 0)
    newest = make_run(tmp_path / "runs", 1)
    monkeypatch.chdir(tmp_path)
    assert main([]) == 0
    assert capsys.readouterr().out.strip() == str(Path("runs") / newest.name / "report.html")


@pytest.mark.parametrize("argument", [[], ["missing"], ["."], ["runs"], ["file.txt"]])
def test_anything_but_a_run_is_one_line_and_a_status(tmp_path, argument):
    (tmp_path / "file.txt").write_text("no run")
    if argument == ["runs"]:
        make_run(tmp_path / "runs")
    result = subprocess.run(
        [sys.executable, "-m", "stac.tracking.run_report", *argument], cwd=tmp_path, capture_output=True, text=True
    )
    assert result.returncode == 1
    assert not result.stdout
    assert result.stderr.startswith("run-report: ")
    assert result.stderr.count("\n") == 1


def test_output_that_cannot_be_written_is_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main([str(make_run(tmp_path / "runs")), "--output", str(tmp_path / "file" / "report.html")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_negative_limit_is_explained(tmp_path):
    with pytest.raises(ValueError, match="0 or more, not -1"):
        write_report(make_run(tmp_path), max_previous=-1)


# In a browser


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_browser_has_no_complaint_and_no_sideways_scrolling(chromium, tmp_path, width, scheme):
    long = "a_very_long_name_without_any_space_" * 5
    make_run(tmp_path, 0, scalars=[("accuracy", 0.8, None)], config={long: long})
    chromium.open(write_report(full_run(tmp_path, name=long)), width, scheme=scheme)
    assert chromium.errors == []
    assert [url for url in chromium.requests if not url.startswith(("file:", "data:"))] == []
    assert chromium.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_scripts_a_run_logged_do_not_run(chromium, tmp_path):
    chromium.open(write_report(full_run(tmp_path, name=EVIL)))
    assert chromium.evaluate("typeof window.evil") == "undefined"
    assert chromium.errors == []


def test_text_stands_out_from_its_background(chromium, tmp_path):
    make_run(tmp_path, 0, scalars=[("accuracy", 0.8, None)])
    report = write_report(full_run(tmp_path))
    for scheme in ("light", "dark"):
        chromium.open(report, scheme=scheme)
        assert chromium.evaluate(LOW_CONTRAST) == []


def test_page_can_be_used(chromium, tmp_path):
    chromium.open(write_report(full_run(tmp_path)))
    chromium.evaluate("document.querySelector('.sortable thead th:nth-child(2) button').click()")
    assert chromium.evaluate("document.querySelector('.sortable tbody td').textContent") == "b"
    chromium.evaluate(
        "document.querySelector('.chart .plot').dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}))"
    )
    assert chromium.evaluate("document.querySelector('.readout').textContent").startswith("step 1")
    chromium.evaluate("document.querySelector('.zoom').click()")
    assert chromium.evaluate("document.querySelector('dialog').open")
    chromium.evaluate("for (let i = 0; i < 2; i++) document.getElementById('theme').click()")
    assert chromium.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    assert chromium.errors == []


# Texts whose colour differs from what lies behind by less than 4.5 to 1 (WCAG AA).
LOW_CONTRAST = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const pixel = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => rgb.map((c) => c / 255).map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || !element.checkVisibility() || element.closest('script, dialog, .hidden')) continue;
    const behind = [];
    for (let e = element; e; e = e.parentElement) behind.unshift(getComputedStyle(e).backgroundColor);
    const [a, b] = [light(pixel(behind)), light(pixel([...behind, getComputedStyle(element).color]))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.push(`${text}: ${contrast.toFixed(2)}`);
  }
  return found;
})()"""
