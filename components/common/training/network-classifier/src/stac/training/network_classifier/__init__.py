"""Makes a scikit-learn style classifier of time series out of any torch network: labels, scaling, ensemble, files."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from stac.training.network_classifier._inputs import check_labels, check_parameters, pad_series
from stac.training.series_estimator import SeriesClassifier

if TYPE_CHECKING:
    import torch

    from stac.tracking.track_run import Run
    from stac.training.fit_torch import FitResult

__all__ = ["NetworkClassifier"]

Series = np.ndarray | list[np.ndarray]


@dataclass(eq=False, kw_only=True)
class NetworkClassifier(SeriesClassifier):
    """The base of classifiers that are an ensemble of equal networks; a subclass says which network.

    A subclass overrides ``network_class`` and, if its network takes more than ``n_channels`` and ``n_classes``,
    ``network_arguments``. A network is called as ``network(x)``, or ``network(x, lengths)`` where the series have
    unequal lengths (it then says ``accepts_lengths = True``), and returns logits.

    Parameters
    ----------
    n_models : int, default=1
        Networks, trained one after the other from different first weights; their probabilities are averaged.
    epochs : int or None, default=100
        Passes over the training series; None takes as many as ``least_steps`` steps need, and at least
        ``least_epochs``. Both are attributes of the class, which a subclass sets.
    batch_size : int, default=16
        Series in a step, at most.
    learning_rate : float, default=3e-3
        Largest step size of the one-cycle schedule.
    weight_decay : float, default=1e-4
        Of AdamW.
    class_weight : None or "balanced", default=None
        Whether rare classes weigh more.
    validation_fraction : float, default=0
        Share of the series, drawn by class, that is left out and chooses each network's best epoch; 0 trains on all
        of them and takes the last epoch.
    random_state : int or None, default=0
        Rules the validation part, first weights and order: the same number, the same bits. None draws one.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    n_channels_, n_timepoints_ : int
        Shape of the series that ``fit`` saw; of unequal ones, the longest.
    network_ : torch.nn.Module
        The ensemble: scales the series and averages the probabilities of ``network_.networks``.
    fit_results_ : list of FitResult
        How the training of each network went; only after ``fit``.

    Examples
    --------
    >>> import numpy as np, torch
    >>> class Mean(torch.nn.Module):
    ...     def __init__(self, n_channels, n_classes):
    ...         super().__init__()
    ...         self.hyperparameters = {"n_channels": n_channels, "n_classes": n_classes}
    ...         self.head = torch.nn.Linear(n_channels, n_classes)
    ...     def forward(self, x):
    ...         return self.head(x.mean(dim=2))
    >>> class MeanClassifier(NetworkClassifier):
    ...     def network_class(self):
    ...         return Mean
    >>> X, y = np.repeat([[[0.0]], [[1.0]]], 10, axis=0), np.repeat(["low", "high"], 10)
    >>> MeanClassifier(epochs=20, learning_rate=0.1).fit(X, y).predict(X[9:11]).tolist()
    ['low', 'high']
    """

    # Without annotations, for they are no parameters.
    least_steps = 400
    least_epochs = 25

    n_models: int = 1
    epochs: int | None = 100
    batch_size: int = 16
    learning_rate: float = 3e-3
    weight_decay: float = 1e-4
    class_weight: str | None = None
    validation_fraction: float = 0.0
    random_state: int | None = 0

    def network_class(self) -> "type[torch.nn.Module]":
        """Return the class of the network; the place to import torch."""
        raise NotImplementedError(f"{type(self).__name__} must say which network it trains: override network_class.")

    def network_arguments(self, n_channels: int, n_timepoints: int, n_classes: int) -> dict[str, Any]:
        """Return what the class is called with, for series of a shape.

        Parameters
        ----------
        n_channels, n_timepoints, n_classes : int
            Of the training series; ``n_timepoints`` is the longest one's.

        Returns
        -------
        dict
            Plain values: they stand in the file, too.
        """
        return {"n_channels": n_channels, "n_classes": n_classes}

    def fit(
        self,
        X: Series,
        y: np.ndarray,
        *,
        checkpoint: str | Path | None = None,
        run: "Run | None" = None,
        progress: bool = False,
    ) -> Self:
        """Train the networks.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
            Finite series.
        y : array-like of shape (n_instances,)
            Labels: integers, booleans or strings, at least two different ones.
        checkpoint : path, optional
            Where an interrupted training goes on from, with the same result: ``<checkpoint>-1`` and so on.
        run : stac.tracking.track_run.Run, optional
            Where the learning curves go.
        progress : bool, default=False
            Show a bar and a line an epoch on the error stream, if it is a terminal.

        Returns
        -------
        NetworkClassifier
            Itself.

        Raises
        ------
        ValueError, TypeError
            If series, labels or parameters do not fit together; the sentence says how to mend it.
        """
        from stac.training.fit_torch import fit_torch
        from stac.training.network_classifier._ensemble import NetworkEnsemble, build_networks

        check_parameters(self)
        x, lengths = pad_series(X)
        self.classes_, target = check_labels(y, len(x))
        _, self.n_channels_, self.n_timepoints_ = x.shape
        self._is_unequal = lengths is not None
        seed = np.random.SeedSequence().entropy % 2**32 if self.random_state is None else self.random_state
        seeds = [int(s) for s in np.random.SeedSequence([seed, 1]).generate_state(self.n_models)]
        arguments = self.network_arguments(*x.shape[1:], len(self.classes_))
        networks = build_networks(self.network_class(), arguments, seeds)
        if lengths is not None and not getattr(networks[0], "accepts_lengths", False):
            raise ValueError(
                f"The series have from {lengths.min()} to {lengths.max()} time points, but this "
                f"{type(networks[0]).__name__} takes equal lengths only: resample, cut or pad them."
            )
        self.network_ = NetworkEnsemble(networks)
        self.network_.set_scaling(x, lengths)
        parts = self._parts(self.network_.scaled(x), lengths, target)
        epochs = self._epochs(len(parts[0][1])) if self.epochs is None else self.epochs
        self.fit_results_: list[FitResult] = [
            fit_torch(
                network,
                *parts,
                epochs=epochs,
                batch_size=self.batch_size,
                learning_rate=self.learning_rate,
                weight_decay=self.weight_decay,
                class_weight=self.class_weight,
                seed=own_seed,
                checkpoint=checkpoint and f"{checkpoint}-{i}",
                run=run,
                name=f"network-{i}" if self.n_models > 1 else "",
                progress=progress,
            )
            for i, (network, own_seed) in enumerate(zip(self.network_.networks, seeds, strict=True), 1)
        ]
        self.network_.eval()
        return self

    def predict_proba(self, X: Series) -> np.ndarray:
        """Return the probability of each class: the mean over the networks.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
            Series as in ``fit``; of any length if those had unequal lengths.

        Returns
        -------
        ndarray of shape (n_instances, n_classes), float32
            In the order of ``classes_``.

        Raises
        ------
        ValueError, TypeError
            If it is not fitted, or the series are of another shape than in ``fit``.
        """
        if not hasattr(self, "network_"):
            raise ValueError(f"This {type(self).__name__} is not fitted: call fit first, or load a saved one.")
        from stac.training.fit_torch import predict_torch

        x, lengths = pad_series(X)
        if x.shape[1] != self.n_channels_:
            raise ValueError(f"X has {x.shape[1]} channels, but fit saw {self.n_channels_}: pass the same channels.")
        if self._is_unequal:
            lengths = np.full(len(x), x.shape[2]) if lengths is None else lengths
        elif lengths is not None or x.shape[2] != self.n_timepoints_:
            found = f"{x.shape[2]}" if lengths is None else f"from {lengths.min()} to {lengths.max()}"
            raise ValueError(
                f"X has {found} time points, but fit saw {self.n_timepoints_} in every series: resample, cut or pad "
                "to the same length."
            )
        inputs = x if lengths is None else (x, lengths)
        return predict_torch(self.network_, inputs, batch_size=max(1, min(256, 2**18 // x.shape[2])))

    def predict(self, X: Series) -> np.ndarray:
        """Return the most probable label of each series.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
            Series as in ``predict_proba``.

        Returns
        -------
        ndarray of shape (n_instances,)
            Of ``classes_``.
        """
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def score(self, X: Series, y: np.ndarray) -> float:
        """Return the share of series whose label is predicted.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
            Series as in ``predict_proba``.
        y : array-like of shape (n_instances,)
            Their labels.

        Returns
        -------
        float
            Accuracy, from 0 to 1.
        """
        return float(np.mean(self.predict(X) == np.asarray(y)))

    def save(self, path: str | Path) -> Path:
        """Write the networks and all it takes to use them into one ``.safetensors`` file, all or nothing.

        Parameters
        ----------
        path : str or Path
            The file; an older one is replaced when the new one is complete.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ValueError
            If it is not fitted.
        """
        if not hasattr(self, "network_"):
            raise ValueError(f"This {type(self).__name__} is not fitted, there is nothing to save: call fit first.")
        from stac.training.network_files import save_network

        about = {
            "class": type(self).__name__,
            "parameters": self.get_params(),
            "classes": self.classes_.tolist(),
            "label_type": self.classes_.dtype.str,
            "n_timepoints": self.n_timepoints_,
            "is_unequal": self._is_unequal,
        }
        return save_network(self.network_, path, classifier=about)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a file that ``save`` wrote.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        NetworkClassifier
            Ready to predict.

        Raises
        ------
        FileNotFoundError
            If there is none.
        ValueError
            If it holds something else, or is damaged.
        """
        from stac.training.network_classifier._ensemble import load_ensemble
        from stac.training.network_files import read_metadata

        about = read_metadata(path).get("classifier", {"class": "network without a classifier"})
        if about["class"] != cls.__name__:
            raise ValueError(f"{path} holds a {about['class']}, not a {cls.__name__}: load it with that class.")
        parameters = about["parameters"].items()
        classifier = cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in parameters})
        classifier.network_ = load_ensemble(path, classifier.network_class())
        classifier.classes_ = np.array(about["classes"], dtype=about["label_type"])
        classifier.n_channels_, classifier.n_timepoints_ = len(classifier.network_.mean), about["n_timepoints"]
        classifier._is_unequal = about["is_unequal"]
        return classifier

    def _parts(self, x: np.ndarray, lengths: np.ndarray | None, target: np.ndarray) -> list[Any]:
        """Return ``(inputs, target)`` to train on and, if wanted, to validate on."""
        rows = [slice(None)]
        if self.validation_fraction:
            from stac.data_processing.split_series import stratified_split

            share, seed = self.validation_fraction, self.random_state or 0
            rows = list(stratified_split(self.classes_[target], test_size=share, random_state=seed))
        return [(x[r] if lengths is None else (x[r], lengths[r]), target[r]) for r in rows]

    def _epochs(self, n_instances: int) -> int:
        # A training needs steps: so many epochs as make tiny sets converge would be a waste for large ones.
        steps_per_epoch = -(-n_instances // self.batch_size)
        return max(self.least_epochs, -(-self.least_steps // steps_per_epoch))
