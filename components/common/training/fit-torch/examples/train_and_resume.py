"""A training that is interrupted half-way goes on from its checkpoint, to the same weights bit for bit."""

import tempfile
from pathlib import Path

import numpy as np
import torch

from stac.training.fit_torch import fit_torch

generator = np.random.default_rng(0)
y = np.arange(400) % 2
X = np.sin(np.linspace(0, 20, 128) * (1 + 0.2 * y[:, None])) + generator.normal(size=(400, 128))
data = X[:, None, :], y


class InterruptedRun:
    """Takes the place of a tracked run, and of a person who presses Ctrl-C after the third epoch."""

    def log_scalars(self, values: dict, step: int) -> None:
        """Print what a run would keep."""
        print(f"epoch {step}: loss {values['train/loss']:.3f}")
        if step == 3:
            raise KeyboardInterrupt


def train(**options: object) -> torch.Tensor:
    """Return the last layer's weights after eight epochs."""
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Conv1d(1, 8, 9), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Dropout(0.2), torch.nn.Linear(960, 2)
    )
    fit_torch(network, data, epochs=8, batch_size=64, **options)
    return network[-1].weight


with tempfile.TemporaryDirectory() as folder:
    checkpoint = Path(folder) / "network.pt"
    try:
        train(checkpoint=checkpoint, run=InterruptedRun())
    except KeyboardInterrupt:
        print("interrupted")
    resumed = train(checkpoint=checkpoint)

print("the same as in one go:", torch.equal(resumed, train()))
