"""Seed every random number generator that a run can use."""

import importlib.util
import random
import secrets
import sys


def seed_everything(seed: int | None = 0) -> int:
    """Seed `random`, numpy's global generator and, when it is already imported, torch.

    Import torch before this call (or before `track_run`): a library that is imported later seeds itself.
    Generators that you create yourself (`numpy.random.default_rng`) are yours to seed: hand them the seed
    that this returns. The order of sets of strings follows `PYTHONHASHSEED`, which only counts when it is set
    before Python starts.

    Parameters
    ----------
    seed : int or None
        From 0 to 2**32 - 1, the range that numpy accepts. None draws one.

    Returns
    -------
    int
        The seed used.

    Raises
    ------
    ValueError
        When the seed is outside that range.

    Examples
    --------
    >>> import random
    >>> seed_everything(7)
    7
    >>> first = random.random()
    >>> _ = seed_everything(7)
    >>> random.random() == first
    True
    """
    seed = secrets.randbits(32) if seed is None else _checked(seed)
    random.seed(seed)
    if "numpy" in sys.modules or importlib.util.find_spec("numpy"):
        import numpy

        numpy.random.seed(seed)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)  # the GPUs' generators too, without waking them up
    return seed


def _checked(seed: int) -> int:
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        raise TypeError(f"The seed is {seed!r}; it must be a whole number such as 0, or None to draw one.")
    if not 0 <= int(seed) < 2**32:
        raise ValueError(f"The seed is {seed}; it must lie between 0 and 4294967295 (2**32 - 1).")
    return int(seed)
