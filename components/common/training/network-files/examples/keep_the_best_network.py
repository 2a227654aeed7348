"""A small training keeps its best network on disk, with its loss noted beside it."""

import tempfile
from pathlib import Path

import torch

from stac.training.network_files import load_network, read_metadata, save_network


class Line(torch.nn.Linear):
    """A straight line through points in `n_inputs` dimensions."""

    def __init__(self, n_inputs: int):
        super().__init__(n_inputs, 1)
        self.hyperparameters = {"n_inputs": n_inputs}


torch.manual_seed(0)
x = torch.randn(200, 3)
y = x @ torch.tensor([[1.0], [-2.0], [0.5]])
line = Line(3)
optimizer = torch.optim.SGD(line.parameters(), lr=0.1)
path = Path(tempfile.mkdtemp()) / "line.safetensors"

best = float("inf")
for epoch in range(30):
    loss = torch.nn.functional.mse_loss(line(x), y)
    if loss < best:
        best = loss.item()
        save_network(line, path, epoch=epoch, loss=best)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print(read_metadata(path), load_network(path, Line).weight.tolist())
