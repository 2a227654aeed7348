"""Make an archive folder with one small data set, and load it: yours has the same shape."""

from pathlib import Path
from tempfile import TemporaryDirectory

from stac.data_ingestion.ucr_archive import list_ucr, load_ucr

with TemporaryDirectory() as archive:
    folder = Path(archive, "Slopes")
    folder.mkdir()
    (folder / "Slopes_TRAIN.tsv").write_text("1\t0.0\t0.5\t1.0\n2\t1.0\t0.5\tNaN\n")
    (folder / "Slopes_TEST.tsv").write_text("2\t0.9\t0.6\t0.1\n")

    print("available:", ", ".join(list_ucr(archive)))
    X_train, y_train, X_test, y_test = load_ucr("Slopes", archive)

print("training:", [series.shape for series in X_train], y_train)  # unequal lengths: a list
print("test:", X_test.shape, y_test)
