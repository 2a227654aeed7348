"""Losses by name as exact means over the samples, class weights, and the area under the ROC curve."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

LOSSES = ("cross_entropy", "binary_cross_entropy", "mse", "huber")
FLOAT_LOSSES = LOSSES[1:]


def fitted_target(target: Tensor, loss: Any, name: str) -> Tensor:
    """Return the target in the type that the loss takes, or say why it cannot be."""
    if loss == "cross_entropy":
        if target.is_floating_point():
            raise TypeError(
                f'{name}: loss="cross_entropy" takes whole class numbers 0, 1, ..., the target is {target.dtype}: '
                'give target.astype(int), or loss="binary_cross_entropy", "mse" or "huber".'
            )
        if int(target.min()) < 0:
            raise ValueError(f"{name}: the target holds {int(target.min())}; classes are numbered from 0.")
        return target.long()
    if loss in FLOAT_LOSSES:
        target = target.float()
        if loss == "binary_cross_entropy" and not (target.min() >= 0 and target.max() <= 1):
            low, high = float(target.min()), float(target.max())
            raise ValueError(f'{name}: loss="binary_cross_entropy" takes targets from 0 to 1, not {low:g} to {high:g}.')
        return target
    return target if target.is_floating_point() else target.long()


def check_output(output: Any, target: Tensor, loss: Any) -> None:
    """Say what is wrong when the network's output for some samples does not fit their target."""
    if not isinstance(output, Tensor):
        raise TypeError(f"The network returns a {type(output).__name__}; it must return one tensor.")
    shape, wanted = tuple(output.shape), tuple(target.shape)
    if len(output) != len(target):
        raise ValueError(
            f"The network returns {len(output)} outputs for {len(target)} samples: it must keep the first dimension."
        )
    if loss == "cross_entropy":
        if output.ndim < 2 or (len(shape), *shape[2:]) != (len(wanted) + 1, *wanted[1:]):
            raise ValueError(
                f"The network returns {shape} for a target {wanted}: cross_entropy takes (n, n_classes) for (n,)."
            )
    elif loss in FLOAT_LOSSES and matched(output, target).shape != target.shape:
        raise ValueError(
            f"The network returns {shape} for a target {wanted}: {loss} takes the same shape, or (n, 1) for (n,)."
        )


def check_classes(target: Tensor, n_classes: int, name: str) -> None:
    """Say which class numbers the network has no output for."""
    if (highest := int(target.max())) >= n_classes:
        raise ValueError(
            f"{name}: the target holds class {highest}, but the network has {n_classes} outputs "
            f"(classes 0 to {n_classes - 1}): give it n_outputs={highest + 1}."
        )


def class_weights(class_weight: Any, target: Tensor, n_classes: int) -> Tensor | None:
    """Return one weight per class."""
    if class_weight is None:
        return None
    if not isinstance(class_weight, str):
        weights = torch.as_tensor(np.asarray(class_weight, dtype=np.float32))
        if weights.shape != (n_classes,) or not (weights.isfinite() & (weights >= 0)).all() or not weights.any():
            raise ValueError(
                f"class_weight must be {n_classes} finite numbers, one a class and none negative, not {class_weight}."
            )
        return weights
    if class_weight != "balanced":
        raise ValueError(
            f'class_weight={class_weight!r} is unknown: use None, "balanced" or one number for each class.'
        )
    if target.is_floating_point() and not ((target == 0) | (target == 1)).all():
        raise ValueError('class_weight="balanced" needs a target of 0 and 1, this one holds values between.')
    counts = torch.bincount(target.long().flatten().cpu(), minlength=n_classes)
    if not counts.all():
        missing = (counts == 0).nonzero().flatten().tolist()
        raise ValueError(
            f'class_weight="balanced" needs every class in the training target: {missing} of the {n_classes} '
            f"{'does' if len(missing) == 1 else 'do'} not occur."
        )
    return counts.sum() / (n_classes * counts.float())


def make_loss(loss: Any, weights: Tensor | None) -> Callable[[Tensor, Tensor], Tensor]:
    """Return loss(output, target): the mean over samples, so that parts of a batch add up to the whole."""
    if callable(loss):
        return loss
    if loss == "cross_entropy":
        if weights is None:
            return functional.cross_entropy
        return lambda output, target: (
            functional.cross_entropy(output, target, weights, reduction="sum") / target.numel()
        )
    if loss == "binary_cross_entropy" and weights is not None:
        low, high = weights
        return lambda output, target: functional.binary_cross_entropy_with_logits(
            matched(output, target), target, weight=low + (high - low) * target
        )
    function = {
        "binary_cross_entropy": functional.binary_cross_entropy_with_logits,
        "mse": functional.mse_loss,
        "huber": functional.huber_loss,
    }[loss]
    return lambda output, target: function(matched(output, target), target)


def matched(output: Tensor, target: Tensor) -> Tensor:
    """Return an output (n, 1) as (n,) when the target is (n,)."""
    return output.squeeze(-1) if output.ndim == target.ndim + 1 and output.shape[-1] == 1 else output


def auc(target: np.ndarray, output: np.ndarray) -> float:
    """Return the area under the ROC curve, by ranks (ties count half).

    ``output`` is (n,), (n, 1) or, for two classes, (n, 2) logits.
    """
    score = output[:, 1] - output[:, 0] if output.ndim == 2 and output.shape[1] == 2 else output.reshape(len(output))
    positive = target.reshape(len(output)) > 0
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    n = int(positive.sum())
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * (len(positive) - n)))
