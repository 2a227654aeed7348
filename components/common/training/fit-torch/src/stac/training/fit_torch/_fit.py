"""From the user's arguments to a training on one device or several."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from ._checkpoint import State
from ._data import Data, as_data
from ._engine import Engine
from ._loop import Training
from ._losses import fitted_target
from ._predict import device_of
from ._progress import Progress
from ._settings import Settings, chosen_device


def fit(
    network: nn.Module,
    train: Any,
    validation: Any,
    *,
    run: Any,
    name: str,
    progress: bool,
    checkpoint: Any,
    **others: Any,
) -> State:
    """Do the work of `fit_torch`."""
    settings = Settings(checkpoint=None if checkpoint is None else Path(checkpoint), **others)
    if not isinstance(network, nn.Module):
        raise TypeError(f"network must be a torch.nn.Module, not {type(network).__name__}.")
    if not any(x.requires_grad for x in network.parameters()):
        raise ValueError("The network has no parameters to train.")
    if settings.checkpoint:
        if settings.checkpoint.is_dir():
            raise ValueError(
                f"checkpoint={str(checkpoint)!r} is a folder: give the name of a file, such as network.pt."
            )
        settings.checkpoint.parent.mkdir(parents=True, exist_ok=True)
    train, validation = checked(train, validation, settings)
    home, log = device_of(network), run and partial(log_curves, run, name)
    try:
        if settings.devices * settings.nodes > 1:
            from ._distributed import fit_on_many  # Lightning Fabric takes seconds to import

            return fit_on_many(network, train, validation, settings, progress, log)
        engine, bar = Engine(chosen_device(settings.device)), Progress(progress, settings.epochs, name)
        return Training(network, train, validation, settings, engine, bar, log).run()
    finally:
        network.to(home).eval()


def log_curves(run: Any, name: str, values: dict[str, float], step: int) -> None:
    """Log the values of an epoch under the training's name."""
    run.log_scalars({f"{name}/{key}" if name else key: value for key, value in values.items()}, step=step)


def checked(train: Any, validation: Any, settings: Settings) -> tuple[Data, Data | None]:
    """Return the data as tensors that fit the loss and each other."""
    if validation is None and (settings.patience is not None or settings.monitor != "loss"):
        what = f"patience={settings.patience}" if settings.patience is not None else f"monitor={settings.monitor!r}"
        raise ValueError(f"{what} needs validation data: give validation=(inputs, target).")
    data = {"train": as_data(train, "train")}
    if validation is not None:
        data["validation"] = as_data(validation, "validation")
        _check_alike(data["train"], data["validation"])
    for name, part in data.items():
        part.target = fitted_target(part.target, settings.loss, name)
    if settings.monitor == "auc":
        classes = np.unique(data["validation"].target.cpu().numpy())
        if classes.tolist() != [0, 1]:
            raise ValueError(
                'monitor="auc" needs the two classes 0 and 1 in the validation target, which holds '
                f"{len(classes)}: {', '.join(f'{c:g}' for c in classes[:5])}."
            )
    return data["train"], data.get("validation")


def _check_alike(train: Data, validation: Data) -> None:
    there, here = (
        [None if x is None else tuple(x.shape[1:]) for x in (*data.inputs, data.target)] for data in (train, validation)
    )
    if there != here:
        raise ValueError(
            f"Samples of train have shapes {there} (inputs, target), those of validation {here}: they differ."
        )
