{% include "test_head.py" %}


@pytest.mark.parametrize("combine", ["max", "mean"])
@pytest.mark.parametrize("check", detector_checks())
def test_contract(check, combine):
    check({{ cookiecutter.__class }}(combine=combine))


def test_a_spike_scores_highest_wherever_it_is():  # Fill me in: a promise of yours
    for place in (0, 100, 299):
        series = np.sin(np.arange(300) / 5)
        series[place] += 4
        assert {{ cookiecutter.__class }}().fit(series).score_samples(series).argmax() == place


def test_an_unknown_parameter_is_explained():
    assert_clear_error({{ cookiecutter.__class }}(combine="sum").fit, np.arange(50.0), mentions=("combine",))
