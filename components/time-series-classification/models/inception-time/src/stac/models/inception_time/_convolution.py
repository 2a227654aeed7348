"""Convolutions with long kernels, by Fourier transform where that is faster, and a faster pooling."""

import torch
from torch import Tensor
from torch.nn import functional

BLOCK = 320  # time points in a transform, about: few enough that the passes over them find them in the cache


def convolve_all(x: Tensor, kernels: list[Tensor]) -> Tensor:
    """Convolve with kernels of several lengths, zeros beyond the ends, one result after the other.

    Parameters
    ----------
    x : Tensor of shape (n, n_inputs, n_timepoints)
        Series.
    kernels : list of Tensor of shape (n_outputs, n_inputs, length)
        The middle of a kernel, of two middles the first, lies on the time point it answers for.

    Returns
    -------
    Tensor of shape (n, sum of n_outputs, n_timepoints)
        As ``torch.nn.functional.conv1d`` gives with ``padding="same"``.
    """
    if x.device.type == "cpu" and not torch.is_autocast_enabled("cpu"):
        return FourierConvolution.apply(x, _centred(kernels))
    # GPUs, and processors with short precision, are faster at plain convolutions.
    padded = {k: functional.pad(x, ((k - 1) // 2, k // 2)) for k in {kernel.shape[2] for kernel in kernels}}
    return torch.cat([functional.conv1d(padded[kernel.shape[2]], kernel) for kernel in kernels], dim=1)


class FourierConvolution(torch.autograd.Function):
    """Overlap-save: transform blocks, multiply, transform back, and keep of each block what did not wrap around.

    torch differentiates this by itself, but with complex transforms in both directions; here they are real.
    """

    @staticmethod
    def forward(ctx, x: Tensor, kernel: Tensor) -> Tensor:
        length, n_timepoints = kernel.shape[2], x.shape[2]
        size = _block_size(n_timepoints, length)
        step = size - length + 1
        n_blocks = -(-n_timepoints // step)
        before = (length - 1) // 2
        padded = functional.pad(x, (before, n_blocks * step - n_timepoints + length - 1 - before))
        spectra = _frequencies_first(torch.fft.rfft(padded.unfold(2, size, step)))
        kernels = torch.fft.rfft(kernel, size).conj().permute(2, 1, 0).resolve_conj().contiguous()
        result = torch.fft.irfft(_frequencies_last(spectra @ kernels, n_blocks), size)[..., :step]
        ctx.save_for_backward(spectra, kernels)
        ctx.sizes = length, n_timepoints, size, step, before
        return result.flatten(2)[..., :n_timepoints]

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        spectra, kernels = ctx.saved_tensors
        length, n_timepoints, size, step, before = ctx.sizes
        n_blocks = -(-n_timepoints // step)
        blocks = functional.pad(gradient, (0, n_blocks * step - n_timepoints)).unflatten(2, (n_blocks, step))
        # Backwards in time the spectrum is the conjugate one, so that no large array has to be conjugated.
        backwards = _frequencies_first(torch.fft.rfft(functional.pad(blocks.flip(3), (size - step, 0))))
        of_x = of_kernel = None
        if ctx.needs_input_grad[0]:
            product = _frequencies_last(backwards @ kernels.transpose(1, 2), n_blocks)
            whole = _overlap_add(torch.fft.irfft(product, size).flip(3), step)
            of_x = whole[..., before : before + n_timepoints]
        if ctx.needs_input_grad[1]:
            product = (spectra.transpose(1, 2) @ backwards).permute(2, 1, 0)
            of_kernel = torch.fft.irfft(product, size).roll(1, 2)[..., :length]
        return of_x, of_kernel


def _centred(kernels: list[Tensor]) -> Tensor:
    """Return kernels of several lengths as one, with zeros around the short ones."""
    longest = max(kernel.shape[2] for kernel in kernels)
    before = [(longest - 1) // 2 - (kernel.shape[2] - 1) // 2 for kernel in kernels]
    return torch.cat([functional.pad(k, (b, longest - k.shape[2] - b)) for k, b in zip(kernels, before, strict=True)])


def _frequencies_first(spectra: Tensor) -> Tensor:
    """(n, channel, block, frequency) -> (frequency, n * block, channel)."""
    return spectra.permute(3, 0, 2, 1).flatten(1, 2)


def _frequencies_last(spectra: Tensor, n_blocks: int) -> Tensor:
    """(frequency, n * block, channel) -> (n, channel, block, frequency)."""
    return spectra.unflatten(1, (-1, n_blocks)).permute(1, 3, 2, 0)


def _overlap_add(blocks: Tensor, step: int) -> Tensor:
    """Put blocks (n, channel, block, time) at every step-th time point, and add where they overlap."""
    n, n_channels, n_blocks, size = blocks.shape
    whole = blocks.new_zeros(n, n_channels, n_blocks * step + size - step)
    whole[..., : n_blocks * step] = blocks[..., :step].flatten(2)
    for i in range(n_blocks):
        whole[..., (i + 1) * step : i * step + size] += blocks[:, :, i, step:]
    return whole


def _block_size(n_timepoints: int, length: int) -> int:
    """Return how many time points to transform at once: even, of small factors only, which makes transforms fast."""
    n_blocks = -(-n_timepoints // max(BLOCK - length + 1, 3 * length))
    size = -(-n_timepoints // n_blocks) + length - 1
    size += size % 2
    while _without_factors(size) > 1:
        size += 2
    return size


def _without_factors(number: int) -> int:
    for factor in (2, 3, 5, 7):
        while number % factor == 0:
            number //= factor
    return number


class MaxOfThree(torch.autograd.Function):
    """The largest of each time point and its neighbours, three times as fast to train as torch's max_pool1d.

    Of equal ones each gets the gradient. Beyond the ends are zeros, as for convolutions, so that padding is no matter.
    """

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        largest = x.clone()
        torch.maximum(largest[..., 1:], x[..., :-1], out=largest[..., 1:])
        torch.maximum(largest[..., :-1], x[..., 1:], out=largest[..., :-1])
        largest[..., 0].clamp_(min=0)
        largest[..., -1].clamp_(min=0)
        ctx.save_for_backward(x, largest)
        return largest

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        x, largest = ctx.saved_tensors
        of_x = gradient * (x == largest)
        of_x[..., :-1].addcmul_(gradient[..., 1:], x[..., :-1] == largest[..., 1:])
        of_x[..., 1:].addcmul_(gradient[..., :-1], x[..., 1:] == largest[..., :-1])
        return of_x
