"""Everything a training needs to go on as if nothing had happened, in one file that can be loaded safely."""

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

FORMAT = "stac fit_torch 1"


@dataclass
class State:
    """Where a training stands after an epoch."""

    network: nn.Module
    optimizer: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    history: list[dict[str, float]] = field(default_factory=list)
    best: dict[str, torch.Tensor] = field(default_factory=dict)
    best_epoch: int = 0
    best_score: float = float("nan")

    def keep_best(self, epoch: int, score: float) -> None:
        """Remember the weights as they are now."""
        self.best = {name: x.detach().clone() for name, x in self.network.state_dict().items()}
        self.best_epoch, self.best_score = epoch, score

    def save(self, path: Path, about: dict[str, Any]) -> None:
        """Write the state, all or nothing; ``about`` says which training it belongs to."""
        content = {
            "format": FORMAT,
            "about": about,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            **{name: getattr(self, name) for name in ("history", "best", "best_epoch", "best_score")},
        }
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                torch.save(content, file)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(temporary).unlink()
            raise

    def load(self, path: Path, about: dict[str, Any], device: torch.device) -> None:
        """Read what ``save`` has written; a file of another training is an error that says in what it differs."""
        content = _read(path, device)
        _check_same(path, content["about"], about)
        self.network.load_state_dict(content["network"])
        self.optimizer.load_state_dict(content["optimizer"])
        self.scaler.load_state_dict(content["scaler"])
        for name in ("history", "best", "best_epoch", "best_score"):
            setattr(self, name, content[name])


def describe_network(network: nn.Module) -> dict[str, Any]:
    """Return class, names and shapes of a network, as plain values."""
    tensors = {name: [list(x.shape), str(x.dtype)] for name, x in network.state_dict().items()}
    return {"class": type(network).__qualname__, **tensors}


def _read(path: Path, device: torch.device) -> dict[str, Any]:
    with path.open("rb") as file, suppress(Exception):  # whatever a foreign or damaged file makes of the reader
        content = torch.load(file, map_location=device, weights_only=True)
        if content["format"] == FORMAT:
            return content
    raise ValueError(f"{path} is damaged or no checkpoint of fit_torch: remove it, or give another checkpoint path.")


def _check_same(path: Path, there: dict[str, Any], now: dict[str, Any]) -> None:
    for part, name in (("network", "another network"), ("data", "other data"), ("settings", "other settings")):
        for key in there[part].keys() | now[part].keys():
            old, new = there[part].get(key), now[part].get(key)
            if old != new:
                detail = f"{key} is {_short(old)} there and {_short(new)} now"
                raise ValueError(
                    f"{path} is a checkpoint of a training with {name} ({detail}): "
                    "give what it had, another checkpoint path, or resume=False to start over."
                )


def _short(value: Any) -> str:
    text = "missing" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
