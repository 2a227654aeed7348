{% include "test_head.py" %}


def test_the_result_is_the_one_worked_out_by_hand():  # Fill me in: a case of yours
    X = np.array([[[1.0, 2.0, 6.0], [0.0, 0.0, 0.0]]])
    np.testing.assert_allclose({{ cookiecutter.__package }}(X), [[3.0, 0.0]])


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.zeros((4, 50)), "n_timepoints"),
        (np.zeros((4, 1, 0)), "empty"),
        (np.array([[["a", "b"]]]), "numbers"),
        (np.array([[[1.0, np.nan]]]), "NaN"),
    ],
)
def test_bad_input_is_explained(X, words):
    assert_clear_error({{ cookiecutter.__package }}, X, mentions=(words,))
