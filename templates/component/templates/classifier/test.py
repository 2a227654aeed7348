{% include "test_head.py" %}


@pytest.mark.parametrize("check", classifier_checks())
def test_contract(check):
    check({{ cookiecutter.__class }}())


def test_a_series_between_two_classes_is_uncertain():  # Fill me in: a promise of yours
    model = {{ cookiecutter.__class }}().fit(np.array([[[0.0, 0.0]], [[2.0, 2.0]]]), ["low", "high"])
    np.testing.assert_allclose(model.predict_proba(np.array([[[1.0, 1.0]]])), [[0.5, 0.5]])


def test_a_parameter_out_of_range_is_explained():
    X, y = np.zeros((2, 1, 5)), [0, 1]
    assert_clear_error({{ cookiecutter.__class }}(temperature=0).fit, X, y, mentions=("temperature",))
