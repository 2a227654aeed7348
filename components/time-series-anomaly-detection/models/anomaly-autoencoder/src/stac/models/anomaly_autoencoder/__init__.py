"""Detects anomalous windows of a series by how badly a convolutional autoencoder rebuilds them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from stac.data_processing.check_series import check_series
from stac.data_processing.sliding_window import sliding_windows, spread_scores
from stac.data_processing.standardize import Standardizer
from stac.data_processing.window_length import estimate_window_length
from stac.training.series_estimator import AnomalyDetector

if TYPE_CHECKING:
    from stac.tracking.track_run import Run

__all__ = ["AnomalyAutoencoder"]

FACTOR = 8  # the network takes windows whose length is a multiple of it
MAX_DEVIATION = 20.0  # standard deviations; what is further out is no more anomalous
MAX_TRAINING_WINDOWS = 2048  # they overlap: more of them tell the network little more
SCORED_PER_WINDOW = 16  # windows that are scored while one goes by


@dataclass(eq=False)
class AnomalyAutoencoder(AnomalyDetector):
    """Score every window by the error with which a network rebuilds it from a few numbers.

    The network learns to rebuild the windows of the training part, the channels at unit variance; the last windows
    are held out and tell when to stop. What it has not seen it rebuilds badly. A time point's score is the mean over
    the windows that cover it.

    Parameters
    ----------
    window : int, optional
        Time points of a window, rounded up to a multiple of 8; by default the period that the training series shows.
    n_latent : int, default=16
        Numbers that a window is compressed to.
    epochs : int, default=40
        Passes over the training windows, at most.
    patience : int, default=5
        Passes without improvement on the windows that are held out, after which training stops.
    learning_rate : float, default=3e-3
        Highest learning rate.
    held_out : float, default=0.15
        Share of the training part, at its end, that tells when to stop.
    device : str, default="auto"
        "auto" is the GPU where there is one.
    random_state : int or None, default=0
        Seed of weights and order: the same seed gives the same scores. None draws another one each time.

    Attributes
    ----------
    window_ : int
        Time points of a window.
    n_channels_ : int
        Channels that ``fit`` saw.
    network_ : torch.nn.Module
        The trained network.
    history_ : list of dict
        Losses of each epoch.

    References
    ----------
    M. Sakurada, T. Yairi, "Anomaly detection using autoencoders with nonlinear dimensionality reduction", MLSDA 2014,
    https://doi.org/10.1145/2689746.2689747

    Examples
    --------
    >>> import numpy as np
    >>> series = np.sin(np.arange(1000) / 5)
    >>> series[800:820] = 0
    >>> scores = AnomalyAutoencoder(epochs=3).fit(series[:600]).score_samples(series)
    >>> scores.shape
    (1000,)
    """

    window: int | None = None
    n_latent: int = 16
    epochs: int = 40
    patience: int = 5
    learning_rate: float = 3e-3
    held_out: float = 0.15
    device: str = "auto"
    random_state: int | None = 0

    def fit(self, series: np.ndarray, y: Any = None, *, run: "Run | None" = None, progress: bool = False) -> Self:
        """Learn the scales of the channels, and train the network.

        Parameters
        ----------
        series : ndarray of shape (n_channels, n_timepoints) or (n_timepoints,)
            The training part, mostly normal, without missing values; at least four windows long. Rare anomalies in it
            do little harm, as long as they are not alike.
        y : ignored
        run : stac.tracking.track_run.Run, optional
            Where the losses are logged, by epoch.
        progress : bool, default=False
            Show a bar on stderr, if that is a terminal.

        Returns
        -------
        AnomalyAutoencoder
            Itself.

        Raises
        ------
        ValueError
            If the series is too short, has other dimensions, holds NaN or infinities, or a parameter is out of range.
        TypeError
            If the series does not hold numbers.
        """
        series = check_series(series, min_timepoints=4 * (self.window or 1), why="four windows")
        self._check_parameters()
        window = _rounded_up(
            self.window or estimate_window_length(series, high=max(10, min(series.shape[1] // 5, 500)))
        )
        check_series(series, min_timepoints=4 * window, why=f"four windows (of {window}, a multiple of {FACTOR})")
        self.window_, self.n_channels_ = window, len(series)
        self.standardizer_ = Standardizer(per="channel").fit(series[None])
        self._train(self._scaled(series), run, progress)
        return self

    def score_samples(self, series: np.ndarray) -> np.ndarray:
        """Score every time point; higher is more anomalous.

        Parameters
        ----------
        series : ndarray of shape (n_channels, n_timepoints) or (n_timepoints,)
            A series with the channels of ``fit``, without missing values, at least a window long.

        Returns
        -------
        ndarray of shape (n_timepoints,), float64
            Mean squared error of the windows that cover it, in units of the channels' variances in training.

        Raises
        ------
        ValueError, TypeError
            As in ``fit``; or if the channels are others than in ``fit``, or ``fit`` was not called.
        """
        from stac.training.fit_torch import predict_torch

        self._check_fitted()
        series = check_series(series, min_timepoints=self.window_, n_channels=self.n_channels_, why="a window")
        stride = max(1, self.window_ // SCORED_PER_WINDOW)
        windows = sliding_windows(self._scaled(series), self.window_, stride)
        errors = []
        for start in range(0, len(windows), MAX_TRAINING_WINDOWS):
            block = np.ascontiguousarray(windows[start : start + MAX_TRAINING_WINDOWS])
            rebuilt = predict_torch(self.network_, block, device=self.device)
            errors.append(np.square(rebuilt - block, dtype=np.float64).mean(axis=(1, 2)))
        return spread_scores(np.concatenate(errors), self.window_, series.shape[1], stride=stride)

    def save(self, path: str | Path) -> Path:
        """Write network, scales and parameters to one `.safetensors` file, all or nothing; return its path."""
        from stac.training.network_files import save_network

        self._check_fitted()
        standardizer = {"mean": self.standardizer_.mean_, "std": self.standardizer_.std_}
        return save_network(self.network_, path, parameters=self.get_params(), standardizer=standardizer)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what ``save`` has written; a foreign or damaged file raises ``ValueError``."""
        from stac.models.anomaly_autoencoder._network import WindowAutoencoder
        from stac.training.network_files import load_network, read_metadata

        network, metadata = load_network(path, WindowAutoencoder), read_metadata(path)
        detector = cls(**metadata["parameters"])
        detector.network_, detector.history_ = network, []
        detector.window_ = network.hyperparameters["length"]
        detector.n_channels_ = network.hyperparameters["n_channels"]
        standardizer = Standardizer(per="channel")
        standardizer.n_channels_in_ = detector.n_channels_
        standardizer.mean_, standardizer.std_ = (np.array(metadata["standardizer"][name]) for name in ("mean", "std"))
        detector.standardizer_ = standardizer
        return detector

    def _check_fitted(self) -> None:
        if not hasattr(self, "network_"):
            raise ValueError(
                "This AnomalyAutoencoder is not fitted: call fit with the training part first, or load a saved one."
            )

    def _check_parameters(self) -> None:
        for name, least in (("window", 2), ("n_latent", 1), ("epochs", 1), ("patience", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ValueError(f"{name}={value} is out of range: pass at least {least}.")
        if not 0 < self.held_out < 0.5:
            raise ValueError(f"held_out={self.held_out} is no share between 0 and 0.5: pass one such as 0.15.")

    def _scaled(self, series: np.ndarray) -> np.ndarray:
        return self.standardizer_.transform(series[None])[0].clip(-MAX_DEVIATION, MAX_DEVIATION)

    def _train(self, series: np.ndarray, run: "Run | None", progress: bool) -> None:
        from stac.models.anomaly_autoencoder._network import new_network
        from stac.training.fit_torch import fit_torch

        seed = int(np.random.default_rng().integers(2**31)) if self.random_state is None else self.random_state
        n_held_out = max(self.window_, round(self.held_out * series.shape[1]))
        train, held_out = (_some_windows(part, self.window_) for part in np.split(series, [-n_held_out], axis=1))
        network = new_network(seed, n_channels=self.n_channels_, length=self.window_, n_latent=self.n_latent)
        fit = fit_torch(
            network,
            (train, train),
            (held_out, held_out),
            loss="mse",
            epochs=self.epochs,
            batch_size=64,
            learning_rate=self.learning_rate,
            patience=self.patience,
            device=self.device,
            seed=seed,
            run=run,
            progress=progress,
        )
        self.network_, self.history_ = fit.network, fit.history


def _rounded_up(length: int) -> int:
    return -(-length // FACTOR) * FACTOR


def _some_windows(series: np.ndarray, length: int) -> np.ndarray:
    """Return the windows of a series, but no more than the training takes."""
    stride = -(-(series.shape[1] - length + 1) // MAX_TRAINING_WINDOWS)
    return np.ascontiguousarray(sliding_windows(series, length, stride))
