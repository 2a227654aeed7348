"""What a network makes of new inputs, batch by batch."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ._data import Data, Inputs, as_inputs
from ._losses import check_output
from ._settings import _choice, _whole, chosen_device
from ._threads import tuned_processor

ACTIVATIONS = {None: lambda x: x, "softmax": lambda x: x.softmax(dim=1), "sigmoid": torch.sigmoid}


def predict(network: nn.Module, inputs: Any, batch_size: int, device: str, activation: str | None) -> np.ndarray:
    """Do the work of `predict_torch`."""
    _whole("batch_size", batch_size, 1)
    if activation is not None:
        _choice("activation", activation, ("softmax", "sigmoid"))
    tensors, where = as_inputs(inputs), chosen_device(device)
    activate, was_training, home = ACTIVATIONS[activation], network.training, device_of(network)
    n = next(len(x) for x in tensors if x is not None)
    data = Data(tensors, torch.empty(n, 0)).to(where)
    network.to(where).eval()
    samples = tuple(x if x is None else x[:2] for x in data.inputs)
    outputs = []
    try:
        with torch.inference_mode(), tuned_processor(network, samples, min(batch_size, n), where):
            for start in range(0, n, batch_size):
                batch = (x if x is None else x[start : start + batch_size].to(where) for x in data.inputs)
                outputs.append(activate(network(*batch).float()))
            return torch.cat(outputs).cpu().numpy()
    finally:
        network.train(was_training).to(home)


def probe(network: nn.Module, inputs: Inputs, target: Tensor, loss: Any) -> Tensor:
    """Call the network once, to see in time whether it takes the inputs and its output fits the target."""
    network.eval()
    try:
        with torch.no_grad():
            output = network(*inputs)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        shapes = ", ".join("None" if x is None else str(tuple(x.shape)) for x in inputs)
        reason = str(error).strip().splitlines()[0][:250]
        raise ValueError(f"The network does not take inputs of shape {shapes}: {reason}") from error
    check_output(output, target, loss)
    return output


def device_of(network: nn.Module) -> torch.device:
    """Return where the weights of a network are."""
    return next((x.device for x in network.parameters()), torch.device("cpu"))
