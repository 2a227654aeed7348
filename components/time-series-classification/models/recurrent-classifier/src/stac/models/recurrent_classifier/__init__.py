"""Classifies time series with a recurrent network (GRU or LSTM), joined by a convolutional branch."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stac.training.network_classifier import NetworkClassifier

if TYPE_CHECKING:
    from stac.models.recurrent_classifier._network import RecurrentNetwork

__all__ = ["RecurrentClassifier", "RecurrentNetwork"]

NETWORK_PARAMETERS = ("cell", "n_units", "n_layers", "bidirectional", "fcn", "shuffle", "dropout")


@dataclass(eq=False, kw_only=True)
class RecurrentClassifier(NetworkClassifier):
    """Classify series by a GRU or LSTM beside a fully convolutional branch.

    ``fit``, ``predict``, ``predict_proba``, ``score``, ``save`` and ``load`` are those of
    ``stac.training.network_classifier.NetworkClassifier``. Series may have unequal lengths, except with ``shuffle``.

    Parameters
    ----------
    cell : {"gru", "lstm"}, default="gru"
        Recurrent unit.
    n_units : int, default=64
        Units in each direction.
    n_layers : int, default=1
        Recurrent layers, one on top of the other.
    bidirectional : bool, default=False
        Whether the series is read from both ends.
    fcn : bool, default=True
        Join the convolutional branch.
    shuffle : bool, default=False
        As in the paper (with ``cell="lstm"`` and ``dropout=0.8``), read the channels one after the other, each as a
        vector of all its time points: much faster for long series.
    dropout : float, default=0.0
        Share of the recurrent branch's outputs that is dropped in training.
    n_models : int, default=1
        Networks, trained one after the other from different first weights; their probabilities are averaged.
    epochs : int, default=100
        Passes over the training series.
    batch_size : int, default=16
        Series in a step, at most.
    learning_rate : float, default=3e-3
        Largest step size of the one-cycle schedule.
    weight_decay : float, default=1e-4
        Of AdamW.
    class_weight : None or "balanced", default=None
        Whether rare classes weigh more.
    validation_fraction : float, default=0
        Share of the series that is left out and chooses each network's best epoch; 0 takes the last epoch.
    random_state : int or None, default=0
        Rules the validation part, first weights, order and dropout: the same number, the same bits. None draws one.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    n_channels_, n_timepoints_ : int
        Shape of the series that ``fit`` saw; of unequal ones, the longest.
    network_ : torch.nn.Module
        The ensemble of ``RecurrentNetwork``.
    fit_results_ : list of FitResult
        How the training of each network went; only after ``fit``.

    References
    ----------
    F. Karim, S. Majumdar, H. Darabi, S. Chen, "LSTM fully convolutional networks for time series classification", IEEE
    Access 6 (2018) 1662, https://doi.org/10.1109/ACCESS.2017.2779939

    Examples
    --------
    >>> import numpy as np
    >>> X = np.sin(np.linspace(0, 20, 60) * np.array([1, 2] * 10)[:, None, None]).astype(np.float32)
    >>> y = np.array(["slow", "fast"] * 10)
    >>> RecurrentClassifier(n_units=8, epochs=10).fit(X, y).predict(X[:2]).tolist()
    ['slow', 'fast']
    """

    cell: str = "gru"
    n_units: int = 64
    n_layers: int = 1
    bidirectional: bool = False
    fcn: bool = True
    shuffle: bool = False
    dropout: float = 0.0

    def network_class(self) -> "type[RecurrentNetwork]":
        """Return the class of the network."""
        from stac.models.recurrent_classifier._network import RecurrentNetwork

        return RecurrentNetwork

    def network_arguments(self, n_channels: int, n_timepoints: int, n_classes: int) -> dict[str, Any]:
        """Return what the network is called with; parameters as in the base."""
        shape = {"n_channels": n_channels, "n_classes": n_classes, "n_timepoints": n_timepoints}
        return shape | {name: getattr(self, name) for name in NETWORK_PARAMETERS}


def __getattr__(name: str) -> Any:
    """Import torch, which takes seconds, only for who asks for the network."""
    if name != "RecurrentNetwork":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from stac.models.recurrent_classifier import _network

    return _network.RecurrentNetwork
