"""A panel as plain values, and back."""

import base64
from typing import Any

import numpy as np

_PLAIN = ("names", "exogenous", "frequency", "season_length", "calendar")


def panel_to_dict(panel: Any) -> dict[str, Any]:
    """Do the work of `SeriesPanel.to_dict`."""
    times = panel.times["ds"]
    return {
        **{name: getattr(panel, name) for name in _PLAIN},
        "y": _packed(panel.y, "<f8"),
        "columns": _packed(panel.columns, "<f4"),
        "ids": panel.times["unique_id"].tolist(),
        "times": times.astype("int64").tolist(),
        "times_dtype": str(times.dtype),
    }


def dict_to_fields(content: dict[str, Any]) -> dict[str, Any]:
    """Do the work of `SeriesPanel.from_dict`."""
    import pandas as pd

    times = pd.Series(content["times"], dtype="int64").astype(content["times_dtype"])
    return {
        **{name: content[name] for name in _PLAIN},
        "names": tuple(content["names"]),
        "exogenous": tuple(content["exogenous"]),
        "y": _unpacked(content["y"], "<f8"),
        "columns": _unpacked(content["columns"], "<f4"),
        "times": pd.DataFrame({"unique_id": content["ids"], "ds": times}),
    }


def _packed(array: np.ndarray, dtype: str) -> dict[str, Any]:
    return {"shape": list(array.shape), "bytes": base64.b64encode(array.astype(dtype).tobytes()).decode()}


def _unpacked(content: dict[str, Any], dtype: str) -> np.ndarray:
    flat = np.frombuffer(base64.b64decode(content["bytes"]), dtype)
    return flat.astype(flat.dtype.newbyteorder("=")).reshape(content["shape"])
