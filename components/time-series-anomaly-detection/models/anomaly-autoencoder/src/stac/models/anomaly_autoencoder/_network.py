"""The network: windows through a narrow place and back."""

import torch
from torch import Tensor, nn

__all__ = ["WindowAutoencoder"]

FACTOR = 8  # by which the convolutions shorten a window: its length is a multiple of that


class WindowAutoencoder(nn.Module):
    """Compress windows (n, n_channels, length) to a few numbers, and rebuild them from these.

    Parameters
    ----------
    n_channels, length : int
        Shape of a window; ``length`` is a multiple of 8.
    n_latent : int, default=16
        Numbers that a window is compressed to.
    width : int, default=32
        Channels of the convolutions.
    """

    def __init__(self, n_channels: int, length: int, n_latent: int = 16, width: int = 32):
        super().__init__()
        self.hyperparameters = {"n_channels": n_channels, "length": length, "n_latent": n_latent, "width": width}
        steps = length // FACTOR
        self.encoder = nn.Sequential(
            nn.Conv1d(n_channels, width, 8, stride=4, padding=2),
            nn.GELU(),
            nn.Conv1d(width, width, 4, stride=2, padding=1),
            nn.GELU(),
            nn.Flatten(),
            nn.Linear(width * steps, n_latent),
        )
        self.decoder = nn.Sequential(
            nn.Linear(n_latent, width * steps),
            nn.GELU(),
            nn.Unflatten(1, (width, steps)),
            nn.ConvTranspose1d(width, width, 4, stride=2, padding=1),
            nn.GELU(),
            nn.ConvTranspose1d(width, n_channels, 8, stride=4, padding=2),
        )

    def forward(self, windows: Tensor) -> Tensor:
        """Return the windows as they are rebuilt."""
        return self.decoder(self.encoder(windows))


def new_network(seed: int, **hyperparameters: int) -> WindowAutoencoder:
    """Return a network whose first weights follow from the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return WindowAutoencoder(**hyperparameters)
