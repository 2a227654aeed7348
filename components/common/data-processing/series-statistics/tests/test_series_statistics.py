"""Every statistic agrees with its definition, with gaps and without, and none is ever infinite."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from scipy import stats

from stac.data_processing.series_statistics import series_statistics
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
NAN = np.nan


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def draw(*shape):
    return np.random.default_rng(0).normal(5, 2, size=shape)


def named(x):
    values, names = series_statistics(np.asarray(x, dtype=float))
    return {name.removeprefix("channel0_"): float(value) for name, value in zip(names, values, strict=True)}


def by_definition(x):
    """Return what the README says, one statistic at a time."""
    known = x[~np.isnan(x)]
    time = np.arange(len(x))
    filled = np.interp(time, time[~np.isnan(x)], known)
    z = filled - known.mean()
    power = np.abs(np.fft.rfft(z)[1:]) ** 2
    p = power / power.sum()
    line = stats.linregress(time, filled)
    above = z > 0
    runs = [len(run) for run in "".join("x" if a else " " for a in above).split()]
    quantiles = np.quantile(known, [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])
    return {
        "mean": known.mean(),
        "std": known.std(),
        "skewness": stats.skew(known),
        "kurtosis": stats.kurtosis(known),
        "missing_share": np.isnan(x).mean(),
        **dict(
            zip(
                ("minimum", "quantile_05", "quantile_25", "median", "quantile_75", "quantile_95", "maximum"),
                quantiles,
                strict=True,
            )
        ),
        **{f"autocorrelation_{k}": (z[:-k] * z[k:]).sum() / (z * z).sum() for k in (1, 2, 5, 10)},
        "trend_slope": line.slope,
        "trend_strength": line.rvalue**2,
        "mean_absolute_change": np.abs(np.diff(filled)).mean(),
        "crossing_rate": (above[1:] != above[:-1]).mean(),
        "peak_rate": ((z[1:-1] > z[:-2]) & (z[1:-1] > z[2:])).sum() / len(x),
        "longest_above_mean": max(runs, default=0) / len(x),
        "spectral_entropy": -(p * np.log(p)).sum() / np.log(len(p)),
        "spectral_centroid": (p * np.fft.rfftfreq(len(x))[1:]).sum(),
    }


@pytest.mark.parametrize("n", [11, 40, 301])
@pytest.mark.parametrize("gaps", [0, 0.2])
def test_statistics_agree_with_their_definitions(n, gaps):
    x = draw(n)
    x[np.random.default_rng(1).random(n) < gaps] = NAN
    result, expected = named(x), by_definition(x)
    assert result.keys() == expected.keys()
    for name, value in expected.items():
        assert result[name] == pytest.approx(value, rel=1e-4, abs=1e-5), name


@settings(max_examples=30)
@given(
    st_numpy.arrays(
        np.float32,
        st_numpy.array_shapes(min_dims=1, max_dims=3, max_side=12),
        elements=st.floats(-1e6, 1e6, width=32) | st.just(NAN),
    )
)
def test_values_are_finite_unless_all_is_missing(X):
    before = X.copy()
    values, names = series_statistics(X)
    np.testing.assert_array_equal(X, before)
    n_channels = X.shape[-2] if X.ndim > 1 else 1
    assert values.shape == (*X.shape[:-2], len(names))
    assert values.dtype == np.float32
    by_channel = values.reshape(*X.shape[:-2], n_channels, -1).reshape(*X.shape[:-1], -1)
    nothing_known = np.isnan(X).all(axis=-1)
    assert np.isfinite(by_channel[~nothing_known]).all()
    share = names.index("channel0_missing_share")
    assert np.isnan(np.delete(by_channel[nothing_known], share, axis=-1)).all()
    assert (by_channel[nothing_known][..., share] == 1).all()


@pytest.mark.parametrize("value", [0.0, 0.1, -7, 123456.789, 3e38])
def test_constant_series_have_no_shape(value):
    values, names = series_statistics(np.full((2, 1, 50), value, np.float32))
    levels = ("mean", "minimum", "median", "maximum", "quantile")
    for name, column in zip(names, values.T, strict=True):
        is_level = any(level in name and "above" not in name and "absolute" not in name for level in levels)
        np.testing.assert_allclose(column, np.float32(value) if is_level else 0, rtol=1e-6, err_msg=name)


def test_huge_values_do_not_overflow():
    result = series_statistics(np.array([-3e38, 0, 3e38, 1e38], np.float32))[0]
    assert np.isfinite(result).all()


def test_small_signal_on_a_large_offset_keeps_its_digits():
    x = np.sin(np.arange(1000) / 10)
    values = series_statistics((x + 1000).astype(np.float32))[0]
    names = list(named(x))
    for name in ("std", "skewness", "autocorrelation_5", "spectral_centroid", "mean_absolute_change"):
        assert values[names.index(name)] == pytest.approx(named(x)[name], rel=2e-3, abs=2e-4), name


def test_what_one_knows_of_simple_series():
    assert named(np.arange(100))["trend_strength"] == pytest.approx(1, abs=1e-5)
    assert named(np.arange(100))["trend_slope"] == pytest.approx(1, abs=1e-5)
    sine = named(np.sin(2 * np.pi * 10 * np.arange(200) / 200))
    assert sine["spectral_entropy"] == pytest.approx(0, abs=1e-3)
    assert sine["spectral_centroid"] == pytest.approx(0.05, abs=1e-4)
    assert sine["peak_rate"] == pytest.approx(0.05)
    assert sine["kurtosis"] == pytest.approx(-1.5, abs=1e-4)


def test_lags_beyond_the_end_are_zero():
    result = named([1, 2, 0])
    assert result["autocorrelation_5"] == result["autocorrelation_10"] == 0
    assert np.isfinite(list(named([7.0]).values())).all()


def test_chosen_statistics_come_in_the_order_asked_for():
    X = draw(3, 2, 20)
    values, names = series_statistics(X, ["maximum", "mean"])
    assert names == ["channel0_maximum", "channel0_mean", "channel1_maximum", "channel1_mean"]
    np.testing.assert_allclose(values[:, 2], X[:, 1].max(axis=-1), rtol=1e-6)
    assert series_statistics(X, "std")[1] == ["channel0_std", "channel1_std"]


def test_unequal_lengths():
    X = [draw(2, 20), draw(2, 31), draw(2, 20)]
    values, names = series_statistics(X)
    assert values.shape == (3, len(names))
    for x, row in zip(X, values, strict=True):
        np.testing.assert_allclose(row, series_statistics(x)[0], rtol=1e-4, atol=1e-6)


def test_blocks_do_not_show_in_the_result(monkeypatch):
    X = draw(20, 2, 30)
    X[3, 1, 4:9] = NAN
    X[7, 0] = NAN
    whole = series_statistics(X)[0]
    monkeypatch.setattr("stac.data_processing.series_statistics.BLOCK_SIZE", 1)
    np.testing.assert_allclose(series_statistics(X)[0], whole, rtol=1e-4, atol=1e-6)


def test_bad_input_is_explained():
    x = draw(2, 5)
    assert_clear_error(series_statistics, [], mentions=("empty",))
    assert_clear_error(series_statistics, np.zeros((2, 0)), mentions=("(2, 0)",))
    assert_clear_error(series_statistics, [x, x[:1]], mentions=("X[1]", "channels"))
    assert_clear_error(series_statistics, x[None, None], mentions=("n_instances",))
    assert_clear_error(series_statistics, np.array(["a"]), mentions=("numbers",))
    assert_clear_error(series_statistics, np.array([1, np.inf]), mentions=("infinities",))
    assert_clear_error(series_statistics, [x, np.full((2, 3), -np.inf)], mentions=("X[1]", "infinities"))
    assert_clear_error(series_statistics, x, ["mean", "mode"], mentions=("mode", "median"))
