"""1-NN DTW keeps the contracts, finds what brute force finds, and explains bad input."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.models.nearest_neighbour_dtw import NearestNeighbourDtw, _compiled, dtw_distance, dtw_distances
from stac.models.nearest_neighbour_dtw import _search as search
from stac.models.nearest_neighbour_dtw import _warping as warping
from stac.testing.component_checks import assert_clear_error, classifier_checks, package_checks

COMPONENT = Path(__file__).parents[1]
WINDOWS = st.sampled_from([0, 0.1, 0.35, 1, None])
SCALES = st.sampled_from([1.0, 1e-30, 1e30])
RULES = settings(max_examples=25, deadline=None)


@pytest.fixture(params=["numpy", "compiled"], autouse=True)
def way(request, monkeypatch):
    """Run every test in both ways."""
    if request.param == "numpy":
        monkeypatch.setattr(_compiled, "kernels", None)
    elif not _compiled.is_available():
        pytest.skip("the kernels are switched off, or not compiled for this platform")
    return request.param


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("check", classifier_checks())
@pytest.mark.parametrize("window", [None, 0.1, "learned"])
def test_classifier_contract(check, window):
    check(NearestNeighbourDtw(window=window))


def literal_distance(a, b, window):
    """The definition, cell by cell, in double precision."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    n, m = a.shape[1], b.shape[1]
    radius = max(np.ceil((1 if window is None else window) * max(n, m) - 1e-9), abs(n - m))
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0
    for i in range(n):
        for j in range(m):
            if abs(i - j) <= radius:
                cost = sum((a[c, i] - b[c, j]) * (a[c, i] - b[c, j]) for c in range(len(a)))
                total[i + 1, j + 1] = cost + min(total[i, j], total[i, j + 1], total[i + 1, j])
    return np.sqrt(total[n, m])


def make_series(seed, n, n_channels, longest, unequal, kind):
    """Return series of a kind that is hard on pruning: noise, few values with many ties, walks, or constants."""
    generator = np.random.default_rng(seed)
    lengths = generator.integers(1, longest + 1, n) if unequal else np.full(n, longest)
    make = {
        "noise": lambda shape: generator.normal(size=shape),
        "ties": lambda shape: generator.integers(0, 2, shape),
        "walks": lambda shape: generator.normal(size=shape).cumsum(axis=-1),
        "constants": lambda shape: np.full(shape, generator.integers(0, 3)),
    }[kind]
    series = [make((n_channels, length)).astype(np.float32) for length in lengths]
    return series if unequal else np.stack(series)


PROBLEMS = st.tuples(
    st.integers(0, 99),
    st.integers(2, 12),
    st.integers(1, 3),
    st.integers(1, 20),
    st.booleans(),
    st.sampled_from(["noise", "ties", "walks", "constants"]),
)


# ------------------------------------------------------------------------------------- the distance


@RULES
@given(PROBLEMS, WINDOWS)
def test_distances_are_those_of_the_definition(problem, window):
    X = make_series(*problem)
    expected = [[literal_distance(a, b, window) for b in X[:3]] for a in X]
    np.testing.assert_array_equal(dtw_distances(X, X[:3], window), expected)


@RULES
@given(PROBLEMS, WINDOWS)
def test_distances_among_themselves_are_symmetric(problem, window):
    X = make_series(*problem)
    np.testing.assert_array_equal(dtw_distances(X, window=window), dtw_distances(X, X, window))


def test_window_zero_is_the_euclidean_distance():
    a, b = np.random.default_rng(0).normal(size=(2, 3, 50))
    assert dtw_distance(a, b, window=0) == pytest.approx(np.linalg.norm(a - b))


def test_one_channel_needs_no_axis_and_lengths_may_differ():
    assert dtw_distance([1, 2, 3], [1, 1, 2, 2, 3, 3, 3], window=0) == 0
    assert dtw_distance([5], [1, 2]) == 5


def test_distances_do_not_grow_with_the_window():
    X = np.random.default_rng(0).normal(size=(6, 1, 40))
    distances = [dtw_distances(X, window=w / 10) for w in range(11)]
    assert all((wide <= narrow).all() for narrow, wide in pairwise(distances))


