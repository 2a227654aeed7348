"""A network of a dozen lines becomes a classifier; several of them agree better than one."""

import numpy as np
import torch

from stac.training.network_classifier import NetworkClassifier


class Small(torch.nn.Module):
    """One convolution and an average over time."""

    def __init__(self, n_channels: int, n_classes: int):
        super().__init__()
        self.hyperparameters = {"n_channels": n_channels, "n_classes": n_classes}
        self.convolution = torch.nn.Conv1d(n_channels, 8, 9, padding=4)
        self.head = torch.nn.Linear(8, n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        return self.head(torch.relu(self.convolution(x)).mean(dim=2))


class SmallClassifier(NetworkClassifier):
    """The classifier of that network."""

    def network_class(self) -> type[Small]:
        """Say which network."""
        return Small


generator = np.random.default_rng(0)
y = np.arange(200) % 3
X = np.sin((1 + 0.2 * y)[:, None, None] * np.linspace(0, 30, 120) + generator.uniform(0, 6, (200, 1, 1)))
X = X + generator.normal(scale=0.8, size=X.shape)
for n_models in (1, 3):
    classifier = SmallClassifier(n_models=n_models, epochs=10, learning_rate=0.03).fit(X[:100], y[:100])
    print(f"{n_models} network(s): accuracy {classifier.score(X[100:], y[100:]):.2f}")
