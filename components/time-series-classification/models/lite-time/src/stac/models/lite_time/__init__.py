"""Classifies time series with LITETime: an ensemble of networks of ten thousand parameters."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stac.training.network_classifier import NetworkClassifier

if TYPE_CHECKING:
    from stac.models.lite_time._network import LiteNetwork

__all__ = ["LiteNetwork", "LiteTimeClassifier"]


@dataclass(eq=False, kw_only=True)
class LiteTimeClassifier(NetworkClassifier):
    """Classify series by an ensemble of LITE networks.

    ``fit``, ``predict``, ``predict_proba``, ``score``, ``save`` and ``load`` are those of
    ``stac.training.network_classifier.NetworkClassifier``. Series may have unequal lengths.

    Parameters
    ----------
    n_filters : int, default=32
        Filters of each kernel size in the first layer, and of each later layer.
    kernel_size : int, default=40
        Longest learnt kernel in time points, 4 or more; shorter series are filled up with zeros.
    n_models : int, default=5
        Networks, trained one after the other from different first weights; their probabilities are averaged.
    epochs : int or None, default=None
        Passes over the training series; None takes as many as make 600 steps, and at least 25.
    batch_size : int, default=16
        Series in a step, at most.
    learning_rate : float, default=1e-2
        Largest step size of the one-cycle schedule.
    weight_decay : float, default=1e-4
        Of AdamW.
    class_weight : None or "balanced", default=None
        Whether rare classes weigh more.
    validation_fraction : float, default=0
        Share of the series that is left out and chooses each network's best epoch; 0 takes the last epoch.
    random_state : int or None, default=0
        Rules the validation part, first weights and order: the same number, the same bits. None draws one.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    n_channels_, n_timepoints_ : int
        Shape of the series that ``fit`` saw; of unequal ones, the longest.
    network_ : torch.nn.Module
        The ensemble of ``LiteNetwork``.
    fit_results_ : list of FitResult
        How the training of each network went; only after ``fit``.

    References
    ----------
    A. Ismail-Fawaz et al., "LITE: light inception with boosting techniques for time series classification", DSAA 2023,
    https://doi.org/10.1109/DSAA60987.2023.10302569

    Examples
    --------
    >>> import numpy as np
    >>> X = np.sin(np.linspace(0, 20, 60) * np.array([1, 2] * 10)[:, None, None]).astype(np.float32)
    >>> y = np.array(["slow", "fast"] * 10)
    >>> LiteTimeClassifier(n_filters=4, n_models=1, epochs=15).fit(X, y).predict(X[:2]).tolist()
    ['slow', 'fast']
    """

    least_steps = 600

    n_filters: int = 32
    kernel_size: int = 40
    n_models: int = 5
    epochs: int | None = None
    learning_rate: float = 1e-2

    def network_class(self) -> "type[LiteNetwork]":
        """Return the class of the network."""
        from stac.models.lite_time._network import LiteNetwork

        return LiteNetwork

    def network_arguments(self, n_channels: int, n_timepoints: int, n_classes: int) -> dict[str, Any]:
        """Return what the network is called with; parameters as in the base."""
        own = {"n_filters": self.n_filters, "kernel_size": self.kernel_size}
        return {"n_channels": n_channels, "n_classes": n_classes, **own}


def __getattr__(name: str) -> Any:
    """Import torch, which takes seconds, only for who asks for the network."""
    if name != "LiteNetwork":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from stac.models.lite_time import _network

    return _network.LiteNetwork
