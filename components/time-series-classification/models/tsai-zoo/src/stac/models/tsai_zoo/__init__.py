"""Trains and uses any architecture of tsai as every other classifier of time series here."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stac.training.network_classifier import NetworkClassifier

if TYPE_CHECKING:
    from stac.models.tsai_zoo._network import TsaiNetwork

__all__ = ["TsaiClassifier", "TsaiNetwork", "list_architectures"]


@dataclass(eq=False)
class TsaiClassifier(NetworkClassifier):
    """Classify series by an architecture of tsai: tsai builds the network, ``fit_torch`` trains it.

    ``fit``, ``predict``, ``predict_proba``, ``score``, ``save`` and ``load`` are those of
    ``stac.training.network_classifier.NetworkClassifier``. Series must have equal lengths.

    Parameters
    ----------
    architecture : str, default="InceptionTimePlus"
        Name of the class in tsai; ``list_architectures()`` gives the names.
    arguments : dict, optional
        What the class is called with besides ``c_in``, ``c_out`` and ``seq_len``, such as ``{"nf": 16}``; plain values.
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
        Shape of the series that ``fit`` saw.
    network_ : torch.nn.Module
        The ensemble; ``network_.networks[0].network`` is tsai's own module.
    fit_results_ : list of FitResult
        How the training of each network went; only after ``fit``.

    References
    ----------
    I. Oguiza, "tsai - A state-of-the-art deep learning library for time series and sequential data", 2023,
    https://github.com/timeseriesAI/tsai

    Examples
    --------
    >>> TsaiClassifier("LSTMPlus", {"hidden_size": 16}, epochs=20).get_params()["architecture"]
    'LSTMPlus'
    """

    architecture: str = "InceptionTimePlus"
    arguments: dict[str, Any] | None = None

    def network_class(self) -> "type[TsaiNetwork]":
        """Return the class of the network."""
        from stac.models.tsai_zoo._network import TsaiNetwork

        return TsaiNetwork

    def network_arguments(self, n_channels: int, n_timepoints: int, n_classes: int) -> dict[str, Any]:
        """Return what the network is called with; parameters as in the base."""
        shape = {"n_channels": n_channels, "n_classes": n_classes, "n_timepoints": n_timepoints}
        return shape | {"architecture": self.architecture, "arguments": self.arguments or {}}


def list_architectures() -> list[str]:
    """Return the names of the classes that the installed tsai has, without importing it.

    Returns
    -------
    list of str
        Sorted. Some are parts of others: those answer with one sentence when they are to classify.
    """
    from stac.models.tsai_zoo._architectures import find_architectures

    return sorted(find_architectures())


def __getattr__(name: str) -> Any:
    """Import torch, which takes seconds, only for who asks for the network."""
    if name != "TsaiNetwork":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from stac.models.tsai_zoo import _network

    return _network.TsaiNetwork
