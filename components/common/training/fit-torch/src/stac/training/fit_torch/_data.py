"""Arrays of the user as tensors: checked, moved to the device once, and taken from batch by batch."""

import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

SHARE_OF_DEVICE_MEMORY = 0.5  # data that take more stay on the host

Inputs = tuple[Tensor | None, ...]


@dataclass
class Data:
    """Inputs and target of equal length; an input of None is handed to the network as it is."""

    inputs: Inputs
    target: Tensor

    def __len__(self) -> int:
        return len(self.target)

    def to(self, device: torch.device) -> Self:
        """Move everything to the device, or leave it where it is when it would take too much memory there."""
        if device.type == "cuda":
            free, _ = torch.cuda.mem_get_info(device)
            if sum(x.nbytes for x in self._tensors()) > SHARE_OF_DEVICE_MEMORY * free:
                return self
        inputs = tuple(x if x is None else x.to(device) for x in self.inputs)
        return replace(self, inputs=inputs, target=self.target.to(device))

    def take(self, indices: Tensor, device: torch.device) -> tuple[Inputs, Tensor]:
        """Gather one batch, with one copy of each tensor."""
        inputs = tuple(x if x is None else _take(x, indices, device) for x in self.inputs)
        return inputs, _take(self.target, indices, device)

    def head(self, n: int, device: torch.device) -> tuple[Inputs, Tensor]:
        """Return the first n samples."""
        return self.take(torch.arange(min(n, len(self)), device=self.target.device), device)

    def describe(self) -> list[Any]:
        """Return shapes, types and a checksum: plain values, the same for the same data."""
        return [None if x is None else [list(x.shape), str(x.dtype), checksum(x)] for x in (*self.inputs, self.target)]

    def _tensors(self) -> Iterator[Tensor]:
        return (x for x in (*self.inputs, self.target) if x is not None)


def as_data(pair: Any, name: str) -> Data:
    """Turn the user's ``(inputs, target)`` into tensors; say what is wrong with them."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise TypeError(f"{name} must be a pair (inputs, target), not {type(pair).__name__}.")
    inputs, target = as_inputs(pair[0], name), as_tensor(pair[1], f"the target of {name}")
    n = next(len(x) for x in inputs if x is not None)
    if len(target) != n:
        raise ValueError(f"{name} has {n} inputs but {len(target)} target values: give one for each.")
    return Data(inputs, target)


def as_inputs(inputs: Any, name: str = "inputs") -> Inputs:
    """Turn an array, or a tuple of arrays and None, into tensors of equal length."""
    parts = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    label = f"the inputs of {name}" if name != "inputs" else name
    tensors = tuple(
        x if x is None else as_tensor(x, f"{label}[{i}]" if len(parts) > 1 else label) for i, x in enumerate(parts)
    )
    lengths = {len(x) for x in tensors if x is not None}
    if not lengths:
        raise TypeError(f"{label} hold no array: give an array, or a tuple of arrays.")
    if len(lengths) > 1:
        shapes = ", ".join(str(tuple(x.shape)) for x in tensors if x is not None)
        raise ValueError(f"{label} have different lengths ({shapes}): their first dimension must be the same.")
    return tensors


def as_tensor(x: Any, name: str) -> Tensor:
    """Return numbers as a contiguous tensor, float64 and float16 as float32; NaN and infinity are errors."""
    if not isinstance(x, Tensor):
        array = np.asarray(x)
        if array.dtype.kind not in "fiub":
            hint = ": turn labels into numbers with numpy.unique(labels, return_inverse=True)" * (
                array.dtype.kind in "US"
            )
            raise TypeError(f"{name} must hold numbers, not {array.dtype}{hint}.")
        array = np.ascontiguousarray(array, array.dtype.newbyteorder("="))
        if array.dtype.kind == "u" and array.itemsize > 1:
            array = array.astype(np.int64)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")  # we only read
            x = torch.from_numpy(array)
    if x.ndim == 0 or x.numel() == 0:
        raise ValueError(f"{name} is empty (shape {tuple(x.shape)}): there is nothing to train on.")
    x = x.detach().to(torch.float32).contiguous() if x.is_floating_point() else x.contiguous()
    _check_finite(x, name)
    return x


def checksum(x: Tensor) -> int:
    """Return a number that (almost surely) differs when the data differ."""
    return zlib.crc32(x.cpu().numpy())


def _take(x: Tensor, indices: Tensor, device: torch.device) -> Tensor:
    if x.device == device:
        return x.index_select(0, indices)
    pinned = torch.empty((len(indices), *x.shape[1:]), dtype=x.dtype, pin_memory=device.type == "cuda")
    return torch.index_select(x, 0, indices.to(x.device), out=pinned).to(device, non_blocking=True)


def _check_finite(x: Tensor, name: str) -> None:
    if not x.is_floating_point() or x.sum().isfinite():  # one pass without a copy; an overflow only costs the next
        return
    bad = ~x.isfinite()
    if n := int(bad.sum()):
        where = tuple(int(i) for i in bad.nonzero()[0])
        kind = "NaN" if x[where].isnan() else "infinite"
        raise ValueError(
            f"{name} has {n} values that are NaN or infinite, the first ({kind}) at {where}: remove or fill them."
        )
