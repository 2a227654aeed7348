"""The same training on several devices or nodes, through Lightning Fabric."""

import logging
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ._checkpoint import State
from ._data import Data
from ._engine import Engine
from ._loop import Training
from ._progress import Progress
from ._settings import Settings, chosen_device


class FabricEngine(Engine):
    """One of several processes."""

    def __init__(self, fabric: Any) -> None:
        super().__init__(fabric.device)
        self.fabric = fabric
        self.rank, self.n_processes = fabric.global_rank, fabric.world_size

    def wrap(self, network: nn.Module) -> Callable[..., Tensor]:
        """Return the network as DistributedDataParallel."""
        return self.fabric.setup_module(network)

    def sum(self, value: Tensor) -> Tensor:
        """Add up over the processes."""
        return self.fabric.all_reduce(value, reduce_op="sum")

    def gather(self, part: Tensor, n: int) -> Tensor:
        """Put n outputs together, of which process i computed every i-th."""
        padded = part.new_zeros(-(-n // self.n_processes), *part.shape[1:])
        padded[: len(part)] = part
        parts = [torch.empty_like(padded) for _ in range(self.n_processes)]
        torch.distributed.all_gather(parts, padded)
        return torch.stack(parts, dim=1).flatten(0, 1)[:n]

    def agree(self, value: Any) -> Any:
        """Return what the first process says."""
        return self.fabric.broadcast(value)

    def align(self, network: nn.Module) -> None:
        """Give every process the first one's running statistics."""
        for buffer in network.buffers():
            torch.distributed.broadcast(buffer, 0)


def fit_on_many(
    network: nn.Module, train: Data, validation: Data | None, settings: Settings, progress: bool, log: Any
) -> State:
    """Train in processes of torchrun or SLURM if this is one of them, else in processes started here."""
    started = {"LOCAL_RANK", "SLURM_LOCALID"} & os.environ.keys()
    if settings.nodes > 1 and not started:
        raise ValueError(
            f"nodes={settings.nodes} needs this program to be started on each node: "
            f"torchrun --nnodes={settings.nodes} --nproc-per-node={settings.devices} ... or srun."
        )
    fabric = _fabric(settings, "ddp" if started else "ddp_spawn")
    if started:
        fabric.launch()
        return _train_here(fabric, network, train, validation, settings, progress, log)
    with tempfile.TemporaryDirectory() as folder:
        # The children write a checkpoint, from which the finished training is then resumed here. Data go through a file
        # that they map, as shared memory is often too small in containers.
        settings = replace(settings, checkpoint=settings.checkpoint or Path(folder, "checkpoint.pt"))
        parts = [(data.inputs, data.target) for data in (train, validation) if data]
        torch.save(parts, Path(folder, "data.pt"))
        try:
            work = partial(_train_in_child, data=Path(folder, "data.pt"), settings=settings, progress=progress)
            fabric.launch(work, network)
        except torch.multiprocessing.ProcessRaisedException as error:
            raise ValueError(str(error).strip().splitlines()[-1].partition(": ")[2] or str(error)) from error
        engine, silent = Engine(chosen_device(settings.device)), Progress(False, settings.epochs)
        finished = replace(settings, resume=True)
        return Training(network, train, validation, finished, engine, silent, log).run()


def _fabric(settings: Settings, strategy: str) -> Any:
    try:
        from lightning_fabric import Fabric
    except ImportError:
        raise ValueError(
            f"devices={settings.devices}, nodes={settings.nodes} needs lightning-fabric: "
            'pip install "stac-fit-torch[distributed]".'
        ) from None
    kind = chosen_device(settings.device).type
    n_there = torch.cuda.device_count() if kind == "cuda" else settings.devices
    if settings.devices > n_there:
        raise ValueError(f"devices={settings.devices}, but this machine has {n_there} GPUs.")
    return Fabric(accelerator=kind, devices=settings.devices, num_nodes=settings.nodes, strategy=strategy)


def _train_in_child(fabric: Any, network: nn.Module, data: Path, settings: Settings, progress: bool) -> None:
    parts = [Data(*part) for part in torch.load(data, mmap=True, weights_only=True)]
    _train_here(fabric, network, parts[0], parts[1] if len(parts) > 1 else None, settings, progress, None)


def _train_here(
    fabric: Any, network: nn.Module, train: Data, validation: Data | None, settings: Settings, progress: bool, log: Any
) -> State:
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    engine = FabricEngine(fabric)
    bar = Progress(progress and engine.rank == 0, settings.epochs)
    return Training(network, train, validation, settings, engine, bar, log).run()
