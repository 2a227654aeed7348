"""Events are read from an archive one at a time; one of them is damaged, and the others become a table."""

import json
import tempfile
import warnings
import zipfile
from pathlib import Path

import numpy as np

from stac.data_ingestion.auger_open_data import event_table, read_events

rng = np.random.default_rng(0)
archive = Path(tempfile.mkdtemp()) / "events.zip"
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
    for number in range(5):
        core = rng.uniform(-500, 500, 2).tolist()
        stations = []
        for i in range(4):
            signal = float(rng.gamma(2, 10))
            pulse = np.zeros(768)
            pulse[240:340] = signal * 3.3 / 4 * np.exp(-np.arange(100) / 4)
            trace = (pulse + rng.normal(0, 0.02, 768)).round(3).tolist()
            place = {"x": 1500.0 * (i % 2), "y": 1300.0 * (i // 2), "z": 0.0}
            stations.append({"id": 100 + i, **place, "signal": signal, "pmt1": trace, "pmt3": trace})
        rec = {"theta": 25.0, "phi": 10.0, "energy": 3.0 + number, "x": core[0], "y": core[1]}
        text = json.dumps({"info": {"id": number}, "sdrec": rec, "stations": stations})
        file.writestr(f"data/Auger_{number}.json", text if number != 2 else text[:1000])

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    table = event_table(read_events(archive, on_error="warn"))
print(*(str(warning.message).replace(str(archive.parent), "…") for warning in caught), sep="\n")
for name in ("event", "station", "distance_m", "signal_vem_charge", "lg_energy", "n_pmts"):
    print(f"{name:18s}", np.array2string(table[name][:8], precision=2))
