"""The picture shows where stations are, how large their signals, when they came, and where the shower came from."""

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
from stac.visualization.plot_footprint import plot_footprint

COMPONENT = Path(__file__).parents[1]
EVENT = {"x_m": 200.0, "y_m": 100.0, "zenith_deg": 40.0, "azimuth_deg": 0.0}
pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def stations(**changes):
    columns = {
        "x_m": np.array([0.0, 1500.0, 750.0]),
        "y_m": np.array([0.0, 0.0, 1300.0]),
        "signal_vem_charge": np.array([5.0, 400.0, 20.0]),
        "time_ns": np.array([1000.0, 2500.0, 4100.0]),
        "station": np.array([11, 12, 13]),
        "saturated": np.array([False, True, False]),
        "selected": np.array([True, True, False]),
    }
    return columns | changes


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def arrows(ax):
    return [text for text in ax.texts if text.arrow_patch is not None]


def colour_bar(ax):
    return next(other for other in ax.figure.axes if other is not ax)


def test_stations_stand_in_kilometres_and_grow_with_their_signal():
    markers, _ = plot_footprint(stations()).collections
    places, sizes = np.asarray(markers.get_offsets()), markers.get_sizes()
    by_signal = np.argsort(-stations()["signal_vem_charge"])
    np.testing.assert_allclose(places[:, 0], stations()["x_m"][by_signal] / 1000)
    np.testing.assert_allclose(places[:, 1], stations()["y_m"][by_signal] / 1000)
    assert (np.diff(sizes) < 0).all()


def test_colour_is_the_time_after_the_first_station():
    ax = plot_footprint(stations())
    assert colour_bar(ax).get_ylabel() == "Time after the first station (µs)"
    assert colour_bar(ax).get_ylim() == pytest.approx((0, 3.1))
    near = plot_footprint(stations(time_ns=[5e8, 5e8 + 30, 5e8 + 90]))
    assert colour_bar(near).get_ylabel() == "Time after the first station (ns)"


def test_colour_can_be_any_value():
    ax = plot_footprint(stations(), value=[0.1, np.nan, 0.9], value_label="Muon $p$", value_range=(0, 1))
    assert colour_bar(ax).get_ylabel() == r"Muon \$p\$"
    assert colour_bar(ax).get_ylim() == (0, 1)
    largest = ax.collections[0].get_facecolors()[0]
    np.testing.assert_allclose(largest, [0.88, 0.88, 0.88, 1])  # unknown: grey


def test_without_times_there_is_no_colour_bar():
    columns = stations()
    del columns["time_ns"]
    assert len(plot_footprint(columns).figure.axes) == 1
    assert len(plot_footprint(stations(time_ns=[np.nan] * 3)).figure.axes) == 1


def test_saturated_stations_have_a_ring_and_others_are_pale():
    ax = plot_footprint(stations())
    markers, rings = ax.collections
    np.testing.assert_allclose(rings.get_offsets(), [[1.5, 0]])
    assert markers.get_facecolors()[:, 3].tolist() == [1, pytest.approx(0.3), 1]
    assert {"saturated", "not selected"} < set(legend(ax))
    plain = legend(plot_footprint(stations(saturated=[0, 0, 0], selected=[1, 1, 1])))
    assert not {"saturated", "not selected"} & set(plain)


def test_core_and_direction_are_drawn():
    ax = plot_footprint(stations(), EVENT)
    (arrow,) = arrows(ax)
    np.testing.assert_allclose(arrow.xy, (0.2, 0.1))
    tail_x, tail_y = arrow.xyann
    assert tail_x > 0.2  # it comes from the east
    assert tail_y == pytest.approx(0.1)
    assert legend(ax)[-2:] == ["core", "direction, zenith 40°"]


@pytest.mark.parametrize("changes", [{"zenith_deg": 0.0}, {"azimuth_deg": np.nan}, {"zenith_deg": None}])
def test_without_direction_only_the_core_is_drawn(changes):
    event = {name: value for name, value in (EVENT | changes).items() if value is not None}
    ax = plot_footprint(stations(), event)
    assert arrows(ax) == []
    assert legend(ax)[-1] == "core"


def test_without_core_nothing_of_the_shower_is_drawn():
    assert "core" not in legend(plot_footprint(stations(), EVENT | {"x_m": np.nan}))


def test_ids_of_the_largest_signals_are_written():
    assert [text.get_text() for text in plot_footprint(stations()).texts] == ["11", "12", "13"]
    assert [text.get_text() for text in plot_footprint(stations(), max_ids=2).texts] == ["12", "13"]
    assert not plot_footprint(stations(), max_ids=0).texts


def test_stations_without_a_position_are_left_out():
    ax = plot_footprint(stations(x_m=[0.0, np.nan, 1.0]), value=[1, 2, 3])
    assert len(ax.collections[0].get_offsets()) == 2
    assert ax.get_title("right") == "1 without a position"


def test_a_kilometre_is_as_long_in_both_directions():
    ax = plot_footprint(stations(), EVENT)
    ax.figure.draw_without_rendering()
    (width, height), (x, y) = ax.get_window_extent().size, (np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim()))
    assert width / x == pytest.approx(height / y)


def test_given_axes_are_used():
    ax = Figure().add_subplot()
    assert plot_footprint(stations(), ax=ax, title="t").get_title("left") == "t"


def test_input_is_not_changed_and_picture_stays_the_same():
    def render(ax):
        buffer = io.BytesIO()
        ax.figure.savefig(buffer)
        return buffer.getvalue()

    columns = stations()
    first = render(plot_footprint(columns, EVENT))
    for name, column in stations().items():
        np.testing.assert_array_equal(columns[name], column)
    assert render(plot_footprint(columns, EVENT)) == first


@settings(deadline=None, max_examples=6)
@given(st.integers(1, 5), st.data())
def test_any_stations_can_be_drawn(n, data):
    numbers = st.floats(-1e5, 1e5) | st.just(np.nan)
    columns = {
        name: data.draw(st_numpy.arrays(float, n, elements=numbers)) for name in ("signal_vem_charge", "time_ns")
    }
    columns |= {name: data.draw(st_numpy.arrays(float, n, elements=st.floats(-5e4, 5e4))) for name in ("x_m", "y_m")}
    plot_footprint(columns, EVENT).figure.draw_without_rendering()


def test_pyplot_is_not_touched(tmp_path):
    code = (
        "import sys; from stac.visualization.plot_footprint import plot_footprint; "
        "plot_footprint({'x_m': [0], 'y_m': [0], 'signal_vem_charge': [1]}).figure.savefig('s.png'); "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"stations": {"x_m": [0], "y_m": [0]}}, "signal_vem_charge"),
        ({"stations": [1, 2]}, "columns"),
        ({"stations": {}}, "x_m"),
        ({"stations": stations(y_m=[0.0])}, "y_m"),
        ({"stations": stations(x_m=["a", "b", "c"])}, "x_m"),
        ({"stations": stations(x_m=[np.nan] * 3)}, "position"),
        ({"stations": stations(station=[1])}, "station"),
        ({"value": [1, 2]}, "value"),
        ({"value": ["a", "b", "c"]}, "numbers"),
        ({"value_range": (0, 1)}, "value_range"),
        ({"value": [1, 2, 3], "value_range": (1, 0)}, "value_range"),
        ({"event": {"x_m": "far"}}, "x_m"),
        ({"max_ids": -1}, "max_ids"),
    ],
)
def test_wrong_input_is_explained(wrong, words):
    arguments = {"stations": stations()} | wrong
    assert_clear_error(plot_footprint, **arguments, mentions=(words,))
