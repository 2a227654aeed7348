"""What a training is told, checked before anything is done."""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import torch

from ._losses import LOSSES
from ._schedule import SCHEDULES

PRECISIONS = ("auto", "float32", "bfloat16", "float16")
MONITORS = ("loss", "auc")
RESULT_INDEPENDENT = {"device", "checkpoint", "resume", "patience", "deterministic", "devices", "nodes"}


@dataclass(frozen=True)
class Settings:
    """The parameters of `fit_torch`; its docstring explains them."""

    loss: Any
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    schedule: str
    warmup: float | None
    class_weight: Any
    patience: int | None
    monitor: Any
    precision: str
    device: str
    seed: int
    deterministic: bool
    checkpoint: Path | None
    resume: bool
    augment: Callable[..., Any] | None
    gradient_clip: float | None
    devices: int
    nodes: int

    def __post_init__(self) -> None:
        _choice("loss", self.loss, LOSSES, or_function="loss(output, target)")
        _choice("schedule", self.schedule, tuple(SCHEDULES))
        _choice("monitor", self.monitor, MONITORS, or_function="monitor(target, output), larger is better")
        _choice("precision", self.precision, PRECISIONS)
        if self.class_weight is not None and self.loss not in ("cross_entropy", "binary_cross_entropy"):
            raise ValueError(f"class_weight needs cross_entropy or binary_cross_entropy as loss, not {self.loss!r}.")
        for name in ("epochs", "batch_size", "devices", "nodes"):
            _whole(name, getattr(self, name), 1)
        _whole("seed", self.seed, 0)
        if self.patience is not None:
            _whole("patience", self.patience, 1)
        _number("learning_rate", self.learning_rate, above=0)
        _number("weight_decay", self.weight_decay, least=0)
        if self.gradient_clip is not None:
            _number("gradient_clip", self.gradient_clip, above=0)
        if self.warmup is not None:
            _number("warmup", self.warmup, least=0)
            if self.warmup >= 1:
                raise ValueError(f"warmup={self.warmup} must be a share of all steps, from 0 to below 1.")
        if self.augment is not None and not callable(self.augment):
            raise TypeError(f"augment must be a function (inputs, generator) -> inputs, not {self.augment!r}.")
        if self.batch_size < self.devices * self.nodes:
            raise ValueError(f"batch_size={self.batch_size} cannot be shared by {self.devices * self.nodes} devices.")

    @property
    def warmup_share(self) -> float:
        """Return the share of steps in which the learning rate rises."""
        return self.warmup if self.warmup is not None else 0.3 if self.schedule == "one_cycle" else 0.0

    def describe(self) -> dict[str, Any]:
        """Return what decides over the result, as plain values, to compare with a checkpoint's."""
        named = {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name not in RESULT_INDEPENDENT}
        if self.schedule == "constant" and not self.warmup_share:
            del named["epochs"]  # more of them continue the same training
        return named


def chosen_device(name: str | torch.device) -> torch.device:
    """Return the device of that name; "auto" is the GPU where there is one."""
    if name == "auto":
        return torch.device("cuda", torch.cuda.current_device()) if torch.cuda.is_available() else torch.device("cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0][:120]
        raise ValueError(f'device={name!r} cannot be used here: use "auto", "cpu" or "cuda" ({reason}).') from None
    return torch.device("cuda", torch.cuda.current_device()) if device == torch.device("cuda") else device


def chosen_precision(name: str, device: torch.device) -> str:
    """Return the precision to compute in; "auto" is a short one only where the hardware has it."""
    if name == "float16" and device.type == "cpu":
        raise ValueError('precision="float16" needs a GPU: use "auto", "float32" or "bfloat16".')
    if name != "auto":
        return name
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.get_device_capability(device) >= (8, 0) else "float16"
    return "bfloat16" if device.type == "cpu" and _cpu_has_bfloat16() else "float32"


def _cpu_has_bfloat16() -> bool:
    """Tell whether the processor multiplies bfloat16 itself (AMX, AVX-512 BF16, ARM BF16); emulated it is slower."""
    if capabilities := getattr(torch.cpu, "get_capabilities", None):
        return any(there for name, there in capabilities().items() if "bf16" in name)
    return getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()


def _plain(value: Any) -> Any:
    """Return a value that can be compared after a detour through a file."""
    if isinstance(value, (str, int, float, type(None))):
        return value
    if hasattr(value, "__qualname__"):
        return value.__qualname__
    if is_dataclass(value):
        return repr(value)
    return [float(x) for x in value] if hasattr(value, "__iter__") else type(value).__qualname__


def _choice(name: str, value: Any, choices: tuple[str, ...], or_function: str = "") -> None:
    if value in choices if isinstance(value, str) else or_function and callable(value):
        return
    known = ", ".join(f'"{choice}"' for choice in choices)
    raise ValueError(f"{name}={value!r} is unknown: use {known}{f' or a function {or_function}' * bool(or_function)}.")


def _whole(name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}={value!r} must be a whole number.")
    if value < least:
        raise ValueError(f"{name}={value} must be at least {least}.")


def _number(name: str, value: Any, above: float = -math.inf, least: float = -math.inf) -> None:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{name}={value!r} must be a number.")
    if not (value > above and value >= least and math.isfinite(value)):
        raise ValueError(f"{name}={value} must be {f'above {above}' if above > -math.inf else f'at least {least}'}.")
