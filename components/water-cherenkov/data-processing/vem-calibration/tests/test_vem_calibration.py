"""A vertical muon is 1 VEM in peak and in charge units, and the two are not mixed up."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_processing.vem_calibration import station_signal, to_vem_charge, to_vem_peak
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
MUON = np.array([0, 35, 30, 20, 15, 13, 0, 0], np.float32)  # peak 35, area 113 counts


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def muons(sizes):
    return np.asarray(sizes, np.float32)[:, :, None] * MUON


def test_a_muon_is_one_vem_in_both_units():
    traces = muons([[1, 2, 3]])
    np.testing.assert_allclose(to_vem_peak(traces, 35).max(axis=2), [[1, 2, 3]])
    np.testing.assert_allclose(to_vem_charge(traces, 113), [[1, 2, 3]])


def test_traces_in_peak_units_do_not_sum_to_charge_units():
    traces_vem_peak = to_vem_peak(muons([[1]]), 35)
    assert traces_vem_peak.sum() == pytest.approx(113 / 35)
    assert to_vem_charge(traces_vem_peak, 113 / 35)[0, 0] == pytest.approx(1)


@pytest.mark.parametrize("unit", [35.0, np.array([35.0, 70.0]), np.array([[35.0, 70.0], [7.0, 1.0]])])
def test_calibration_may_be_given_for_each_photomultiplier(unit):
    traces = muons([[1, 2], [3, 4]])
    expected = traces / np.broadcast_to(unit, (2, 2))[..., None]
    np.testing.assert_allclose(to_vem_peak(traces, unit), expected, rtol=1e-6)
    np.testing.assert_allclose(to_vem_charge(traces, unit), expected.sum(axis=2), rtol=1e-6)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 9), st.integers(0, 9))
def test_window_is_half_open(start, stop):
    traces = np.arange(16, dtype=np.float32).reshape(2, 1, 8)
    charge = to_vem_charge(traces, 2, start=[start, 0], stop=[stop, 8])
    np.testing.assert_allclose(charge[:, 0], [traces[0, 0, start:stop].sum() / 2, traces[1].sum() / 2])


def test_missing_photomultipliers_never_count():
    traces, mask = muons([[1, 2, 3], [4, 5, 6]]), np.array([[True, False, True], [False] * 3])
    traces[~mask] = np.nan
    unit = np.where(mask, 35.0, np.nan)  # a missing one has no calibration either
    assert not to_vem_peak(traces, unit, pmt_mask=mask)[~mask].any()
    charge = to_vem_charge(traces, np.where(mask, 113.0, 0), pmt_mask=mask)
    np.testing.assert_allclose(charge, [[1, 0, 3], [0, 0, 0]])
    np.testing.assert_allclose(station_signal(charge, mask), [2, 0])


def test_blocks_do_not_show_in_the_result(monkeypatch):
    traces = np.random.default_rng(0).normal(size=(40, 3, 50)).astype(np.float32)
    start, stop = np.arange(40), np.arange(40) + 7
    whole = to_vem_charge(traces, 113, start=start, stop=stop)
    monkeypatch.setattr("stac.data_processing.vem_calibration.BLOCK_SIZE", 1)
    np.testing.assert_array_equal(to_vem_charge(traces, 113, start=start, stop=stop), whole)


def test_whole_counts_give_float32():
    traces = muons([[1, 2]]).astype(np.int16)
    assert to_vem_peak(traces, 35).dtype == to_vem_charge(traces, 113).dtype == np.float32


def test_input_is_not_changed():
    traces = muons([[1, 2]])
    before = traces.copy()
    to_vem_peak(traces, 35, pmt_mask=np.array([[True, False]]))
    to_vem_charge(traces, 113, pmt_mask=np.array([[True, False]]))
    np.testing.assert_array_equal(traces, before)


@pytest.mark.parametrize("unit", [0.0, -3.0, np.nan, np.inf])
def test_impossible_calibration_is_explained(unit):
    assert_clear_error(to_vem_peak, muons([[1, 2]]), unit, mentions=("vem_peak_adc", "positive"))
    assert_clear_error(to_vem_charge, muons([[1, 2]]), [1, unit], mentions=("vem_charge_adc", "positive"))


def test_bad_input_is_explained():
    traces = muons([[1, 2], [3, 4]])
    assert_clear_error(to_vem_peak, traces[0], 35, mentions=("n_stations",))
    assert_clear_error(to_vem_peak, traces, np.ones(3), mentions=("vem_peak_adc", "(2,)"))
    assert_clear_error(to_vem_peak, traces.astype(str), 35, mentions=("numbers",))
    assert_clear_error(to_vem_peak, traces, 35, pmt_mask=np.ones((2, 3)), mentions=("pmt_mask",))
    assert_clear_error(to_vem_charge, traces, 113, start=[1], mentions=("start", "2"))
    assert_clear_error(to_vem_charge, traces, 113, stop=[1.5, 2.5], mentions=("stop", "whole"))
    assert_clear_error(station_signal, np.ones(3), mentions=("n_pmts",))
