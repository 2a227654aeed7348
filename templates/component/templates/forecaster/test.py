{% include "test_head.py" %}


@pytest.mark.parametrize("check", forecaster_checks(missing_values=True))
def test_contract(check):
    check({{ cookiecutter.__class }}())


def test_the_season_goes_on():  # Fill me in: a promise of yours
    frame = pd.DataFrame({"ds": range(8), "y": [1.0, 5, 2, 9] * 2})
    forecast = {{ cookiecutter.__class }}(season_length=4).fit(frame).predict(4)
    np.testing.assert_allclose(forecast["forecast"], [1.0, 5, 2, 9])


def test_a_parameter_out_of_range_is_explained():
    frame = pd.DataFrame({"ds": range(8), "y": [1.0] * 8})
    assert_clear_error({{ cookiecutter.__class }}(season_length=0).fit, frame, mentions=("season_length",))
