"""A file for training and one for the test, as recordings of different days would give."""

import tempfile
from pathlib import Path

from stac.data_ingestion.labelled_series import load_labelled

with tempfile.TemporaryDirectory() as folder:
    for day in ("monday", "tuesday"):
        rows = [f"{i},{i + 1},{i + 2},{'low' if i < 5 else 'high'}" for i in range(10)]
        Path(folder, f"{day}.csv").write_text("\n".join(["t0,t1,t2,label", *rows]))
    X_train, y_train, X_test, y_test = load_labelled(f"{folder}/monday.csv", test_data=f"{folder}/tuesday.csv")
print(f"{X_train.shape} to train on, {X_test.shape} to test: {sorted(set(y_test))}")
