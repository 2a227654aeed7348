

@pytest.mark.parametrize(
    ("options", "explanation"),
    [
        (["--data=missing.csv"], "missing"),
        (["--sede=1"], "sede"),
        (["--seed=many"], "seed"),
    ],
)
def test_a_mistake_is_explained(options, explanation, tmp_path):
    failed = run("train.py", *options, folder=tmp_path)
    assert failed.returncode != 0
    assert explanation in failed.stderr
    assert "Traceback" not in failed.stderr
    assert not (tmp_path / "runs").exists()
