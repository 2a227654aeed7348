"""How many threads of the processor pay for a network."""

from typing import Any

import torch
from torch import Tensor, nn

PRODUCTS_PER_THREAD = 1e8  # in a forward pass; where a second thread began to pay on two cores of an AMD EPYC


def use_helpful_threads(network: nn.Module, inputs: tuple[Any, ...], batch_size: int) -> None:
    """Let this thread use as many helpers as have enough to do, at most those it has.

    Threads wait for each other in every layer: with two of them, networks of a few thousand weights took 2.4 times as
    long as with one. The number follows from what the layers multiply, not from a clock, so that the same training
    gives the same bits. Recurrent layers count as nothing: one step has too little work to share.

    Parameters
    ----------
    network : nn.Module
        A network on the processor, in evaluation mode.
    inputs : tuple of (Tensor or None)
        A few samples.
    batch_size : int
        Samples in a step.
    """
    products = 0.0

    def count(layer: Any, _: Any, output: Tensor) -> None:
        nonlocal products
        products += output.numel() * layer.weight[0].numel()

    layers = [x for x in network.modules() if isinstance(x, nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d)]
    handles = [layer.register_forward_hook(count) for layer in layers]
    try:
        with torch.no_grad():
            network(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    n_samples = next(len(x) for x in inputs if x is not None)
    helpful = products * batch_size / n_samples / PRODUCTS_PER_THREAD
    torch.set_num_threads(max(1, min(torch.get_num_threads(), int(helpful))))
