"""Networks of one kind as one network: scales series, averages probabilities, and lives in one file."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from stac.training.network_files import load_network


class NetworkEnsemble(nn.Module):
    """Equal networks behind one scaling of the channels; the output are probabilities, not logits."""

    def __init__(self, networks: list[nn.Module]) -> None:
        super().__init__()
        arguments: Any = networks[0].hyperparameters
        self.hyperparameters = {"n_models": len(networks), "arguments": arguments}
        self.networks = nn.ModuleList(networks)
        self.register_buffer("mean", torch.zeros(arguments["n_channels"]))
        self.register_buffer("std", torch.ones(arguments["n_channels"]))

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the mean probabilities of the classes."""
        x = (x - self.mean[:, None]) / self.std[:, None]
        inputs = (x,) if lengths is None else (x, lengths)
        return torch.stack([network(*inputs).float().softmax(dim=1) for network in self.networks]).mean(dim=0)

    def set_scaling(self, x: np.ndarray, lengths: np.ndarray | None) -> None:
        """Take mean and deviation of each channel over the series; a constant channel is only shifted."""
        inside = np.arange(x.shape[2]) < (x.shape[2] if lengths is None else lengths[:, None, None])
        where = np.broadcast_to(inside, x.shape)
        mean = x.mean(axis=(0, 2), where=where, dtype=np.float64)
        std = x.std(axis=(0, 2), where=where, dtype=np.float64)
        self.mean.copy_(torch.from_numpy(mean))
        self.std.copy_(torch.from_numpy(np.where(std > 1e-6 * np.abs(mean), std, 1.0)))

    def scaled(self, x: np.ndarray) -> np.ndarray:
        """Return the series as the networks are trained on."""
        return (x - self.mean.numpy()[:, None]) / self.std.numpy()[:, None]


def build_networks(network_class: type[nn.Module], arguments: dict[str, Any], seeds: list[int]) -> list[nn.Module]:
    """Return a network with its own first weights for each seed; torch's generator is left as it was."""
    networks = []
    with torch.random.fork_rng(devices=[]):
        for seed in seeds:
            torch.manual_seed(seed)
            networks.append(network_class(**arguments))
    return networks


def load_ensemble(path: str | Path, network_class: type[nn.Module]) -> NetworkEnsemble:
    """Read the networks of a file, which must be of that class."""
    build: Any = partial(_build_ensemble, network_class)
    build.__name__ = NetworkEnsemble.__name__  # what load_network compares with the file
    return load_network(path, build)


def _build_ensemble(network_class: type[nn.Module], n_models: int, arguments: dict[str, Any]) -> NetworkEnsemble:
    return NetworkEnsemble([network_class(**arguments) for _ in range(n_models)])
