"""Track three short runs and write the report of the last, which compares it with the two before."""

import math
import tempfile
from pathlib import Path

from stac.tracking.run_report import write_report
from stac.tracking.track_run import track_run

runs = Path(tempfile.mkdtemp())
for rate in (0.01, 0.03, 0.1):
    with track_run(
        project="leaves", name=f"rate {rate}", config={"training": {"rate": rate, "epochs": 50}},
        runs_folder=runs, clearml="off",
    ) as run:  # fmt: skip
        for epoch in range(50):
            loss = math.exp(-rate * epoch)
            run.log_scalars({"train/loss": loss, "validation/loss": 0.9 * loss + 0.1}, step=epoch)
        run.log_scalars({"accuracy": 1 - loss / 2, "log_loss": loss})
        run.log_confusion_matrix([[50 - round(20 * loss), round(20 * loss)], [3, 47]], ["maple", "oak"])
    report = write_report(run.folder)

print(f"Open {report} in a browser.")
