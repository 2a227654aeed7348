"""The picture says what the matrix says, and stays readable at any number of classes."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from stac.testing.component_checks import assert_clear_error, package_checks
from stac.visualization.plot_confusion_matrix import plot_confusion_matrix

COMPONENT = Path(__file__).parents[1]
pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def texts(ax):
    """Return the text of each annotated cell, by (row, column)."""
    return {(int(text.get_position()[1]), int(text.get_position()[0])): text.get_text() for text in ax.texts}


def render(ax, file_format="png"):
    buffer = io.BytesIO()
    ax.figure.savefig(buffer, format=file_format)
    return buffer.getvalue()


def random_matrix(n_classes, seed=0):
    return np.random.default_rng(seed).poisson(3, (n_classes, n_classes)) + 50 * np.eye(n_classes, dtype=int)


def test_cells_show_counts_and_shares_of_the_true_class():
    ax = plot_confusion_matrix([[1999, 1], [5, 15]])
    assert texts(ax) == {(0, 0): "1,999\n>99 %", (0, 1): "1\n<1 %", (1, 0): "5\n25 %", (1, 1): "15\n75 %"}


@pytest.mark.parametrize(
    ("normalize", "expected"),
    [
        ("true", ["75 %", "25 %", "0", "100 %"]),
        ("pred", ["100 %", "20 %", "0", "80 %"]),
        ("all", ["38 %", "12 %", "0", "50 %"]),
    ],
)
def test_normalize_writes_shares(normalize, expected):
    ax = plot_confusion_matrix([[3, 1], [0, 4]], normalize=normalize)
    assert list(texts(ax).values()) == expected


def test_rows_are_true_and_columns_predicted():
    ax = plot_confusion_matrix([[3, 1], [0, 4]], ["no", "yes"], title="Muons")
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("Predicted", "True", "Muons")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["no", "yes"]
    first, last = ax.get_ylim()
    assert first > last, "the first class is at the top"


def test_right_is_blue_and_wrong_is_red():
    ax = plot_confusion_matrix([[5, 5], [5, 5]])
    (image,) = ax.images
    red, _, blue, _ = np.moveaxis(image.cmap(image.norm(image.get_array())), -1, 0)
    assert (blue > red).tolist() == np.eye(2, dtype=bool).tolist()


def test_every_text_stands_out_from_its_cell():
    ax = plot_confusion_matrix(np.arange(100).reshape(10, 10) + 1)
    (image,) = ax.images
    colours = image.cmap(image.norm(image.get_array()))[..., :3] @ (0.2126, 0.7152, 0.0722)
    for text in ax.texts:
        column, row = (int(place) for place in text.get_position())
        assert abs((text.get_color() == "white") - colours[row, column]) > 0.4


def test_many_classes_get_a_colour_bar_instead_of_numbers():
    assert len(plot_confusion_matrix(random_matrix(25)).texts) > 500
    ax = plot_confusion_matrix(random_matrix(26))
    assert not ax.texts
    assert len(ax.figure.axes) == 2


def test_class_without_instances_stays_blank():
    ax = plot_confusion_matrix([[5, 1, 0], [0, 0, 0], [2, 0, 7]])
    assert {cell: text for cell, text in texts(ax).items() if cell[0] == 1} == {}
    plot_confusion_matrix([[0, 0], [0, 0]], normalize="all").figure.draw_without_rendering()


def test_long_names_do_not_overlap():
    names = ["Acer circinatum", "Acer glabrum", "Acer macrophyllum", "Quercus garryana"]
    ax = plot_confusion_matrix(random_matrix(4), names)
    ax.figure.draw_without_rendering()
    assert {label.get_rotation() for label in ax.get_xticklabels()} == {45}
    assert {label.get_rotation() for label in plot_confusion_matrix(random_matrix(4)).get_xticklabels()} == {0}


@pytest.mark.parametrize("n_classes", [2, 6, 12, 20, 25])
def test_texts_fit_their_cells(n_classes):
    ax = plot_confusion_matrix(random_matrix(n_classes) * 10)
    ax.figure.draw_without_rendering()
    cell = ax.get_window_extent().width / n_classes
    assert max(text.get_window_extent().width for text in ax.texts) <= cell


def test_dollar_signs_in_names_are_not_formulas():
    assert render(plot_confusion_matrix([[1, 0], [0, 1]], ["$", "a_$"]))


def test_very_long_names_are_cut():
    label = plot_confusion_matrix([[1]], ["x" * 200]).get_xticklabels()[0].get_text()
    assert len(label) == 24
    assert label.endswith("…")


def test_given_axes_are_used():
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert plot_confusion_matrix([[1, 0], [0, 1]], ax=right) is right
    assert not left.images


def test_matrix_is_not_changed():
    matrix = random_matrix(5)
    before = matrix.copy()
    plot_confusion_matrix(matrix, normalize="pred")
    np.testing.assert_array_equal(matrix, before)


def test_svg_is_small_and_the_same_every_time():
    assert len(render(plot_confusion_matrix(random_matrix(52)), "svg")) < 250_000
    assert render(plot_confusion_matrix(random_matrix(6))) == render(plot_confusion_matrix(random_matrix(6)))


@settings(deadline=None, max_examples=12)
@given(st.integers(1, 30), st.sampled_from([None, "true", "pred", "all"]), st.integers(0, 3), st.booleans())
def test_any_matrix_can_be_drawn(n_classes, normalize, most, weighted):
    matrix = np.random.default_rng(0).integers(0, most + 1, (n_classes, n_classes))
    ax = plot_confusion_matrix(matrix * 0.37 if weighted else matrix, normalize=normalize)
    ax.figure.draw_without_rendering()
    assert len(ax.get_xticklabels()) == n_classes


def test_pyplot_is_not_touched(tmp_path):
    code = (
        "import sys; from stac.visualization.plot_confusion_matrix import plot_confusion_matrix as plot; "
        "plot([[1, 0], [0, 1]]).figure.savefig('matrix.png'); print('matplotlib.pyplot' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([[1, 2, 3], [4, 5, 6]],), "square"),
        (([1, 2],), "square"),
        (([],), "square"),
        (([[1, -1], [0, 1]],), "negative"),
        (([[1, np.nan], [0, 1]],), "missing"),
        (([["a", "b"], ["c", "d"]],), "numbers"),
        (([[1, 0], [0, 1]], ["one"]), "one name per class"),
        (([[1, 0], [0, 1]], "ab"), "list"),
    ],
)
def test_wrong_input_is_explained(arguments, words):
    assert_clear_error(plot_confusion_matrix, *arguments, mentions=(words,))


def test_unknown_normalize_is_explained():
    assert_clear_error(plot_confusion_matrix, [[1]], normalize="rows", mentions=("normalize", "'true'"))
