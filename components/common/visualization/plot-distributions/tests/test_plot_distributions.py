"""The picture shows the shares of each class, says what it leaves out, and survives real data."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from matplotlib.figure import Figure

from stac.testing.component_checks import assert_clear_error, package_checks
from stac.visualization.plot_distributions import plot_distributions
from stac.visualization.plot_distributions._groups import density

COMPONENT = Path(__file__).parents[1]
pytestmark = pytest.mark.filterwarnings("error")
VALUES = np.random.default_rng(0).normal(size=120)


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def small_print(ax):
    return ax.get_title(loc="left")


def outlines(ax):
    return [patch for patch in ax.patches if not patch.get_fill()]


def test_bins_hold_the_shares_of_each_class():
    y = np.repeat(["a", "b"], [100, 20])
    ax = plot_distributions(VALUES, y, bins=7)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a (100)", "b (20)"]
    for patch, label in zip(outlines(ax), "ab", strict=True):
        shares, edges, _ = patch.get_data()
        assert len(shares) == 7
        assert shares.sum() == pytest.approx(1)
        np.testing.assert_allclose(shares, np.histogram(VALUES[y == label], edges)[0] / (y == label).sum())


def test_more_than_three_classes_become_ridges():
    ax = plot_distributions(VALUES, np.arange(120) % 5)
    assert [label.get_text() for label in ax.get_yticklabels()] == [f"{i} (24)" for i in range(5)]
    assert "density" in small_print(ax)
    assert "density" not in small_print(plot_distributions(VALUES, np.arange(120) % 5, kind="histogram"))


def test_density_has_area_one_and_lies_where_the_values_lie():
    values = np.random.default_rng(0).normal(3, 0.5, size=5000)
    grid = np.linspace(0, 6, 400)
    height = density(values, 0, 6, 400)
    assert height.sum() * (grid[1] - grid[0]) == pytest.approx(1, abs=1e-6)
    normal = np.exp(-0.5 * ((grid - 3) / 0.5) ** 2) / (0.5 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(height, normal, atol=0.06)


def test_boxes_show_quantiles():
    ax = plot_distributions(VALUES, kind="box")
    (box,) = ax.patches
    np.testing.assert_allclose([box.get_x(), box.get_x() + box.get_width()], np.quantile(VALUES, [0.25, 0.75]))
    whiskers, median = ax.lines
    np.testing.assert_allclose(whiskers.get_xdata(), np.quantile(VALUES, [0.05, 0.95]))
    assert median.get_xdata()[0] == pytest.approx(np.median(VALUES))


def test_missing_values_are_counted():
    values = np.array([1.0, 2.0, np.nan, np.inf, 3.0, 4.0])
    ax = plot_distributions(values, ["a", "a", "a", "a", "b", "b"])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a (2, 2 missing)", "b (2)"]


@pytest.mark.parametrize("kind", ["histogram", "ridge", "box"])
def test_only_missing_values_are_said(kind):
    ax = plot_distributions([np.nan, np.nan], ["a", "b"], kind=kind)
    assert ax.texts[0].get_text() == "all values are missing"


def test_far_values_do_not_squeeze_the_rest():
    values = np.append(np.random.default_rng(0).normal(size=1000), [1e9])
    ax = plot_distributions(values)
    assert ax.get_xlim()[1] < 10
    assert "far values outside: 1" in small_print(ax)
    assert "outside" not in small_print(plot_distributions(VALUES))


def test_labels_name_the_feature_and_its_unit():
    assert plot_distributions(VALUES, name="Charge", unit="VEM").get_xlabel() == "Charge (VEM)"
    assert plot_distributions(VALUES).get_legend() is None


def test_small_print_says_which_classes_are_left_out():
    assert "first 12 of 20 classes" in small_print(plot_distributions(VALUES, np.arange(120) % 20))


def test_given_axes_are_used():
    axes = Figure().subplots(1, 2)
    assert plot_distributions(VALUES, ax=axes[1]) is axes[1]


@settings(deadline=None, max_examples=12)
@given(
    values=st_numpy.arrays(
        np.float32,
        st.integers(1, 12),
        elements=st.floats(width=32, min_value=-(2.0**99), max_value=2.0**99) | st.just(np.nan) | st.just(np.inf),
    ),
    n_classes=st.integers(1, 6),
    kind=st.sampled_from([None, "histogram", "ridge", "box"]),
)
def test_any_values_can_be_drawn(values, n_classes, kind):
    ax = plot_distributions(values, np.arange(len(values)) % n_classes, kind=kind)
    ax.figure.draw_without_rendering()


@pytest.mark.parametrize("kind", ["histogram", "ridge", "box"])
def test_constants_can_be_drawn(kind):
    for value in (0, 7.5, -1e12):
        ax = plot_distributions([value] * 5, kind=kind)
        low, high = ax.get_xlim()
        assert low < value < high


def test_the_same_values_give_the_same_picture():
    pictures = []
    for _ in range(2):
        buffer = io.BytesIO()
        plot_distributions(VALUES, np.arange(120) % 4).figure.savefig(buffer, format="png")
        pictures.append(buffer.getvalue())
    assert pictures[0] == pictures[1]


def test_pyplot_is_not_touched():
    code = (
        "import sys; from stac.visualization.plot_distributions import plot_distributions; "
        "plot_distributions([1, 2, 3]); print('matplotlib.pyplot' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_bad_input_is_explained():
    assert_clear_error(plot_distributions, [], mentions=("nothing to draw",))
    assert_clear_error(plot_distributions, np.ones((3, 2)), mentions=("(3, 2)", "values[:, 0]"))
    assert_clear_error(plot_distributions, ["a", "b"], mentions=("numbers",))
    assert_clear_error(plot_distributions, VALUES, [0, 1], mentions=("(2,)", "120 values"))
    assert_clear_error(plot_distributions, VALUES, kind="violin", mentions=("violin", "ridge"))
    assert_clear_error(plot_distributions, VALUES, bins=0, mentions=("bins=0",))
    assert_clear_error(plot_distributions, VALUES, max_classes=0, mentions=("max_classes=0",))
