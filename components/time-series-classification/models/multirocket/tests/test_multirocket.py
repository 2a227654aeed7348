"""MultiROCKET keeps the contracts, gives what the paper says, and explains bad input."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.models.minirocket import MiniRocketTransformer
from stac.models.multirocket import MultiRocketClassifier, MultiRocketTransformer
from stac.models.multirocket import _pooling as pooling
from stac.testing.component_checks import assert_clear_error, classifier_checks, package_checks, transformer_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("check", transformer_checks())
def test_transformer_contract(check):
    check(MultiRocketTransformer(n_features=672))


@pytest.mark.parametrize("check", classifier_checks())
def test_classifier_contract(check):
    check(MultiRocketClassifier(n_features=672))


def make_problem(n=20, n_channels=1, n_timepoints=40, n_classes=2, seed=0):
    generator = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    time = np.linspace(0, 2 * np.pi, n_timepoints)
    X = np.sin((y[:, None, None] + 1) * time + generator.uniform(0, 6, (n, n_channels, 1)))
    return (X + generator.normal(scale=0.3, size=X.shape)).astype(np.float32), y


# ------------------------------------------------------------------------------------- the transform


def literal_features(X, kernels):
    """The paper, word by word: convolve with zero padding, pool four times; float64, one by one."""
    subsets = np.split(kernels.channel_indices, np.cumsum(kernels.channel_counts)[:-1])
    columns, feature = [], 0
    for i, (dilation, count) in enumerate(zip(kernels.dilations, kernels.features_per_dilation, strict=True)):
        for k, twos in enumerate(combinations(range(9), 3)):
            weights = np.full(9, -1.0)
            weights[list(twos)] = 2.0
            spread = np.zeros(8 * dilation + 1)
            spread[::dilation] = weights
            outputs = []
            for x in X.astype(np.float64):
                series = np.pad(x[subsets[i * 84 + k]].sum(axis=0), 4 * dilation)
                output = np.correlate(series, spread, "valid")
                outputs.append(output if (i + k) % 2 == 0 else output[4 * dilation : len(output) - 4 * dilation])
            for bias in kernels.biases[feature : feature + count]:
                columns.append([literal_pools(output - bias) for output in outputs])
            feature += count
    return np.array(columns).transpose(2, 1, 0)  # pool, instance, pair of kernel and bias


def literal_pools(excess):
    positive = np.flatnonzero(excess > 0)
    if len(positive) == 0:
        return 0, 0, -1, 0
    longest = stretch = 0
    for value in excess:
        stretch = stretch + 1 if value > 0 else 0
        longest = max(longest, stretch)
    return len(positive) / len(excess), excess[positive].mean(), positive.mean(), longest


def assert_pools_are_literal(model, X):
    """Compare with the paper where no value lies so near a bias that rounding decides."""
    features = model.transform(X)
    n = 4 * model.kernels_.series.n_features
    for part, Z, kernels in (
        (features[:, :n], X, model.kernels_.series),
        (features[:, n:], np.diff(X), model.kernels_.differences),
    ):
        ours = part.reshape(len(X), 4, -1).transpose(1, 0, 2)
        expected = literal_features(Z, kernels)
        same = np.abs(ours[0] - expected[0]) < 1e-6
        assert same.mean() > 0.97  # a bias can be a value of the series that it was taken from
        for i, tolerance in ((0, 1e-6), (1, 1e-3), (2, 1e-4), (3, 0)):
            np.testing.assert_allclose(ours[i][same], expected[i][same], rtol=tolerance, atol=1e-4)


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 9), st.integers(1, 4), st.integers(10, 60), st.integers(672, 1400), st.integers(0, 2**32 - 1))
def test_features_are_those_of_the_paper(n, n_channels, n_timepoints, n_features, seed):
    X = np.random.default_rng(seed).normal(size=(n, n_channels, n_timepoints)).astype(np.float32)
    assert_pools_are_literal(MultiRocketTransformer(n_features=n_features, random_state=seed).fit(X), X)


def test_long_stretches_and_long_series_are_those_of_the_paper():
    X = np.random.default_rng(0).normal(size=(3, 1, 3000)).cumsum(axis=2).astype(np.float32) / 50
    assert_pools_are_literal(MultiRocketTransformer(n_features=672, max_dilations_per_kernel=1).fit(X), X)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 200), st.sampled_from([8, 16, 32, 64, 192]), st.integers(1, 5), st.floats(0, 1), st.integers(0, 99)
)
def test_counts_indices_and_stretches_of_any_flags_are_exact(n_rows, size, n_pairs, share, seed):
    flags = np.zeros((n_pairs, pooling.padded_rows(n_rows), size), np.uint8)
    flags[:, :n_rows] = np.random.default_rng(seed).random((n_pairs, n_rows, size)) < share
    counts, index_sums = pooling.count_flags(flags.reshape(n_pairs, -1), size, np.empty(flags.size, np.uint8))
    np.testing.assert_array_equal(counts, flags.sum(axis=1))
    np.testing.assert_array_equal(index_sums, (flags * np.arange(flags.shape[1])[:, None]).sum(axis=1))
    runs = pooling.run_buffer(flags.size, size)
    stretches = pooling.longest_stretches(flags.reshape(n_pairs, -1), size, runs)
    expected = np.array([[literal_pools(flags[p, :, i] - 0.5)[3] for i in range(size)] for p in range(n_pairs)])
    np.testing.assert_array_equal(stretches, expected)


def test_kernels_are_those_of_minirocket_on_series_and_differences():
    X, _ = make_problem(n_channels=2)
    kernels = MultiRocketTransformer(n_features=1344, random_state=5).fit(X).kernels_
    mini = MiniRocketTransformer(n_features=168, random_state=5)
    np.testing.assert_array_equal(kernels.series.biases, mini.fit(X).kernels_.biases)
    np.testing.assert_array_equal(kernels.differences.biases, mini.fit(np.diff(X)).kernels_.biases)


def test_number_of_features_is_rounded_down_to_a_multiple_of_672():
    X, _ = make_problem(n=2)
    assert MultiRocketTransformer(n_features=1400).fit_transform(X).shape == (2, 1344)
    assert MultiRocketTransformer().fit_transform(X).shape == (2, 49728)


def test_threads_blocks_and_neighbours_do_not_change_a_bit(monkeypatch):
    X, _ = make_problem(n=37, n_channels=2, n_timepoints=41)
    model = MultiRocketTransformer(n_features=2000).fit(X)
    expected = model.transform(X)
    for n_jobs in (2, 3, -1):
        np.testing.assert_array_equal(model.set_params(n_jobs=n_jobs).transform(X), expected)
    np.testing.assert_array_equal(model.transform(X[5:6]), expected[5:6])
    for name, value in (("BLOCK_SIZE", 700), ("PAIRS", 3), ("EXCESSES", 1)):
        monkeypatch.setattr(pooling, name, value)
        np.testing.assert_array_equal(model.transform(X), expected)


def test_constant_series_stay_finite():
    X = np.full((4, 1, 30), 7, np.float32)
    assert np.isfinite(MultiRocketTransformer(n_features=672).fit_transform(X)).all()


def test_huge_and_tiny_values_stay_finite():
    X, y = make_problem()
    for factor in (1e-30, 1e29):
        model = MultiRocketClassifier(n_features=672).fit(X * np.float32(factor), y)
        assert np.isfinite(model.predict_proba(X * np.float32(factor))).all()


def test_seeds_differ_and_none_draws_another_each_time():
    X, _ = make_problem()
    biases = [MultiRocketTransformer(672, random_state=s).fit(X).kernels_.series.biases for s in (0, 1, None, None)]
    assert len({bias.tobytes() for bias in biases}) == 4


def test_features_go_where_the_caller_wants_them(tmp_path):
    X, _ = make_problem()
    model = MultiRocketTransformer(n_features=672).fit(X)
    out = np.lib.format.open_memmap(tmp_path / "features.npy", "w+", np.float32, (len(X), 672))
    assert model.transform(X, out=out) is out
    np.testing.assert_array_equal(out, model.transform(X))


# ------------------------------------------------------------------------------------ the classifier


def test_where_something_happens_counts():
    generator = np.random.default_rng(0)
    y = np.arange(60) % 2
    centre = np.where(y == 0, generator.uniform(20, 35, 60), generator.uniform(45, 60, 60))[:, None, None]
    X = 3 * np.exp(-(((np.arange(80) - centre) / 4) ** 2)) + generator.normal(scale=0.5, size=(60, 1, 80))
    model = MultiRocketClassifier(n_features=2688).fit(X[:40], y[:40])
    assert model.score(X[40:], y[40:]) >= 0.9


@pytest.mark.parametrize("labels", [["no", "yes"], [3, -1], ["ä", "日本"]])
def test_saved_classifier_gives_the_same_output(tmp_path, labels):
    X, y = make_problem(n_channels=2)
    model = MultiRocketClassifier(n_features=672, random_state=3, n_jobs=2).fit(X, np.array(labels)[y])
    loaded = MultiRocketClassifier.load(model.save(tmp_path / "model.npz"))
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.get_params() == model.get_params()
    assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]


def test_foreign_and_damaged_files_are_refused(tmp_path):
    X, y = make_problem()
    path = MultiRocketClassifier(n_features=672).fit(X, y).save(tmp_path / "model.npz")
    content = path.read_bytes()
    for wrong in (b"some text", content[: len(content) // 2]):
        path.write_bytes(wrong)
        assert_clear_error(MultiRocketClassifier.load, path, mentions=("model.npz",))
    MiniRocketTransformer(n_features=84).fit(X).save(path)
    assert_clear_error(MultiRocketClassifier.load, path, mentions=("MiniRocketTransformer",))


# ------------------------------------------------------------------------------------------ bad input


def test_bad_series_are_explained():
    X, y = make_problem()
    model = MultiRocketClassifier(n_features=672)
    missing = X.copy()
    missing[3, 0, 5] = np.nan
    assert_clear_error(model.fit, missing, y, mentions=("NaN", "interpolate"))
    assert_clear_error(model.fit, X[:, 0], y, mentions=("X[:, None, :]",))
    assert_clear_error(model.fit, X[:, :, :9], y, mentions=("9", "10", "pad"))
    assert_clear_error(model.fit, [*X[:19], X[0, :, :20]], y, mentions=("resample",))
    assert_clear_error(model.fit, X * np.float32(1e32), y, mentions=("1e+30", "scale"))
    assert_clear_error(model.fit(X, y).predict, X[:, :, :30], mentions=("30", "40"))


@pytest.mark.parametrize("params", [{"n_features": 671}, {"n_features": 5e4}, {"random_state": -1}, {"n_jobs": 0}])
def test_bad_parameters_are_explained(params):
    assert_clear_error(MultiRocketClassifier(**params).fit, *make_problem(), mentions=tuple(params))


def test_works_with_scikit_learn():
    pipeline = pytest.importorskip("sklearn.pipeline")
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, y = make_problem()
    steps = pipeline.make_pipeline(MultiRocketTransformer(n_features=672), linear_model.RidgeClassifier())
    assert steps.fit(X, y).score(X, y) > 0.9
