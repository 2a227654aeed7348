"""An architecture of tsai as a network that can be stored and built again."""

import inspect
from importlib import import_module
from typing import Any

from torch import Tensor, nn

from stac.models.tsai_zoo._architectures import module_of

__all__ = ["TsaiNetwork"]


class TsaiNetwork(nn.Module):
    """Build an architecture of tsai for series of a shape.

    Parameters
    ----------
    n_channels, n_classes, n_timepoints : int
        What tsai calls ``c_in``, ``c_out`` and ``seq_len``.
    architecture : str
        Name of the class in tsai.
    arguments : dict, optional
        What the class is called with besides.

    Attributes
    ----------
    hyperparameters : dict
        The arguments above.
    network : torch.nn.Module
        tsai's own module.
    """

    def __init__(
        self,
        n_channels: int,
        n_classes: int,
        n_timepoints: int,
        architecture: str,
        arguments: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.hyperparameters = {
            "n_channels": n_channels,
            "n_classes": n_classes,
            "n_timepoints": n_timepoints,
            "architecture": architecture,
            "arguments": arguments or {},
        }
        kind = _class_of(architecture)
        takes = inspect.signature(kind.__init__).parameters
        shape = {"c_in": n_channels, "c_out": n_classes, "seq_len": n_timepoints}
        hands_on = "c_in" not in takes and any(each.kind is each.VAR_KEYWORD for each in takes.values())
        given = {name: n for name, n in shape.items() if name in takes or hands_on}
        if not {"c_in", "c_out"} <= given.keys():
            raise ValueError(f"tsai's {architecture} classifies no series (it takes {', '.join(takes)}): take another.")
        try:
            self.network = kind(**given, **arguments or {})
        except Exception as error:  # whatever tsai makes of arguments that do not fit
            reason = " ".join(str(error).split())[:200]
            raise ValueError(f"tsai's {architecture} cannot be built for {shape} and {arguments}: {reason}") from error

    def forward(self, x: Tensor) -> Tensor:
        """Return logits.

        Parameters
        ----------
        x : Tensor of shape (n, n_channels, n_timepoints)
            Series, each channel of about unit variance.

        Returns
        -------
        Tensor of shape (n, n_classes)
            Logits.
        """
        return self.network(x)


def _class_of(architecture: str) -> type[nn.Module]:
    module = module_of(architecture)
    try:
        return getattr(import_module(module), architecture)
    except ImportError as error:
        raise ValueError(
            f'tsai needs {error.name}, which is not installed: pip install --force-reinstall "tsai>=1,<2".'
        ) from error
