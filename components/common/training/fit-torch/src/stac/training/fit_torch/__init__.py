"""Train a torch network on data in memory: fast, reproducible, and resumable to the bit."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

    from stac.tracking.track_run import Run

__all__ = ["FitResult", "fit_torch", "predict_torch"]


@dataclass(frozen=True)
class FitResult:
    """What came of a training.

    Attributes
    ----------
    network : torch.nn.Module
        The network that was given, with the best weights, in evaluation mode, on the device it came from.
    history : list of dict
        One for each epoch: `epoch`, `train_loss`, `validation_loss`, the metric (such as `validation_auc`),
        `learning_rate` (of the last step), `seconds`.
    best_epoch : int
        The epoch of those weights, from 1; without validation data the last one.
    best_score : float
        What was monitored, in that epoch.
    seconds : float
        How long the call took.
    """

    network: "torch.nn.Module"
    history: list[dict[str, float]]
    best_epoch: int
    best_score: float
    seconds: float


def fit_torch(
    network: "torch.nn.Module",
    train: tuple[Any, Any],
    validation: tuple[Any, Any] | None = None,
    *,
    loss: str | Callable[..., Any] = "cross_entropy",
    epochs: int = 30,
    batch_size: int = 256,
    learning_rate: float = 1e-3,
    weight_decay: float = 1e-4,
    schedule: str = "one_cycle",
    warmup: float | None = None,
    class_weight: str | Any | None = None,
    patience: int | None = None,
    monitor: str | Callable[..., float] = "loss",
    precision: str = "auto",
    device: "str | torch.device" = "auto",
    seed: int = 0,
    deterministic: bool = True,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = True,
    augment: Callable[..., Any] | None = None,
    run: "Run | None" = None,
    name: str = "",
    progress: bool = True,
    devices: int = 1,
    nodes: int = 1,
    gradient_clip: float | None = 1.0,
) -> FitResult:
    """Train a network with AdamW and leave the best weights in it.

    Parameters
    ----------
    network : torch.nn.Module
        Called as ``network(*inputs)``; returns logits or values, ``(n, n_outputs)``.
    train, validation : (inputs, target)
        ``inputs``: an array or tensor of n samples, or a tuple of them (None is handed on as it is); ``target``:
        n numbers or rows. float64 becomes float32. Validation data choose the best epoch.
    loss : {"cross_entropy", "binary_cross_entropy", "mse", "huber"} or callable, default "cross_entropy"
        Classes numbered from 0; 0 and 1 for one logit; values. A callable is ``loss(output, target)``, a mean.
    epochs : int, default 30
        At most so many passes over the data.
    batch_size : int, default 256
        At most so many samples a step, over all devices together; the batches of an epoch are equal up to one sample.
    learning_rate, weight_decay : float
        Of AdamW; the learning rate is the highest of the schedule.
    schedule : {"one_cycle", "cosine", "constant"}, default "one_cycle"
        How the learning rate changes from step to step.
    warmup : float, optional
        Share of all steps in which it rises; by default 0.3 with "one_cycle", else 0.
    class_weight : "balanced" or array of shape (n_classes,), optional
        Weights of the samples by class, in the loss of training and validation; "balanced" gives every class the
        same sum.
    patience : int, optional
        Stop when the monitored value has not improved for so many epochs.
    monitor : {"loss", "auc"} or callable, default "loss"
        What is the best epoch: the least validation loss, the largest area under the ROC curve (two classes), or the
        largest ``monitor(target, output)``, called with arrays.
    precision : {"auto", "float32", "bfloat16", "float16"}, default "auto"
        Of products in forward and backward. "auto" is bfloat16 where the hardware has it (recent GPUs, processors
        with AMX or AVX-512 BF16), float16 on older GPUs, else float32. float16 scales the loss.
    device : str, default "auto"
        "auto" is the GPU where there is one.
    seed : int, default 0
        Of order, dropout and augmentation. (The first weights were drawn when you made the network.)
    deterministic : bool, default True
        The same result in every run on the same machine, also where a GPU would be faster otherwise.
    checkpoint : path, optional
        File that is written after every epoch, all or nothing.
    resume : bool, default True
        Go on from the checkpoint if there is one: the result is, bit for bit, that of a training in one go. A
        finished training is not repeated.
    augment : callable, optional
        ``augment(inputs, generator) -> inputs``, on every training batch: a tuple of tensors and a torch generator.
    run : stac.tracking.track_run.Run, optional
        Where losses, metric, learning rate and seconds are logged, by epoch.
    name : str, default ""
        What this training is called where a run holds several: curves become ``cnn/train/loss``, the bar says it, too.
    progress : bool, default True
        Show a bar and a line for each epoch on stderr, if that is a terminal.
    devices, nodes : int, default 1
        Devices a node, and nodes; more than one needs lightning-fabric, see the README.
    gradient_clip : float or None, default 1.0
        Largest norm of the gradient.

    Returns
    -------
    FitResult
        The network with its best weights, and how it came to them.

    Raises
    ------
    ValueError, TypeError
        When data, network, loss or other parameters do not fit each other, the loss becomes NaN, or the checkpoint
        is of another training; the message says what to do.

    References
    ----------
    I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019,
    https://doi.org/10.48550/arXiv.1711.05101. L. N. Smith, N. Topin, "Super-convergence: very fast training of neural
    networks using large learning rates", https://doi.org/10.1117/12.2520589.

    Examples
    --------
    >>> import numpy as np, torch
    >>> x = np.random.default_rng(0).normal(size=(200, 4))
    >>> network = torch.nn.Linear(4, 2)
    >>> result = fit_torch(network, (x, (x[:, 0] > 0).astype(int)), epochs=20, batch_size=20, learning_rate=0.1)
    >>> result.history[-1]["train_loss"] < 0.1
    True
    """
    arguments, started = dict(locals()), time.perf_counter()
    from ._fit import fit  # torch takes seconds to import: only those who train pay

    state = fit(**arguments)
    return FitResult(network, state.history, state.best_epoch, state.best_score, time.perf_counter() - started)


def predict_torch(
    network: "torch.nn.Module",
    inputs: Any,
    *,
    batch_size: int = 1024,
    device: "str | torch.device" = "auto",
    activation: str | None = None,
) -> np.ndarray:
    """Return what a network makes of inputs, without training it.

    Parameters
    ----------
    network : torch.nn.Module
        Called as ``network(*inputs)`` in evaluation mode; it stays in its mode and on its device.
    inputs : array, tensor or tuple of them
        n samples.
    batch_size : int, default 1024
        Samples at once.
    device : str, default "auto"
        "auto" is the GPU where there is one.
    activation : {"softmax", "sigmoid"}, optional
        Turn logits into probabilities.

    Returns
    -------
    ndarray of shape (n, ...), float32
        The outputs.

    Raises
    ------
    ValueError, TypeError
        When inputs are empty, of different lengths or hold NaN, or a name is unknown.

    Examples
    --------
    >>> import numpy as np, torch
    >>> predict_torch(torch.nn.Linear(4, 2), np.zeros((3, 4)), activation="softmax").shape
    (3, 2)
    """
    from ._predict import predict

    return predict(network, inputs, batch_size, device, activation)
