"""Random numbers and the few operations in which numpy and torch differ, so that each variation is written once."""

from typing import Any

import numpy as np


class NumpySource:
    """Draws numpy arrays like ``X``."""

    xp = np

    def __init__(self, X: np.ndarray, seed: Any):
        if not (seed is None or isinstance(seed, int | np.integer | np.random.Generator)):
            raise TypeError(f"seed is {type(seed).__name__}: for numpy arrays pass an integer or a numpy Generator.")
        if not isinstance(seed, np.random.Generator) and seed is not None and seed < 0:
            raise ValueError(f"seed={seed} is negative: pass 0 or more.")
        if X.dtype not in (np.float32, np.float64):
            raise TypeError(f"X holds {X.dtype}, expected floating-point numbers: convert it with X.astype('float32').")
        self.generator = np.random.default_rng(seed)
        self.dtype = X.dtype

    def normal(self, *shape: int) -> np.ndarray:
        """Standard normal numbers."""
        return self.generator.standard_normal(shape, dtype=self.dtype)

    def uniform(self, *shape: int) -> np.ndarray:
        """Numbers from 0 up to, but not, 1."""
        return self.generator.random(shape, dtype=self.dtype)

    def like(self, values: np.ndarray) -> np.ndarray:
        """The same values in the type of ``X``."""
        return values.astype(self.dtype)

    def floor(self, positions: np.ndarray) -> np.ndarray:
        """Whole numbers as indices."""
        return positions.astype(np.intp)

    def take(self, X: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Values at time points of each series' own."""
        return np.take_along_axis(X, at, axis=-1)

    def numpy_generator(self) -> np.random.Generator:
        """The source of numbers that only numpy can draw."""
        return self.generator


class TorchSource:
    """Draws tensors like ``X``, on its device."""

    def __init__(self, X: Any, seed: Any):
        import torch

        if not (seed is None or isinstance(seed, int | np.integer | torch.Generator)):
            raise TypeError(f"seed is {type(seed).__name__}: for tensors pass an integer or a torch Generator.")
        if not X.is_floating_point():
            raise TypeError(f"X holds {X.dtype}, expected floating-point numbers: convert it with X.float().")
        self.xp = torch
        self.options = {"dtype": X.dtype, "device": X.device}
        self.generator: Any = seed
        if seed is not None and not isinstance(seed, torch.Generator):
            self.generator = torch.Generator(X.device).manual_seed(int(seed))

    def normal(self, *shape: int) -> Any:
        """Standard normal numbers."""
        return self.xp.randn(shape, generator=self.generator, **self.options)

    def uniform(self, *shape: int) -> Any:
        """Numbers from 0 up to, but not, 1."""
        return self.xp.rand(shape, generator=self.generator, **self.options)

    def like(self, values: Any) -> Any:
        """The same values in the type, and on the device, of ``X``."""
        return self.xp.as_tensor(values, **self.options)

    def floor(self, positions: Any) -> Any:
        """Whole numbers as indices."""
        return positions.long()

    def take(self, X: Any, at: Any) -> Any:
        """Values at time points of each series' own."""
        return self.xp.take_along_dim(X, at, dim=-1)

    def numpy_generator(self) -> np.random.Generator:
        """The source of numbers that only numpy can draw."""
        device = self.options["device"]
        return np.random.default_rng(self.xp.randint(2**62, (1,), generator=self.generator, device=device).tolist()[0])


def source_for(X: Any, seed: Any) -> NumpySource | TorchSource:
    """Return the source that fits the batch, which is checked."""
    is_tensor = type(X).__module__.partition(".")[0] == "torch" and hasattr(X, "is_floating_point")
    if not is_tensor and not isinstance(X, np.ndarray):
        raise TypeError(f"X is {type(X).__name__}, expected a numpy array or torch tensor of series.")
    if X.ndim != 3 or 0 in X.shape:
        raise ValueError(
            f"X has shape {tuple(X.shape)}, expected (n_instances, n_channels, n_timepoints) with at least one value: "
            "X[None] makes a batch of one series."
        )
    return TorchSource(X, seed) if is_tensor else NumpySource(X, seed)
