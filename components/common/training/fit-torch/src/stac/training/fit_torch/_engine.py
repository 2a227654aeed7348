"""Where the one process of a training differs from one of several."""

import contextlib
import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from stac.tracking.track_run import seed_everything


class Engine:
    """One process on one device; `FabricEngine` is the other kind."""

    rank, n_processes = 0, 1

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def wrap(self, network: nn.Module) -> Callable[..., Tensor]:
        """Return what to call in training, so that gradients are those of all processes."""
        return network

    def sum(self, value: Tensor) -> Tensor:
        """Add up over the processes."""
        return value

    def gather(self, part: Tensor, n: int) -> Tensor:
        """Put n outputs together, of which process i computed every i-th."""
        return part

    def agree(self, value: Any) -> Any:
        """Return what the first process says."""
        return value

    def align(self, network: nn.Module) -> None:
        """Give every process the first one's running statistics."""


@contextlib.contextmanager
def controlled(device: torch.device, deterministic: bool) -> Iterator[None]:
    """Inside: deterministic algorithms if wished; afterwards torch's settings and generators are as before."""
    mode, fill = torch.get_deterministic_debug_mode(), torch.utils.deterministic.fill_uninitialized_memory
    cudnn, python, numpy = torch.backends.cudnn, random.getstate(), np.random.get_state()
    flags = cudnn.benchmark, cudnn.deterministic
    if deterministic and device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is only deterministic with it
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        try:
            torch.set_deterministic_debug_mode(2 if deterministic else 0)  # use_deterministic_... imports the compiler
            torch.utils.deterministic.fill_uninitialized_memory = False  # would cost time, and nothing reads from it
            cudnn.benchmark, cudnn.deterministic = not deterministic, deterministic
            yield
        except RuntimeError as error:
            if deterministic and "deterministic" in str(error):
                reason = str(error).split(".")[0]
                raise ValueError(f"{reason}: pass deterministic=False to train all the same.") from error
            raise
        finally:
            torch.set_deterministic_debug_mode(mode)
            torch.utils.deterministic.fill_uninitialized_memory = fill
            cudnn.benchmark, cudnn.deterministic = flags
            random.setstate(python)
            np.random.set_state(numpy)


def seed_epoch(seed: int, epoch: int, rank: int, device: torch.device) -> tuple[torch.Generator, torch.Generator]:
    """Seed all generators for an epoch; return one for the order (the same in all processes), one for `augment`.

    Nothing random is carried from epoch to epoch, so a resumed training needs no generator's state.
    """
    order, own, augment = (
        int(np.random.SeedSequence([seed, epoch, *rest]).generate_state(1, np.uint64)[0] >> 1)
        for rest in ((), (1, rank), (2, rank))
    )
    seed_everything(own % 2**32)
    return torch.Generator().manual_seed(order), torch.Generator(device).manual_seed(augment)
