"""A convolutional network for the traces of water-Cherenkov detectors, and its parts for networks of your own."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stac.models.wcd_cnn._inputs import StationInput
    from stac.models.wcd_cnn._layers import StationHead, TraceConvolutions
    from stac.models.wcd_cnn._network import WcdCnn

__all__ = ["StationHead", "StationInput", "TraceConvolutions", "WcdCnn"]


def __getattr__(name: str) -> Any:
    """Import torch, which takes seconds, only for who asks for a network."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from stac.models.wcd_cnn import _inputs, _layers, _network

    globals().update({each: value for part in (_inputs, _layers, _network) for each, value in _public(part)})
    return globals()[name]


def _public(part: Any) -> list[tuple[str, Any]]:
    return [(name, getattr(part, name)) for name in part.__all__]
