"""Spectra agree with numpy and scipy, and features with what one knows about simple signals."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from stac.data_processing.spectral_features import fourier_features, frequencies, magnitude_spectrum, spectrogram
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
NAN = np.nan


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def draw(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def named(X, **parameters):
    features, names = fourier_features(X, **parameters)
    return {name.removeprefix("channel0_"): features[..., i] for i, name in enumerate(names)}


@settings(max_examples=25)
@given(st.sampled_from([(), (2,), (3, 2)]), st.integers(1, 40), st.none() | st.integers(1, 50))
def test_spectrum_agrees_with_numpy(shape, n, n_fft):
    X = draw(*shape, n)
    expected = np.abs(np.fft.rfft(X.astype(float), n=n_fft))
    result = magnitude_spectrum(X, n_fft=n_fft)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)


def test_window_tapers_the_series():
    X = draw(2, 64)
    expected = np.abs(np.fft.rfft(X * signal.get_window("hann", 64)))
    np.testing.assert_allclose(magnitude_spectrum(X, window="hann"), expected, rtol=1e-4, atol=1e-4)


def test_unequal_lengths_share_the_frequencies_of_the_longest():
    X = [draw(2, 9), draw(2, 16), draw(2, 9)]
    result = magnitude_spectrum(X)
    assert result.shape == (3, 2, 9)
    np.testing.assert_allclose(result[0], np.abs(np.fft.rfft(X[0], n=16)), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(result[1], magnitude_spectrum(X[1]), rtol=1e-6)


@settings(max_examples=25)
@given(n=st.integers(1, 60), length=st.integers(1, 20), stride=st.none() | st.integers(1, 9))
def test_spectrogram_holds_the_spectra_of_windows(n, length, stride):
    X = draw(2, 3, n)
    if n < length:
        assert_clear_error(spectrogram, X, length, stride=stride, mentions=("fewer than the",))
        return
    result = spectrogram(X, length, stride=stride)
    step = stride or max(1, length // 2)
    taper = signal.get_window("hann", length)
    assert result.shape == (2, 3, length // 2 + 1, (n - length) // step + 1)
    for i in range(result.shape[-1]):
        expected = np.abs(np.fft.rfft(X[..., i * step : i * step + length] * taper))
        np.testing.assert_allclose(result[..., i], expected, rtol=1e-4, atol=1e-4)


def test_frequencies_of_columns():
    np.testing.assert_allclose(frequencies(5, 100), [0, 20, 40])


def test_a_sine_is_one_peak():
    x = 3 * np.sin(2 * np.pi * 7 * np.arange(200) / 100) + 40  # 7 Hz at 100 points a second
    features = named(x, sampling_rate=100)
    assert features["power"] == pytest.approx(4.5)
    assert features["peak_frequency"] == features["rolloff"] == pytest.approx(7)
    assert features["centroid"] == pytest.approx(7)
    assert features["bandwidth"] == pytest.approx(0, abs=1e-3)
    assert features["peak_share"] == features["band1_share"] == pytest.approx(1)
    assert features["entropy"] == pytest.approx(0, abs=1e-6)
    assert features["flatness"] == pytest.approx(0, abs=1e-6)


def test_an_impulse_is_white():
    x = np.zeros(101)
    x[50] = 1
    features = named(x, n_bands=5)
    assert features["entropy"] == features["flatness"] == pytest.approx(1)
    assert features["centroid"] == pytest.approx(0.2525, abs=1e-3)
    assert sum(features[f"band{i}_share"] for i in range(5)) == pytest.approx(1)


@settings(max_examples=25)
@given(st.integers(2, 40))
def test_power_is_the_variance(n):
    X = draw(4, 1, n)
    np.testing.assert_allclose(named(X)["power"], X.var(axis=-1)[:, 0], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("value", [0.0, 0.1, 123456.789])
def test_constant_series_have_zeros(value):
    assert not fourier_features(np.full((2, 3, 50), value, np.float32))[0].any()


def test_missing_values_touch_their_channel_alone():
    X = draw(3, 2, 50)
    X[1, 0, 7] = NAN
    features, names = fourier_features(X)
    assert np.isnan(features[1, : len(names) // 2]).all()
    assert np.isfinite(features[1, len(names) // 2 :]).all()
    assert np.isfinite(features[[0, 2]]).all()
    assert np.isnan(magnitude_spectrum(X)[1, 0]).all()
    assert np.isnan(spectrogram(X, 10)[1, 0, :, :2]).all()
    assert np.isfinite(spectrogram(X, 10)[1, 0, :, 2:]).all()


def test_features_of_a_list_are_those_of_each_series():
    X = [draw(2, 20), draw(2, 30), draw(2, 20)]
    features, names = fourier_features(X)
    assert features.shape == (3, len(names))
    for x, row in zip(X, features, strict=True):
        np.testing.assert_allclose(row, fourier_features(x)[0], rtol=1e-5)


def test_blocks_do_not_show_in_the_result(monkeypatch):
    X = draw(6, 2, 40)
    calls = (magnitude_spectrum, lambda X: spectrogram(X, 8), lambda X: fourier_features(X)[0])
    whole = [call(X) for call in calls]
    monkeypatch.setattr("stac.data_processing.spectral_features.BLOCK_SIZE", 1)
    for call, expected in zip(calls, whole, strict=True):
        np.testing.assert_allclose(call(X), expected, rtol=1e-5, atol=1e-6)


def test_bad_input_is_explained():
    X = draw(2, 3, 20)
    assert_clear_error(magnitude_spectrum, [], mentions=("empty",))
    assert_clear_error(magnitude_spectrum, np.zeros((2, 0)), mentions=("(2, 0)",))
    assert_clear_error(magnitude_spectrum, [X[0], X[0, :2]], mentions=("X[1]", "channels"))
    assert_clear_error(magnitude_spectrum, np.array(["a"]), mentions=("numbers",))
    assert_clear_error(magnitude_spectrum, X, n_fft=0, mentions=("n_fft=0",))
    assert_clear_error(magnitude_spectrum, X, window="round", mentions=("round", "hann"))
    assert_clear_error(spectrogram, X, 21, mentions=("20 time points", "the 21"))
    assert_clear_error(spectrogram, X, 2.5, mentions=("length=2.5",))
    assert_clear_error(fourier_features, X[None], mentions=("n_instances",))
    assert_clear_error(fourier_features, X[..., :1], mentions=("single time point",))
    assert_clear_error(fourier_features, X, sampling_rate=0, mentions=("sampling_rate=0",))
    assert_clear_error(fourier_features, X, n_bands=-1, mentions=("n_bands=-1",))
