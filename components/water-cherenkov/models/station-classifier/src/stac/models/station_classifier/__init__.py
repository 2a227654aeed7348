"""Classifies stations of water-Cherenkov detectors: a network on traces and features, and all it takes to use it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from stac.data_ingestion.station_data import StationData
from stac.data_processing.wcd_features import FEATURES, wcd_features
from stac.training.series_estimator import SeriesEstimator

if TYPE_CHECKING:
    import torch

    from stac.tracking.track_run import Run
    from stac.training.fit_torch import FitResult

__all__ = ["StationClassifier", "station_features"]

NETWORKS = ("cnn", "rnn")


@dataclass(eq=False)
class StationClassifier(SeriesEstimator):
    """A network that reads the traces of a station, joined by hand-made features and variables of the station.

    Parameters
    ----------
    network : {"cnn", "rnn"}, default="cnn"
        Convolutions over time (``stac.models.wcd_cnn``), or a recurrent network (``stac.models.wcd_rnn``).
    preset : {"small", "medium", "large"}, default="small"
        Size of the network.
    features : bool, default=True
        Join the features of ``stac.data_processing.wcd_features``.
    variables : tuple of str, default=()
        Columns of the stations' table that are joined, too, such as ``("distance_m",)``.
    epochs : int, default=12
        Passes over the training data.
    batch_size : int, default=128
        Stations in a step.
    learning_rate : float, default=3e-3
        Largest step size of the one-cycle schedule.
    class_weight : None or "balanced", default=None
        Whether rare classes weigh more.
    augment : bool, default=True
        Vary traces while training: PMT drop-out, time jitter, gain (``stac.data_processing.trace_augmentation``).
    random_state : int, default=0
        Rules first weights, order and augmentation.

    Attributes
    ----------
    network_ : torch.nn.Module
        The network, with the best weights of its training.
    classes_ : ndarray
        Names of the classes, in the order of the probabilities.
    fit_result_ : FitResult
        How the training went; only after ``fit``.

    Examples
    --------
    >>> from stac.data_ingestion.station_data import simulate_station_data
    >>> data = simulate_station_data(200, length=64, primaries=("photon", "proton"), seed=0)
    >>> y = data.table["n_muons"] > 5
    >>> classifier = StationClassifier(epochs=1).fit(data[:150], y[:150])
    >>> classifier.predict_proba(data[150:]).shape
    (50, 2)
    """

    network: str = "cnn"
    preset: str = "small"
    features: bool = True
    variables: tuple[str, ...] = ()
    epochs: int = 12
    batch_size: int = 128
    learning_rate: float = 3e-3
    class_weight: str | None = None
    augment: bool = True
    random_state: int = 0

    def fit(
        self,
        stations: StationData,
        y: np.ndarray,
        *,
        validation: tuple[StationData, np.ndarray] | None = None,
        checkpoint: str | Path | None = None,
        run: "Run | None" = None,
        progress: bool = False,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        stations : StationData
            Stations to learn from; the lengths of their traces and the width of a bin are those that it can be used
            on later.
        y : ndarray of shape (n_stations,)
            Class of each: booleans, integers or strings, at least two different ones.
        validation : (StationData, ndarray), optional
            Stations that choose the best epoch: by area under the ROC curve for two classes, else by loss.
        checkpoint : path, optional
            Written after every epoch; if it is there, an interrupted training goes on from it, with the same result.
        run : stac.tracking.track_run.Run, optional
            Where the learning curves go.
        progress : bool, default=False
            Show a bar and a line an epoch on the error stream, if it is a terminal.

        Returns
        -------
        StationClassifier
            Itself.

        Raises
        ------
        ValueError, TypeError
            If parameters, stations and labels do not fit together; the sentence says how to mend it.
        """
        import torch

        from stac.data_processing.trace_augmentation import TraceAugmentation
        from stac.training.fit_torch import fit_torch

        self.classes_, target = _classes(y, len(stations))
        inputs = self._inputs(stations)
        parts = [validation and (self._inputs(validation[0]), self._targets(validation[1]))]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.random_state)
            self.network_ = self._build(stations, inputs)
        charge = _mean_charge(stations)
        self._about = {"bin_ns": stations.bin_ns, "charges": np.percentile(charge, [0.5, 99.5]).tolist()}
        self.fit_result_: FitResult = fit_torch(
            self.network_,
            (inputs, target),
            *parts,
            monitor="auc" if validation and len(self.classes_) == 2 else "loss",
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            class_weight=self.class_weight,
            augment=TraceAugmentation() if self.augment else None,
            checkpoint=checkpoint,
            seed=self.random_state,
            run=run,
            name=self.network,
            progress=progress,
        )
        return self

    def predict_proba(self, stations: StationData) -> np.ndarray:
        """Return the probability of each class.

        Parameters
        ----------
        stations : StationData
            Stations of the detector it was trained for.

        Returns
        -------
        ndarray of shape (n_stations, n_classes), float32
            In the order of ``classes_``.

        Raises
        ------
        ValueError
            If it is not fitted, or the stations have other traces than those it was trained on.
        """
        from stac.training.fit_torch import predict_torch

        self._check_usable(stations)
        return predict_torch(self.network_, self._inputs(stations), activation="softmax")

    def predict(self, stations: StationData) -> np.ndarray:
        """Return the most probable class of each station.

        Parameters
        ----------
        stations : StationData
            Stations of the detector it was trained for.

        Returns
        -------
        ndarray of shape (n_stations,)
            Of ``classes_``.
        """
        return self.classes_[self.predict_proba(stations).argmax(axis=1)]

    def is_unlike_training(self, stations: StationData) -> np.ndarray:
        """Tell which stations have smaller or larger signals than 99 % of those it was trained on.

        Parameters
        ----------
        stations : StationData
            Stations.

        Returns
        -------
        ndarray of shape (n_stations,), bool
            True where its answer is an extrapolation.
        """
        low, high = self._about["charges"]
        charge = _mean_charge(stations)
        return (charge < low) | (charge > high)

    def save(self, path: str | Path) -> Path:
        """Write the network and all it takes to use it into one file.

        Parameters
        ----------
        path : str or Path
            A ``.safetensors`` file; an older one is replaced when the new one is complete.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ValueError
            If it is not fitted.
        """
        from stac.training.network_files import save_network

        if not hasattr(self, "network_"):
            raise ValueError("This classifier is not fitted, there is nothing to save: call fit first.")
        parameters = asdict(self) | {"variables": list(self.variables)}
        about = {"classes": self.classes_.tolist(), "parameters": parameters, **self._about}
        return save_network(self.network_, path, station_classifier=about, features=list(FEATURES))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a file that ``save`` wrote.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        StationClassifier
            Ready to predict.

        Raises
        ------
        FileNotFoundError
            If there is none.
        ValueError
            If it holds something else, or was trained on other features than the installed ones.
        """
        from stac.training.network_files import load_network, read_metadata

        metadata = read_metadata(path)
        if "station_classifier" not in metadata:
            raise ValueError(f"{path} holds a network, but no station classifier: give a file that its save wrote.")
        about = metadata["station_classifier"]
        parameters = about.pop("parameters")
        if parameters["features"] and metadata["features"] != list(FEATURES):
            raise ValueError(f"{path} was trained on other features than stac-wcd-features has now: train it again.")
        classifier = cls(**parameters | {"variables": tuple(parameters["variables"])})
        classifier.classes_ = np.array(about.pop("classes"))
        classifier.network_ = load_network(path, _network_class(classifier.network))
        classifier._about = about
        return classifier

    def _build(self, stations: StationData, inputs: tuple[np.ndarray, ...]) -> "torch.nn.Module":
        n_features = inputs[2].shape[1] if len(inputs) > 2 else 0
        network = _network_class(self.network)(
            *stations.traces_vem_peak.shape[1:],
            n_features=n_features,
            n_outputs=len(self.classes_),
            preset=self.preset,
        )
        if n_features:
            network.set_feature_scaling(inputs[2].mean(axis=0), inputs[2].std(axis=0))
        return network

    def _inputs(self, stations: StationData) -> tuple[np.ndarray, ...]:
        joined = station_features(stations, self.variables) if self.features else _variables(stations, self.variables)
        return stations.traces_vem_peak, stations.pmt_mask, *([joined] if joined.shape[1] else [])

    def _targets(self, y: np.ndarray) -> np.ndarray:
        y = np.asarray(y)
        if unknown := set(np.unique(y).tolist()) - set(self.classes_.tolist()):
            raise ValueError(f"The validation part has the class {min(unknown)!r}, which is not in the training part.")
        return np.searchsorted(self.classes_, y)

    def _check_usable(self, stations: StationData) -> None:
        if not hasattr(self, "network_"):
            raise ValueError("This classifier is not fitted: call fit first, or load a trained one.")
        arguments = self.network_.hyperparameters
        expected = (arguments["n_pmts"], arguments["n_bins"], self._about["bin_ns"])
        got = (*stations.traces_vem_peak.shape[1:], stations.bin_ns)
        if got != expected:
            words = "{} PMTs x {} bins of {:g} ns"
            raise ValueError(
                f"The stations have {words.format(*got)}, the network was trained on {words.format(*expected)}: cut "
                "the signals to that length, or train one for this detector."
            )


def station_features(stations: StationData, variables: tuple[str, ...] = ()) -> np.ndarray:
    """Return the hand-made features of the stations, and after them variables of their table.

    Parameters
    ----------
    stations : StationData
        Stations.
    variables : tuple of str, default=()
        Columns of the table.

    Returns
    -------
    ndarray of shape (n_stations, n_features + n_variables), float32
        What trees and networks can be trained on.

    Raises
    ------
    ValueError
        If the table lacks a variable, or it is not a finite number everywhere.
    """
    features = wcd_features(stations.traces_vem_peak, stations.pmt_mask, bin_ns=stations.bin_ns)
    return np.column_stack([features, _variables(stations, variables)])


def _variables(stations: StationData, names: tuple[str, ...]) -> np.ndarray:
    for name in names:
        column = stations.table.get(name)
        if column is None or column.dtype.kind not in "iufb" or not np.isfinite(column).all():
            what = "is not there" if column is None else "is not a finite number for every station"
            raise ValueError(f"The variable {name!r} {what}; the table has {', '.join(stations.table)}.")
    columns = [stations.table[name].astype(np.float32) for name in names]
    return np.column_stack(columns) if columns else np.empty((len(stations), 0), np.float32)


def _classes(y: np.ndarray, n_stations: int) -> tuple[np.ndarray, np.ndarray]:
    y = np.asarray(y)
    if y.shape != (n_stations,) or y.dtype.kind not in "biuUS":
        raise ValueError(
            f"y has shape {y.shape} and dtype {y.dtype}, expected {n_stations} booleans, integers or strings: one a "
            "station."
        )
    classes, target = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"All stations are of class {classes[0]}: there is nothing to tell apart.")
    return classes, target


def _mean_charge(stations: StationData) -> np.ndarray:
    """Return the charge of the mean working PMT, in units of the VEM peak times bins."""
    n_working = np.maximum(stations.pmt_mask.sum(axis=1), 1)
    return stations.traces_vem_peak.sum(axis=(1, 2)) / n_working


def _network_class(name: str) -> type:
    if name == "cnn":
        from stac.models.wcd_cnn import WcdCnn

        return WcdCnn
    if name == "rnn":
        from stac.models.wcd_rnn import WcdRnn

        return WcdRnn
    raise ValueError(f"network={name!r} is unknown: use one of {', '.join(map(repr, NETWORKS))}.")
