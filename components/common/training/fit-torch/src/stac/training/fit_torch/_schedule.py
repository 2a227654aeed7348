"""The learning rate as a function of the step, so that a resumed training needs no memory of it."""

import math
from collections.abc import Callable

START, END = 1 / 25, 1 / 250_000  # of the one-cycle schedule, in parts of the highest learning rate


def _one_cycle(progress: float) -> float:
    return END + (1 - END) * (1 + math.cos(math.pi * progress)) / 2


# What follows the warm-up: progress from 0 to 1 -> part of the highest learning rate.
SCHEDULES: dict[str, Callable[[float], float]] = {
    "one_cycle": _one_cycle,
    "cosine": lambda progress: (1 + math.cos(math.pi * progress)) / 2,
    "constant": lambda progress: 1.0,
}


def rate_factor(schedule: str, step: int, n_steps: int, warmup: float) -> float:
    """Return the part of the highest learning rate that step 0 ... n_steps - 1 takes.

    The first ``warmup`` (a share of all steps) rises: along a cosine in the one-cycle schedule, else linearly.
    """
    n_warmup = warmup * n_steps
    if step < n_warmup - 1:
        if schedule != "one_cycle":
            return (step + 1) / n_warmup
        rise = (1 - math.cos(math.pi * step / (n_warmup - 1))) / 2
        return START + (1 - START) * rise
    first = max(n_warmup - 1, 0)
    return SCHEDULES[schedule](min(1.0, (step - first) / max(n_steps - 1 - first, 1)))
