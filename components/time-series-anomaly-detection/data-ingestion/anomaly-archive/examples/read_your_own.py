"""Write a small labelled file, and read it: yours has the same shape."""

from pathlib import Path
from tempfile import TemporaryDirectory

from stac.data_ingestion.anomaly_archive import list_anomaly, read_anomaly

with TemporaryDirectory() as folder:
    path = Path(folder, "pump.csv")
    rows = [f"{minute},{minute % 7},{20 + minute % 3},{int(40 <= minute < 44)}" for minute in range(60)]
    path.write_text("\n".join(["time,flow,heat,label", *rows]))

    print("available:", ", ".join(list_anomaly(folder)))
    train, test, labels = read_anomaly(path, n_train=30)

print("training:", train.shape, " test:", test.shape, " anomalous:", labels.nonzero()[0].tolist())
