{% include "test_head.py" %}


@pytest.mark.parametrize("center", ["mean", "median"])
@pytest.mark.parametrize("check", transformer_checks())
def test_contract(check, center):
    check({{ cookiecutter.__class }}(center=center))


def test_the_result_is_the_one_worked_out_by_hand():  # Fill me in: a case of yours
    X = np.array([[[1.0, 2.0, 6.0]]])
    np.testing.assert_allclose({{ cookiecutter.__class }}(center="median").fit_transform(X), [[[-1.0, 0.0, 4.0]]])


def test_an_unknown_parameter_is_explained():
    assert_clear_error({{ cookiecutter.__class }}(center="mode").fit, np.zeros((4, 1, 50)), mentions=("center",))