def test_one_series_alone_is_no_distance_from_itself():
    assert dtw_distances(np.ones((1, 1, 5))).tolist() == [[0]]


def test_double_precision_input_is_kept():
    assert dtw_distance([1.0, 1.0], [1.0 + 2**-40, 1.0]) == 2**-40


@pytest.mark.parametrize("window", [0, 0.1, None])
def test_batches_and_threads_give_the_same_bits(monkeypatch, window):
    X = make_series(0, 30, 2, 40, True, "walks")
    expected = dtw_distances(X, window=window)
    for cells, n_jobs in ((1, 1), (300, 2), (5000, -1)):
        monkeypatch.setattr(warping, "CELLS", cells)
        np.testing.assert_array_equal(dtw_distances(X, window=window, n_jobs=n_jobs), expected)


@RULES
@given(st.integers(0, 99), st.booleans(), st.sampled_from([0.3, 1.0]), st.floats(0, 2))
def test_abandoned_distances_are_beyond_their_limits(seed, unequal, window, level):
    X = warping.Series(np.random.default_rng(seed).normal(size=(8, 1, 90)).cumsum(axis=2), np.full(8, 90))
    if unequal:
        X.lengths = np.random.default_rng(seed).integers(60, 91, 8)
    i, j = (index.ravel() for index in np.indices((8, 8)))
    exact = warping.squared_distances(X, X, i, j, window)
    limits = level * np.median(exact) * np.random.default_rng(seed).random(64)
    found = warping.squared_distances(X, X, i, j, window, limits)
    np.testing.assert_array_equal(found, np.where(np.isinf(found), found, exact))
    assert (exact[np.isinf(found)] > limits[np.isinf(found)]).all()


# --------------------------------------------------------------------------------------- the search


@RULES
@given(PROBLEMS, WINDOWS, SCALES)
def test_search_finds_what_brute_force_finds(problem, window, scale):
    X = make_series(*problem)
    X = [x * np.float32(scale) for x in X] if isinstance(X, list) else X * np.float32(scale)
    queries = make_series(problem[0] + 1, 9, *problem[2:])
    queries = [x * np.float32(scale) for x in queries]
    model = NearestNeighbourDtw(window).fit(X, np.arange(len(X)))
    labels, neighbours, distances = model.predict_with_neighbours(queries)
    expected = dtw_distances(queries, X, window)
    np.testing.assert_array_equal(neighbours, expected.argmin(axis=1))
    np.testing.assert_array_equal(labels, expected.argmin(axis=1))
    np.testing.assert_array_equal(distances, expected.min(axis=1))


def test_search_is_exact_where_most_is_abandoned():
    X = make_series(0, 120, 1, 150, False, "walks")
    neighbours = NearestNeighbourDtw().fit(X[:80], np.arange(80)).predict(X[80:])
    np.testing.assert_array_equal(neighbours, dtw_distances(X[80:], X[:80]).argmin(axis=1))


def test_differences_below_single_precision_still_decide():
    X = np.ones((5, 1, 2000), np.float32)
    X[:, 0, 1000] = [4, 3, 2 + 2**-20, 2, 2]
    query = np.zeros((1, 1, 2000), np.float32)
    assert NearestNeighbourDtw(0).fit(X, np.arange(5)).predict(query) == [3]


def test_most_distances_are_never_computed(monkeypatch, way):
    if way == "compiled":
        pytest.skip("the kernels do not tell")
    counts, compute = [], search.squared_distances

    def counted(A, B, i, *rest):
        counts.append(len(i))
        return compute(A, B, i, *rest)

    monkeypatch.setattr(search, "squared_distances", counted)
    X = make_series(0, 300, 1, 60, False, "walks")
    NearestNeighbourDtw(0.05).fit(X[:200], np.arange(200)).predict(X[200:])
    assert sum(counts) < 0.2 * 200 * 100


