"""N-HiTS: networks that learn from many series at once and forecast quantiles, with exogenous columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from stac.models.nhits._parameters import check_parameters
from stac.training.series_estimator import Forecaster

if TYPE_CHECKING:
    import pandas as pd

    from stac.data_processing.series_panel import SeriesPanel
    from stac.models.nhits._network import NHitsNetwork
    from stac.tracking.track_run import Run

__all__ = ["NHits", "NHitsNetwork"]


@dataclass(eq=False)
class NHits(Forecaster):
    """Forecast many series by networks that look at the past, and forecast, at several rates (N-HiTS).

    Every window is scaled by its own level and change from season to season, so that one network learns from all
    series, whatever their size. What is linear in the past is learnt beside the blocks of the paper.

    Parameters
    ----------
    horizon : int, optional
        Steps ahead that are learnt: `predict` forecasts up to so many. By default a season, at least 12.
    input_length : int, optional
        Steps of the past that the networks see; what a shorter series lacks is masked. By default three horizons and
        two seasons, at least 64; a week where a season is a day.
    season_length : int, optional
        Steps of a season, by default of the frequency; 1 for none.
    exogenous : sequence of str, optional
        Columns that are known in the future; by default all columns of numbers beside `unique_id, ds, y`.
    calendar : bool, default=True
        Whether to add hour, weekday, day and month of the future, as far as the frequency makes them differ.
    n_networks : int, default=3
        Networks with different seeds, whose forecasts are averaged.
    n_steps, batch_size : int, default=600 and 256
        Steps of the training of a network, and windows in each.
    learning_rate, weight_decay : float, default=1e-3 and 1e-4
        Of AdamW; the rate is the highest of one cycle.
    width : int, default=256
        Units of the hidden layers.
    dropout : float, default=0.0
        Share of the hidden units that are left out in training.
    pooling, downsampling : sequence of int, default=(4, 2, 1) and (8, 4, 1)
        For each block: how many steps of the past are pooled into one, and how many steps of the future share one
        coefficient.
    max_windows : int, default=50_000
        Windows drawn out of all series at most.
    random_state : int or None, default=0
        The same seed gives the same networks on the same machine.
    device : str, default="auto"
        "auto" is the GPU where there is one.

    Attributes
    ----------
    horizon_, input_length_ : int
        Steps that can be forecast, and that are looked at.
    n_windows_, n_shown_ : int
        Windows that were learnt from, and steps ahead that they show: where the history is shorter than the horizon,
        later steps repeat the last season shown.
    network_ : torch.nn.Module
        The networks.

    References
    ----------
    C. Challu et al., "N-HiTS: neural hierarchical interpolation for time series forecasting", AAAI 2023,
    https://doi.org/10.1609/aaai.v37i6.25854

    Examples
    --------
    >>> import pandas as pd
    >>> months = pd.date_range("2010-01-01", periods=96, freq="MS")
    >>> frame = pd.DataFrame({"unique_id": "a", "ds": months, "y": 100.0 + 10 * (months.month == 12)})
    >>> model = NHits(horizon=12, n_networks=1, n_steps=60, width=32).fit(frame)
    >>> int(model.predict(12)["forecast"].argmax())
    11
    """

    horizon: int | None = None
    input_length: int | None = None
    season_length: int | None = None
    exogenous: Sequence[str] | None = None
    calendar: bool = True
    n_networks: int = 3
    n_steps: int = 600
    batch_size: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    width: int = 256
    dropout: float = 0.0
    pooling: Sequence[int] = (4, 2, 1)
    downsampling: Sequence[int] = (8, 4, 1)
    max_windows: int = 50_000
    random_state: int | None = 0
    device: str = "auto"

    def fit(self, frame: "pd.DataFrame", *, run: "Run | None" = None, progress: bool = False) -> Self:
        """Learn from all series.

        Parameters
        ----------
        frame : DataFrame
            `unique_id, ds, y` and exogenous columns, in any order; gaps and missing values are masked.
        run : stac.tracking.track_run.Run, optional
            Where the curves of the training are logged.
        progress : bool, default=False
            Show a bar for each network, if stderr is a terminal.

        Returns
        -------
        NHits
            Itself.

        Raises
        ------
        ValueError, TypeError
            If the table is none of series, no series has more than a value, or a parameter is out of range.
        """
        from stac.data_processing.series_panel import series_panel
        from stac.models.nhits._training import default_input_length, train_networks
        from stac.models.nhits._windows import column_scaling

        check_parameters(self)
        encoding = "cyclic" if self.calendar else None
        panel = series_panel(frame, exogenous=self.exogenous, season_length=self.season_length, calendar=encoding)
        self.horizon_ = self.horizon or max(panel.season_length, 12)
        self.input_length_ = self.input_length or default_input_length(panel.season_length, self.horizon_)
        self._column_scaling = column_scaling(panel.columns, len(panel.exogenous))
        trained = train_networks(self, panel, self._scaled(panel.columns), run, progress)
        self.network_, self.n_windows_, self.n_shown_ = trained
        self._panel = panel.tail(self.input_length_)
        return self

    def predict(
        self,
        horizon: int,
        *,
        quantiles: Sequence[float] = (),
        future: "pd.DataFrame | None" = None,
        history: "pd.DataFrame | None" = None,
    ) -> "pd.DataFrame":
        """Forecast what follows each series, those learnt from or others.

        Parameters
        ----------
        horizon : int
            Steps, at most those learnt.
        quantiles : sequence of float
            Levels between 0 and 1; they never cross.
        future : DataFrame, optional
            `unique_id, ds` and the exogenous columns at the times to forecast.
        history : DataFrame, optional
            `unique_id, ds, y` and exogenous columns of the series to forecast, at the frequency of those learnt from;
            by default those themselves.

        Returns
        -------
        DataFrame
            `unique_id, ds, forecast` (the median) and a column for each quantile, such as `q0.9`, sorted by
            `unique_id, ds`.

        Raises
        ------
        ValueError, TypeError
            If `fit` was not called, `horizon` is larger than what was learnt, a level is not between 0 and 1,
            exogenous columns are missing in `future`, or `history` is no table of such series.
        """
        from stac.data_processing.series_frame import check_horizon, check_quantiles
        from stac.data_processing.series_panel import forecast_table

        self._check_fitted()
        levels = check_quantiles(quantiles)
        if check_horizon(horizon) > self.horizon_:
            raise ValueError(
                f"horizon is {horizon}, but {self.horizon_} steps were learnt: fit NHits(horizon={horizon})"
            )
        panel = self._panel if history is None else self._panel.of_history(history).tail(self.input_length_)
        times, known = panel.future(self.horizon_, future, given=horizon)
        from stac.models.nhits._quantiles import MEDIAN, quantile_at

        values = self._quantiles(panel, known, horizon)
        times = times[times.groupby("unique_id").cumcount() < horizon].reset_index(drop=True)
        columns = {name: quantile_at(values, level) for name, level in levels.items()}
        return forecast_table(times, values[:, :, MEDIAN], columns)

    def save(self, path: str | Path) -> Path:
        """Write networks, parameters and the ends of the series to one safetensors file, all or nothing."""
        from stac.training.network_files import save_network

        self._check_fitted()
        return save_network(
            self.network_,
            path,
            params=self.get_params(),
            panel=self._panel.to_dict(),
            column_scaling=[x.tolist() for x in self._column_scaling],
            n_windows=self.n_windows_,
            n_shown=self.n_shown_,
        )

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what ``save`` has written; a foreign or damaged file raises ``ValueError``."""
        from stac.data_processing.series_panel import SeriesPanel
        from stac.models.nhits._network import NHitsEnsemble
        from stac.training.network_files import load_network, read_metadata

        network, metadata = load_network(path, NHitsEnsemble), read_metadata(path)
        model = cls(**{name: tuple(x) if isinstance(x, list) else x for name, x in metadata["params"].items()})
        model.network_, model.n_windows_, model.n_shown_ = network, metadata["n_windows"], metadata["n_shown"]
        arguments = network.hyperparameters["network"]
        model.horizon_, model.input_length_ = arguments["horizon"], arguments["input_length"]
        model._panel = SeriesPanel.from_dict(metadata["panel"])
        model._column_scaling = tuple(np.array(x, np.float32) for x in metadata["column_scaling"])
        return model

    def _quantiles(self, panel: "SeriesPanel", known: np.ndarray, horizon: int) -> np.ndarray:
        """Return the sorted quantiles that were learnt, (n_series, horizon, n_levels)."""
        from stac.models.nhits._windows import shown_steps, windows_at
        from stac.training.fit_torch import predict_torch

        n_series, n_times = panel.y.shape
        columns = self._scaled(np.concatenate([panel.columns, known], axis=1))
        windows = windows_at(
            panel.y,
            columns,
            np.arange(n_series),
            np.full(n_series, n_times),
            (self.input_length_, self.horizon_, panel.season_length, len(panel.exogenous)),
        )
        steps = shown_steps(horizon, self.n_shown_, panel.season_length)
        output = predict_torch(self.network_, windows.inputs, device=self.device)[:, steps].astype(np.float64)
        return windows.level[:, :, None] + windows.scale[:, :, None] * np.sort(output, axis=2)

    def _scaled(self, columns: np.ndarray) -> np.ndarray:
        mean, scale = self._column_scaling
        return (columns - mean) / scale

    def _check_fitted(self) -> None:
        if not hasattr(self, "network_"):
            raise ValueError("This NHits is not fitted: call fit first, or load a saved one.")


def __getattr__(name: str) -> Any:
    """Import torch, which takes seconds, only for who asks for a network."""
    if name != "NHitsNetwork":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from stac.models.nhits._network import NHitsNetwork

    return NHitsNetwork
