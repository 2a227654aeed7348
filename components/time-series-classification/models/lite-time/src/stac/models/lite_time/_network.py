"""The LITE network: one layer of learnt and hand-crafted filters, two of dilated depthwise separable convolutions."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from stac.models.lite_time._filters import handcrafted_filters

__all__ = ["LiteNetwork"]


class LiteNetwork(nn.Module):
    """Classify series with about ten thousand parameters.

    Parameters
    ----------
    n_channels : int
        Channels of a series.
    n_classes : int
        Classes, or values to estimate.
    n_filters : int, default=32
        Filters of each kernel size in the first layer, and of each later layer.
    kernel_size : int, default=40
        Longest learnt kernel in time points, 4 or more; the others have half and a quarter of it.

    Attributes
    ----------
    hyperparameters : dict
        The arguments above.

    References
    ----------
    A. Ismail-Fawaz et al., "LITE: light inception with boosting techniques for time series classification", DSAA 2023,
    https://doi.org/10.1109/DSAA60987.2023.10302569

    Examples
    --------
    >>> import torch
    >>> from stac.models.lite_time import LiteNetwork
    >>> LiteNetwork(n_channels=3, n_classes=2)(torch.rand(5, 3, 100)).shape
    torch.Size([5, 2])
    """

    accepts_lengths = True

    def __init__(self, n_channels: int, n_classes: int, n_filters: int = 32, kernel_size: int = 40) -> None:
        super().__init__()
        if min(n_channels, n_classes, n_filters) < 1 or kernel_size < 4:
            raise ValueError("n_channels, n_classes and n_filters must be 1 or more, and kernel_size 4 or more.")
        self.hyperparameters: dict[str, Any] = {
            "n_channels": n_channels,
            "n_classes": n_classes,
            "n_filters": n_filters,
            "kernel_size": kernel_size,
        }
        sizes = [kernel_size // divisor for divisor in (1, 2, 4)]
        self.kernels = nn.ParameterList(torch.empty(n_filters, n_channels, size) for size in sizes)
        for kernel in self.kernels:
            nn.init.xavier_uniform_(kernel)
        self.register_buffer("handcrafted", handcrafted_filters()[:, None].repeat(1, n_channels, 1), persistent=False)
        width = n_filters * len(sizes) + len(self.handcrafted)
        self.norm = nn.BatchNorm1d(width)
        self.separable = nn.ModuleList(
            [Separable(width, n_filters, sizes[1], dilation=2), Separable(n_filters, n_filters, sizes[2], dilation=4)]
        )
        self.head = nn.Linear(n_filters, n_classes)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return logits.

        Parameters
        ----------
        x : Tensor of shape (n, n_channels, n_timepoints)
            Series, each channel of about unit variance.
        lengths : Tensor of shape (n,), optional
            Time points of each series, where those beyond are padding: they change nothing.

        Returns
        -------
        Tensor of shape (n, n_classes)
            Logits.
        """
        if lengths is None:
            return self.head(self._features(x, None).mean(dim=2))
        inside = (torch.arange(x.shape[2], device=x.device) < lengths[:, None])[:, None].float()
        return self.head(self._features(x, inside).sum(dim=2) / lengths[:, None])

    def _features(self, x: Tensor, inside: Tensor | None) -> Tensor:
        x = x if inside is None else x * inside
        x = torch.cat([_same_convolution(x, kernel) for kernel in (*self.kernels, self.handcrafted)], dim=1)
        x = torch.relu_(self.norm(x))
        for layer in self.separable:
            x = layer(x if inside is None else x * inside)
        return x if inside is None else x * inside


class Separable(nn.Module):
    """A dilated convolution of each channel by itself, a mixture of the channels, batch normalisation, ReLU."""

    def __init__(self, n_inputs: int, n_outputs: int, size: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.kernel = nn.Parameter(torch.empty(n_inputs, 1, size))
        self.mixture = nn.Conv1d(n_inputs, n_outputs, 1, bias=False)
        self.norm = nn.BatchNorm1d(n_outputs)
        nn.init.xavier_uniform_(self.kernel)
        nn.init.xavier_uniform_(self.mixture.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, n_outputs, n_timepoints)."""
        # GPUs, and processors with short precision, are fast at both passes.
        is_plain = x.device.type != "cpu" or torch.is_autocast_enabled("cpu")
        convolve = _same_convolution if is_plain else Depthwise.apply
        return torch.relu_(self.norm(self.mixture(convolve(x, self.kernel, self.dilation))))


class Depthwise(torch.autograd.Function):
    """torch's convolution of each channel by itself, with a backward pass that takes a third of the time.

    The gradient of the input is such a convolution again; that of the kernel is a correlation, by Fourier transform.
    """

    @staticmethod
    def forward(ctx, x: Tensor, kernel: Tensor, dilation: int) -> Tensor:
        ctx.save_for_backward(x, kernel)
        ctx.dilation = dilation
        return _same_convolution(x, kernel, dilation)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        (x, kernel), dilation = ctx.saved_tensors, ctx.dilation
        before, after = _margins(kernel.shape[2], dilation)
        padded = functional.pad(gradient, (after, before))
        of_x = functional.conv1d(padded, kernel.flip(2), dilation=dilation, groups=len(kernel))
        size = _fast_size(x.shape[2] + before + after)
        ours, theirs = (torch.fft.rfft(part, size) for part in (functional.pad(x, (before, after)), gradient))
        correlation = torch.fft.irfft((ours * theirs.conj()).sum(dim=0), size)
        return of_x, correlation[:, : before + after + 1 : dilation][:, None], None


def _same_convolution(x: Tensor, kernel: Tensor, dilation: int = 1) -> Tensor:
    """Convolve, with zeros beyond the ends; kernels of one input channel go over each channel by itself."""
    padded = functional.pad(x, _margins(kernel.shape[2], dilation))
    return functional.conv1d(padded, kernel, dilation=dilation, groups=x.shape[1] // kernel.shape[1])


def _margins(size: int, dilation: int) -> tuple[int, int]:
    whole = (size - 1) * dilation
    return whole // 2, whole - whole // 2


def _fast_size(least: int) -> int:
    """Return an even number of small factors only, which transforms are fast for."""
    return min(
        odd << max(1, (-(-least // odd) - 1).bit_length()) for odd in (1, 3, 5, 7, 9, 15, 25, 27, 35, 45, 63, 75, 105)
    )