def test_threads_and_blocks_do_not_change_the_result(monkeypatch):
    from stac.models import nearest_neighbour_dtw as module

    X = make_series(0, 60, 1, 40, False, "ties")
    model = NearestNeighbourDtw(0.1).fit(X[:30], np.arange(30))
    expected = model.predict(X[30:])
    np.testing.assert_array_equal(model.set_params(n_jobs=3).predict(X[30:]), expected)
    monkeypatch.setattr(module, "BOUNDS", 100)
    np.testing.assert_array_equal(model.predict(X[30:]), expected)


@RULES
@given(PROBLEMS, WINDOWS, SCALES, st.integers(1, 2))
def test_both_ways_give_the_same_bits(problem, window, scale, n_jobs):
    X = [x * np.float32(scale) for x in make_series(*problem)]
    queries = [x * np.float32(scale) for x in make_series(problem[0] + 1, 9, *problem[2:])]
    y = np.arange(len(X))
    compiled = NearestNeighbourDtw(window, n_jobs).fit(X, y).predict_with_neighbours(queries)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_compiled, "kernels", None)
        expected = NearestNeighbourDtw(window).fit(X, y).predict_with_neighbours(queries)
    for ours, theirs in zip(compiled, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


# --------------------------------------------------------------------------------- the learned window


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 99), st.booleans(), st.sampled_from(["noise", "ties"]))
def test_learned_window_is_that_of_brute_force(seed, unequal, kind):
    X, y = make_series(seed, 10, 1, 9, unequal, kind), np.arange(10) % 3
    scores = []
    for window in np.arange(101) / 100:
        distances = dtw_distances(X, window=window)
        np.fill_diagonal(distances, np.inf)
        scores.append(np.mean(y[distances.argmin(axis=1)] == y))
    model = NearestNeighbourDtw("learned").fit(X, y)
    np.testing.assert_array_equal(model.window_scores_, scores)
    assert model.window_ == np.argmax(scores) / 100


def test_refit_with_a_fixed_window_forgets_the_learned_one():
    X, y = make_series(0, 10, 1, 20, False, "noise"), np.arange(10) % 2
    model = NearestNeighbourDtw("learned").fit(X, y).set_params(window=0.3).fit(X, y)
    assert model.window_ == 0.3
    assert not hasattr(model, "window_scores_")


# ------------------------------------------------------------------------------------ save and load


@pytest.mark.parametrize("unequal", [False, True])
@pytest.mark.parametrize("labels", [["no", "yes"], [3, -1], [False, True], ["ä", "日本"]])
def test_saved_model_gives_the_same_output(tmp_path, labels, unequal):
    X, y = make_series(0, 20, 2, 15, unequal, "noise"), np.arange(20) % 2
    model = NearestNeighbourDtw("learned", n_jobs=2).fit(X, np.array(labels)[y])
    loaded = NearestNeighbourDtw.load(model.save(tmp_path / "model.npz"))
    for ours, theirs in zip(model.predict_with_neighbours(X), loaded.predict_with_neighbours(X), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(loaded.window_scores_, model.window_scores_)
    assert loaded.classes_.dtype == model.classes_.dtype
    assert loaded.get_params() == model.get_params()
    assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]


def test_foreign_and_damaged_files_are_refused(tmp_path):
    X, y = make_series(0, 20, 2, 50, False, "noise"), np.arange(20) % 2
    path = NearestNeighbourDtw().fit(X, y).save(tmp_path / "model.npz")
    content = path.read_bytes()
    for wrong in (b"", b"some text", content[:-500], content[:1000]):
        path.write_bytes(wrong)
        assert_clear_error(NearestNeighbourDtw.load, path, mentions=("model.npz",))
    np.savez(path, a=np.zeros(3))
    assert_clear_error(NearestNeighbourDtw.load, path, mentions=("model.npz",))
    assert_clear_error(NearestNeighbourDtw.load, tmp_path / "none.npz", mentions=("none.npz",))


def test_save_to_a_missing_folder_leaves_nothing(tmp_path):
    model = NearestNeighbourDtw().fit(np.eye(4)[:, None], [0, 1, 0, 1])
    assert_clear_error(model.save, tmp_path / "missing" / "model.npz", mentions=("missing",))
    assert_clear_error(NearestNeighbourDtw().save, tmp_path / "model.npz", mentions=("fit",))
    assert list(tmp_path.iterdir()) == []


