"""A recurrent network for the traces of water-Cherenkov detectors."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stac.models.wcd_rnn._network import WcdRnn

__all__ = ["WcdRnn"]


def __getattr__(name: str) -> Any:
    """Import torch, which takes seconds, only for who asks for a network."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from stac.models.wcd_rnn import _network

    globals().update({each: getattr(_network, each) for each in __all__})
    return globals()[name]
