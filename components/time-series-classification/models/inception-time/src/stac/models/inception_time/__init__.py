"""Classifies time series with InceptionTime: an ensemble of networks of long convolutions."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stac.training.network_classifier import NetworkClassifier

if TYPE_CHECKING:
    from stac.models.inception_time._network import InceptionNetwork

__all__ = ["InceptionNetwork", "InceptionTimeClassifier"]


@dataclass(eq=False, kw_only=True)
class InceptionTimeClassifier(NetworkClassifier):
    """Classify series by an ensemble of Inception networks.

    ``fit``, ``predict``, ``predict_proba``, ``score``, ``save`` and ``load`` are those of
    ``stac.training.network_classifier.NetworkClassifier``. Series may have unequal lengths.

    Parameters
    ----------
    n_filters : int, default=32
        Filters of each of the four branches of a module.
    depth : int, default=6
        Modules; a shortcut goes around every three.
    kernel_sizes : tuple of int, default=(40, 20, 10)
        Lengths of the kernels, in time points; shorter series are filled up with zeros.
    n_models : int, default=5
        Networks, trained one after the other from different first weights; their probabilities are averaged.
    epochs : int or None, default=None
        Passes over the training series; None takes as many as make 400 steps, and at least 25.
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
        Rules the validation part, first weights and order: the same number, the same bits. None draws one.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    n_channels_, n_timepoints_ : int
        Shape of the series that ``fit`` saw; of unequal ones, the longest.
    network_ : torch.nn.Module
        The ensemble of ``InceptionNetwork``.
    fit_results_ : list of FitResult
        How the training of each network went; only after ``fit``.

    References
    ----------
    H. Ismail Fawaz et al., "InceptionTime: finding AlexNet for time series classification", Data Mining and Knowledge
    Discovery 34 (2020) 1936, https://doi.org/10.1007/s10618-020-00710-y

    Examples
    --------
    >>> import numpy as np
    >>> X = np.sin(np.linspace(0, 20, 60) * np.array([1, 2] * 10)[:, None, None]).astype(np.float32)
    >>> y = np.array(["slow", "fast"] * 10)
    >>> InceptionTimeClassifier(n_filters=4, depth=3, n_models=1, epochs=15).fit(X, y).predict(X[:2]).tolist()
    ['slow', 'fast']
    """

    n_filters: int = 32
    depth: int = 6
    kernel_sizes: tuple[int, ...] = (40, 20, 10)
    n_models: int = 5
    epochs: int | None = None

    def network_class(self) -> "type[InceptionNetwork]":
        """Return the class of the network."""
        from stac.models.inception_time._network import InceptionNetwork

        return InceptionNetwork

    def network_arguments(self, n_channels: int, n_timepoints: int, n_classes: int) -> dict[str, Any]:
        """Return what the network is called with; parameters as in the base."""
        own = {"n_filters": self.n_filters, "depth": self.depth, "kernel_sizes": list(self.kernel_sizes)}
        return {"n_channels": n_channels, "n_classes": n_classes, **own}


def __getattr__(name: str) -> Any:
    """Import torch, which takes seconds, only for who asks for the network."""
    if name != "InceptionNetwork":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from stac.models.inception_time import _network

    return _network.InceptionNetwork
