"""MiniROCKET keeps the contracts, gives what the paper says, and explains bad input."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stac.models import minirocket
from stac.models.minirocket import (
    ConvolutionBlock,
    Kernels,
    MiniRocketClassifier,
    MiniRocketTransformer,
    RocketTransformer,
    fit_kernels,
    transform_into,
)
from stac.models.minirocket import _ridge as ridge
from stac.models.minirocket import _transform as transform
from stac.testing.component_checks import assert_clear_error, classifier_checks, package_checks, transformer_checks

COMPONENT = Path(__file__).parents[1]


@pytest.fixture(params=["compiled", "numpy"])
def way(request, monkeypatch):
    """With the compiled kernels, and as if they were not installed."""
    if request.param == "numpy":
        monkeypatch.setattr(minirocket, "kernels", None)
    else:
        assert minirocket.kernels.in_use()


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("check", transformer_checks())
def test_transformer_contract(check):
    check(MiniRocketTransformer(n_features=500))


@pytest.mark.parametrize("check", classifier_checks())
def test_classifier_contract(check):
    check(MiniRocketClassifier(n_features=500))


def make_problem(n=40, n_channels=1, n_timepoints=50, n_classes=2, seed=0):
    generator = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    time = np.linspace(0, 2 * np.pi, n_timepoints)
    X = np.sin((y[:, None, None] + 1) * time + generator.uniform(0, 6, (n, n_channels, 1)))
    return (X + generator.normal(scale=0.5, size=X.shape)).astype(np.float32), y


# ------------------------------------------------------------------------------------- the transform


def literal_features(X, kernels):
    """The paper, word by word: convolve with zero padding, count what exceeds the bias; float64, one by one."""
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
                columns.append([(output > bias).mean() for output in outputs])
            feature += count
    return np.array(columns).T


@pytest.mark.usefixtures("way")
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 12), st.integers(1, 4), st.integers(9, 70), st.integers(84, 600), st.integers(0, 99))
def test_features_are_those_of_the_paper(n, n_channels, n_timepoints, n_features, seed):
    X = np.random.default_rng(seed).normal(size=(n, n_channels, n_timepoints)).astype(np.float32)
    model = MiniRocketTransformer(n_features=n_features, random_state=seed).fit(X)
    # A bias can coincide with a value of the series it was taken from: there rounding may decide, one count apart.
    difference = np.abs(model.transform(X) - literal_features(X, model.kernels_))
    assert difference.max() <= 1.001 / min(n_timepoints - 8 * model.kernels_.dilations.max(), n_timepoints) + 1e-6
    assert (difference > 1e-6).mean() < 0.02


def test_biases_are_quantiles_of_a_training_series():
    X = np.random.default_rng(0).normal(size=(1, 1, 30)).astype(np.float32)
    kernels = MiniRocketTransformer(n_features=84 * 3).fit(X).kernels_
    golden = (np.arange(1, kernels.n_features + 1) * (1 + np.sqrt(5)) / 2) % 1
    feature = 0
    for dilation, count in zip(kernels.dilations, kernels.features_per_dilation, strict=True):
        for twos in combinations(range(9), 3):
            spread = np.zeros(8 * dilation + 1)
            spread[::dilation] = [2 if i in twos else -1 for i in range(9)]
            output = np.correlate(np.pad(X[0, 0].astype(np.float64), 4 * dilation), spread, "valid")
            expected = np.quantile(output, golden[feature : feature + count])
            np.testing.assert_allclose(kernels.biases[feature : feature + count], expected, atol=1e-5)
            feature += count


def test_number_of_features_is_rounded_down_to_a_multiple_of_84():
    X, _ = make_problem()
    assert MiniRocketTransformer(n_features=1000).fit_transform(X).shape == (40, 924)
    assert MiniRocketTransformer().fit_transform(X).shape == (40, 9996)


@pytest.mark.usefixtures("way")
def test_threads_and_block_sizes_give_the_same_bits(monkeypatch):
    X, _ = make_problem(n=37, n_channels=2, n_timepoints=41)
    model = MiniRocketTransformer(n_features=2000).fit(X)
    expected = model.transform(X)
    for n_jobs in (2, 3, -1):
        np.testing.assert_array_equal(model.set_params(n_jobs=n_jobs).transform(X), expected)
    for size in (1, 300, 700, 10**6):
        monkeypatch.setattr(transform, "BLOCK_SIZE", size)
        np.testing.assert_array_equal(model.transform(X), expected)


@pytest.mark.usefixtures("way")
def test_long_series_do_not_overflow_the_byte_counters():
    X = np.random.default_rng(0).normal(size=(3, 1, 20_000)).astype(np.float32)
    model = MiniRocketTransformer(n_features=84, max_dilations_per_kernel=1).fit(X)
    np.testing.assert_allclose(model.transform(X), literal_features(X, model.kernels_), atol=2e-4)


@pytest.mark.usefixtures("way")
def test_a_plateau_is_the_same_in_fit_and_transform():
    # Biases lie exactly on the plateau's value: nothing may exceed it by rounding.
    X = np.full((5, 1, 64), 0.1, np.float32)
    model = MiniRocketTransformer(n_features=84, max_dilations_per_kernel=1).fit(X)
    valid = model.transform(X)[:, 1::2]  # every second kernel leaves the padded ends out
    assert set(np.unique(valid)) <= {0.0, 1.0}


@settings(max_examples=40, deadline=None)
@given(
    *(st.integers(1, 20), st.integers(1, 8), st.integers(9, 90) | st.sampled_from([1024, 1025, 2600])),
    *(st.integers(84, 2000), st.integers(1, 3), st.sampled_from([0, 1, 6]), st.integers(0, 99)),
)
def test_compiled_kernels_give_the_same_bits(n, n_channels, n_timepoints, n_features, n_jobs, decimals, seed):
    generator = np.random.default_rng(seed)  # few decimals: plateaus, and ties with biases
    X = generator.normal(size=(n, n_channels, n_timepoints)).round(decimals).astype(np.float32)
    X[0] = 0.1  # a constant series
    model = MiniRocketTransformer(n_features, random_state=seed, n_jobs=n_jobs).fit(X)
    with minirocket.kernels.use_instruction_set("off"):
        expected = model.transform(X)
    for name in minirocket.kernels.available_instruction_sets():
        with minirocket.kernels.use_instruction_set(name):
            np.testing.assert_array_equal(model.transform(X), expected)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("size", [1, 10, 600])
def test_memory_may_be_laid_out_in_any_way(size, monkeypatch):
    monkeypatch.setattr(minirocket, "ROWS", 7)
    X, _ = make_problem(n=size, n_channels=2)
    model = MiniRocketTransformer(n_features=84).fit(X)
    expected = model.transform(X)
    elsewhere = np.zeros((size, 200), np.float32)
    model.transform(np.asfortranarray(X), out=elsewhere[:, 100:184])
    np.testing.assert_array_equal(elsewhere[:, 100:184], expected)
    assert not np.delete(elsewhere, np.s_[100:184], axis=1).any()


@pytest.mark.usefixtures("way")
def test_features_go_where_the_caller_wants_them(tmp_path):
    X, _ = make_problem()
    model = MiniRocketTransformer(n_features=500).fit(X)
    shape = len(X), model.kernels_.n_features
    out = np.lib.format.open_memmap(tmp_path / "features.npy", "w+", np.float32, shape)
    assert model.transform(X, out=out) is out
    np.testing.assert_array_equal(out, model.transform(X))
    assert_clear_error(model.transform, X, out=out[:3], mentions=("shape",))


class FirstValues(ConvolutionBlock):
    """Pools by taking the first value of each convolution."""

    def allocate(self, steps):
        pass

    def pool(self, step):
        margin = 0 if step.padded else 4 * step.dilation
        n = (self.kernels.n_timepoints - 2 * margin) * self.size
        for run in step.runs:
            *calls, outputs = self.convolve(step, run, margin, n)
            yield from calls
            for row, output in enumerate(outputs, run.row):
                yield np.copyto, self.features[step.first_feature + step.rows[row]], output[: self.size]


def test_another_pooling_is_a_short_subclass():
    class FirstValueTransformer(RocketTransformer):
        def choose_kernels(self, X):
            return fit_kernels(X, 84, 1, self.random_state)

        def compute_features(self, X, out, n_workers):
            transform_into(X, self.kernels_, out, n_workers, FirstValues)

    X, _ = make_problem()
    features = FirstValueTransformer(n_jobs=2).fit_transform(X)
    weights = np.where(np.isin(np.arange(9), [0, 1, 3]), 2, -1)  # the second kernel, which is not padded
    np.testing.assert_allclose(features[:, 1], X[:, 0, :9] @ weights, atol=1e-4)


def test_kernels_come_back_from_their_arrays():
    X, _ = make_problem(n_channels=2)
    kernels = fit_kernels(X, 300, 32, 0)
    restored = Kernels.from_arrays(kernels.to_arrays() | {"other": X})
    assert restored.n_timepoints == 50
    np.testing.assert_array_equal(restored.biases, kernels.biases)


def test_seeds_differ_and_none_draws_another_each_time():
    X, _ = make_problem()
    biases = [MiniRocketTransformer(random_state=seed).fit(X).kernels_.biases for seed in (0, 1, None, None)]
    assert len({bias.tobytes() for bias in biases}) == 4


# ----------------------------------------------------------------------------------------- the ridge


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("shape", [(30, 200), (150, 40)])
def test_ridge_agrees_with_scikit_learn(shape, n_classes):
    linear_model = pytest.importorskip("sklearn.linear_model")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    generator = np.random.default_rng(1)
    labels = np.arange(shape[0]) % n_classes
    features = (generator.random(shape) + 0.1 * labels[:, None]).astype(np.float32)
    features[:, 3] = 0.1  # a constant feature
    scaler = preprocessing.StandardScaler(with_mean=False).fit(features.astype(np.float64))
    scaled = scaler.transform(features.astype(np.float64))
    theirs = linear_model.RidgeClassifierCV(alphas=np.logspace(-3, 3, 10)).fit(scaled, labels)
    if shape[0] <= shape[1]:
        ours = ridge.fit_ridge(features, labels, n_classes)
    else:
        blocks = (features[i : i + 37] for i in range(0, len(features), 37))
        ours = ridge.fit_ridge_streaming(blocks, shape[1], labels, n_classes)
    decisions = ours.decide(features)
    assert ours.alpha == pytest.approx(theirs.alpha_)
    expected = theirs.decision_function(scaled)
    np.testing.assert_allclose(decisions[:, 1] if n_classes == 2 else decisions, expected, rtol=1e-3, atol=1e-4)


def test_more_instances_than_features_are_learnt_in_a_stream():
    X, y = make_problem(n=700, n_classes=3)
    model = MiniRocketClassifier(n_features=84).fit(X[:600], y[:600])
    assert model.score(X[600:], y[600:]) > 0.8


def test_temperature_makes_probabilities_fit_left_out_labels():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 2000)
    decisions = generator.normal(size=(2000, 3)) + 0.8 * (labels[:, None] == np.arange(3))

    def log_loss(t):
        return -np.log(ridge.softmax(t * decisions)[np.arange(2000), labels]).mean()

    t = ridge.fit_temperature(decisions, labels)
    assert t == pytest.approx(0.8, rel=0.15)
    assert log_loss(t) < min(log_loss(t * 1.1), log_loss(t / 1.1))


def test_temperature_stays_finite_when_all_is_right():
    labels = np.array([0, 1] * 10)
    assert ridge.fit_temperature(2.0 * np.eye(2)[labels] - 1, labels) < 10


# ------------------------------------------------------------------------------------ save and load


@pytest.mark.parametrize("labels", [["no", "yes"], [3, -1], [False, True], ["ä", "日本"]])
def test_saved_classifier_gives_the_same_output(tmp_path, labels):
    X, y = make_problem(n_channels=2)
    model = MiniRocketClassifier(n_features=200, random_state=3, n_jobs=2).fit(X, np.array(labels)[y])
    loaded = MiniRocketClassifier.load(model.save(tmp_path / "model.npz"))
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.classes_.dtype == model.classes_.dtype
    assert loaded.get_params() == model.get_params()
    assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]


def test_saved_transformer_gives_the_same_output(tmp_path):
    X, _ = make_problem()
    model = MiniRocketTransformer(n_features=200).fit(X)
    loaded = MiniRocketTransformer.load(model.save(tmp_path / "model.npz"))
    np.testing.assert_array_equal(loaded.transform(X), model.transform(X))


def test_foreign_and_damaged_files_are_refused(tmp_path):
    X, y = make_problem()
    path = MiniRocketClassifier(n_features=84).fit(X, y).save(tmp_path / "model.npz")
    content = path.read_bytes()
    damaged = content[: len(content) // 2] + bytes(64) + content[len(content) // 2 + 64 :]
    for wrong in (b"", b"some text", content[:-500], content[:1000], damaged):
        path.write_bytes(wrong)
        assert_clear_error(MiniRocketClassifier.load, path, mentions=("model.npz",))
    np.savez(path, a=np.zeros(3))
    assert_clear_error(MiniRocketClassifier.load, path, mentions=("model.npz",))
    np.save(path.with_suffix(".npy"), np.array([{}]), allow_pickle=True)
    assert_clear_error(MiniRocketClassifier.load, path.with_suffix(".npy"), mentions=("model.npy",))
    assert_clear_error(MiniRocketClassifier.load, tmp_path / "none.npz", mentions=("none.npz",))
    MiniRocketTransformer(n_features=84).fit(X).save(path)
    assert_clear_error(MiniRocketClassifier.load, path, mentions=("MiniRocketTransformer",))


def test_save_to_a_missing_folder_leaves_nothing(tmp_path):
    X, y = make_problem()
    model = MiniRocketClassifier(n_features=84).fit(X, y)
    assert_clear_error(model.save, tmp_path / "missing" / "model.npz", mentions=("missing",))
    assert_clear_error(MiniRocketClassifier().save, tmp_path / "model.npz", mentions=("fit",))
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------ bad input


def test_bad_series_are_explained():
    X, y = make_problem()
    model = MiniRocketClassifier(n_features=84)
    assert_clear_error(model.fit, X[:, 0], y, mentions=("X[:, None, :]",))
    assert_clear_error(model.fit, X[:, :, :8], y, mentions=("8", "9", "pad"))
    assert_clear_error(model.fit, [*X[:39], X[0, :, :20]], y, mentions=("resample",))
    assert_clear_error(model.fit, X.astype(np.float64) * 1e300, y, mentions=("scale",))
    assert_clear_error(model.fit, X.astype(object), y, mentions=("numbers",))
    assert_clear_error(model.fit(X, y).predict, X[:, :, :40], mentions=("40", "50"))


def test_bad_labels_are_explained():
    X, y = make_problem()
    model = MiniRocketClassifier(n_features=84)
    assert_clear_error(model.fit, X, y[:, None], mentions=("shape",))
    assert_clear_error(model.fit, X, y + 0.5, mentions=("whole",))
    assert_clear_error(model.fit, X, np.where(y == 0, np.nan, 1), mentions=("whole",))
    assert_clear_error(model.fit, X, np.array([1, "a"] * 20, dtype=object), mentions=("int", "str"))


@pytest.mark.parametrize(
    "params",
    [{"n_features": 83}, {"n_features": 1e4}, {"max_dilations_per_kernel": 0}, {"random_state": -1}, {"n_jobs": 0}],
)
def test_bad_parameters_are_explained(params):
    X, y = make_problem()
    assert_clear_error(MiniRocketClassifier(**params).fit, X, y, mentions=tuple(params))


# --------------------------------------------------------------------------------------- scikit-learn


def test_works_with_scikit_learn():
    model_selection = pytest.importorskip("sklearn.model_selection")
    pipeline = pytest.importorskip("sklearn.pipeline")
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, y = make_problem(n=30)
    assert model_selection.cross_val_score(MiniRocketClassifier(n_features=84), X, y, cv=3).mean() > 0.6
    steps = pipeline.make_pipeline(MiniRocketTransformer(n_features=84), linear_model.RidgeClassifier())
    assert steps.fit(X, y).score(X, y) > 0.9
    search = model_selection.GridSearchCV(MiniRocketClassifier(), {"n_features": [84, 168]}, cv=2).fit(X, y)
    assert search.best_params_["n_features"] in (84, 168)
