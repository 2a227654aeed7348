"""The picture shows every bin's value and interval, and says how many instances stand behind it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from stac.metrics.binned_metrics import metric_in_bins
from stac.testing.component_checks import assert_clear_error, package_checks
from stac.visualization.plot_binned_metric import plot_binned_metric

COMPONENT = Path(__file__).parents[1]
pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def table(values, edges=None, spread=0.1, n=50):
    values = np.asarray(values, float)
    edges = np.arange(len(values) + 1.0) if edges is None else np.asarray(edges, float)
    bins = {"low": edges[:-1], "high": edges[1:], "centre": (edges[:-1] + edges[1:]) / 2, "n": np.full(len(values), n)}
    return bins | {"value": values, "value_low": values - spread, "value_high": values + spread}


def points(ax, i=0):
    return ax.containers[i][0].get_data()


def test_points_are_the_values_within_their_bins():
    ax = plot_binned_metric({"network": table([0.9, 0.7, 0.4])})
    x, y = points(ax)
    assert y.tolist() == [0.9, 0.7, 0.4]
    assert np.floor(x).tolist() == [0, 1, 2]


def test_models_stand_side_by_side():
    ax = plot_binned_metric({name: table([0.5, 0.6]) for name in ("cnn", "rnn", "trees")})
    places = [points(ax, i)[0][0] for i in range(3)]
    assert sorted(set(places)) == places


def test_intervals_are_drawn():
    ax = plot_binned_metric({"network": table([0.5], spread=0.2)})
    (bar,) = ax.containers[0][2]
    np.testing.assert_allclose(bar.get_segments()[0][:, 1], [0.3, 0.7])


def test_what_is_missing_is_left_out():
    ax = plot_binned_metric({"network": table([0.9, np.nan, 0.4])})
    assert points(ax)[1].tolist() == [0.9, 0.4]


def test_a_metric_without_interval_is_a_point():
    ax = plot_binned_metric({"network": metric_in_bins(np.mean, np.arange(100), np.arange(100.0), bins=4)})
    np.testing.assert_allclose(points(ax)[1], [12, 37, 62, 87])


def test_wide_ranges_get_a_logarithmic_axis():
    assert plot_binned_metric({"a": table([1, 2], edges=[1, 30, 900])}).get_xscale() == "log"
    assert plot_binned_metric({"a": table([1, 2], edges=[0, 30, 900])}).get_xscale() == "linear"
    assert plot_binned_metric({"a": table([1, 2], edges=[1, 30, 900])}, log_x=False).get_xscale() == "linear"


def test_numbers_of_instances_are_said():
    several = table([0.5, 0.6]) | {"n": np.array([1200, 40])}
    assert plot_binned_metric({"a": several}).get_title(loc="left") == "40 to 1,200 instances in a bin"
    assert plot_binned_metric({"a": table([0.5])}).get_title(loc="left") == "50 instances in a bin"


def test_given_axes_are_used():
    ax = Figure().add_subplot()
    assert plot_binned_metric({"a": table([1])}, ax, xlabel="Distance [m]") is ax
    assert ax.get_xlabel() == "Distance [m]"


@settings(deadline=None, max_examples=15)
@given(st.lists(st.floats(-10, 10) | st.just(np.nan), min_size=1, max_size=6), st.integers(1, 5), st.booleans())
def test_any_values_can_be_drawn(values, n_models, infinite):
    edges = np.arange(1.0, len(values) + 2)
    drawn = table(values, edges)
    if infinite:
        drawn["high"] = np.append(edges[1:-1], np.inf)
    plot_binned_metric({f"${i}": drawn for i in range(n_models)}).figure.draw_without_rendering()


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({}, "at least one"),
        ([1, 2], "list"),
        ({"a": [1, 2]}, "table 'a' is a list"),
        ({"a": {"low": [0], "high": [1]}}, "table 'a' has no centre"),
        ({"a": table([1, 2]) | {"n": np.ones(3)}}, "differ in length"),
    ],
)
def test_wrong_input_is_explained(tables, words):
    assert_clear_error(plot_binned_metric, tables, mentions=(words,))