def test_later_changes_of_the_callers_array_do_not_matter():
    X = np.eye(4, dtype=np.float32)[:, None]
    model = NearestNeighbourDtw(0).fit(X, [0, 1, 2, 3])
    X[:] = 7
    assert model.predict(np.eye(4)[:, None]).tolist() == [0, 1, 2, 3]


# ------------------------------------------------------------------------------------------ bad input


def test_bad_series_are_explained():
    X, y = np.random.default_rng(0).normal(size=(6, 2, 20)), [0, 1] * 3
    model = NearestNeighbourDtw()
    assert_clear_error(model.fit, X[:, 0], y, mentions=("X[:, None, :]",))
    assert_clear_error(model.fit, [*X[:5], X[0, :1]], y, mentions=("channels",))
    assert_clear_error(model.fit, [*X[:5], X[0, 0]], y, mentions=("X[5]", "n_timepoints"))
    assert_clear_error(model.fit, [*X[:5], X[0] * np.nan], y, mentions=("X[5]", "NaN"))
    assert_clear_error(model.fit, [*X[:5], X[0, :, :0]], y, mentions=("X[5]", "empty"))
    assert_clear_error(model.fit, [], [], mentions=("empty",))
    assert_clear_error(model.fit, "X", y, mentions=("str",))
    assert_clear_error(model.fit, X * 1e300, y, mentions=("scale",))
    assert_clear_error(model.fit, [[[1, 2], [3]], [[1, 2], [3]]], [0, 1], mentions=("X[0]",))
    assert_clear_error(model.fit(X, y).predict, [X[0, :1]], mentions=("1 channels", "2"))


def test_bad_labels_are_explained():
    X, y = np.zeros((6, 1, 20)), np.arange(6) % 2
    model = NearestNeighbourDtw()
    assert_clear_error(model.fit, X, y[:, None], mentions=("shape",))
    assert_clear_error(model.fit, X, y + 0.5, mentions=("whole",))
    assert_clear_error(model.fit, X, np.array([1, "a"] * 3, dtype=object), mentions=("int", "str"))


@pytest.mark.parametrize(
    "params",
    [{"window": w} for w in (-0.1, 1.5, np.nan, "wide", True, [1])] + [{"n_jobs": n} for n in (0, -2, 1.5, "all")],
)
def test_bad_parameters_are_explained(params):
    X, y = np.zeros((6, 1, 20)), np.arange(6) % 2
    assert_clear_error(NearestNeighbourDtw(**params).fit, X, y, mentions=tuple(params))
    assert_clear_error(dtw_distances, X, **params, mentions=tuple(params))


def test_bad_pairs_are_explained():
    X = np.zeros((3, 2, 20))
    assert_clear_error(dtw_distances, X, X[:, :1], mentions=("A has 2 channels", "B has 1"))
    assert_clear_error(dtw_distance, X[0], X[0, 0], mentions=("channels",))
    assert_clear_error(dtw_distance, X[0, 0], [], mentions=("b is empty",))
    assert_clear_error(dtw_distance, X[0, 0], ["1"], mentions=("numbers",))
    assert_clear_error(dtw_distance, [np.nan], [1], mentions=("a holds missing",))
    assert_clear_error(dtw_distance, [1e200], [1], mentions=("scale",))
    assert_clear_error(dtw_distance, [1], [1], window="learned", mentions=("window",))


# --------------------------------------------------------------------------------------- scikit-learn


def test_works_with_scikit_learn():
    model_selection = pytest.importorskip("sklearn.model_selection")
    generator = np.random.default_rng(0)
    y = np.arange(30) % 2
    X = np.sin((y + 1)[:, None, None] * np.linspace(0, 9, 40) + generator.uniform(0, 1, (30, 1, 1)))
    search = model_selection.GridSearchCV(NearestNeighbourDtw(), {"window": [0, 0.1, None, "learned"]}, cv=2).fit(X, y)
    assert search.best_score_ > 0.9
