"""N-HiTS as a plain torch module: blocks that look at the past at several rates and forecast at several rates."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["NHitsEnsemble", "NHitsNetwork"]


class NHitsNetwork(nn.Module):
    """Map scaled windows of the past to quantiles of the future.

    Parameters
    ----------
    input_length, horizon : int
        Time points of the past and of the future.
    n_quantiles : int, default=1
        Outputs for each future time point.
    n_past, n_future : int, default=0
        Columns beside the values in the past, and columns known of the future.
    pooling, downsampling : sequence of int, default=(4, 2, 1) and (8, 4, 1)
        For each block: how many time points of the past are pooled into one, and how many time points of the future
        share one coefficient; the forecast is interpolated between these.
    width : int, default=256
        Units of the two hidden layers of a block.
    dropout : float, default=0.0
        Share of the hidden units that are left out in training.

    Examples
    --------
    >>> import torch
    >>> from stac.models.nhits import NHitsNetwork
    >>> network = NHitsNetwork(24, 12, n_quantiles=3)
    >>> network(torch.randn(5, 24), torch.ones(5, 24)).shape
    torch.Size([5, 12, 3])
    """

    def __init__(
        self,
        input_length: int,
        horizon: int,
        n_quantiles: int = 1,
        n_past: int = 0,
        n_future: int = 0,
        *,
        pooling: Sequence[int] = (4, 2, 1),
        downsampling: Sequence[int] = (8, 4, 1),
        width: int = 256,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.hyperparameters = {
            "input_length": input_length,
            "horizon": horizon,
            "n_quantiles": n_quantiles,
            "n_past": n_past,
            "n_future": n_future,
            "pooling": list(pooling),
            "downsampling": list(downsampling),
            "width": width,
            "dropout": dropout,
        }
        n_beside = input_length * n_past + horizon * n_future
        # What is linear in the past, such as its mean or its last season, need not be learnt by the blocks.
        self.linear = nn.Linear(input_length, horizon)
        self.blocks = nn.ModuleList(
            _Block(input_length, horizon, n_quantiles, n_beside, pool, down, width, dropout)
            for pool, down in zip(pooling, downsampling, strict=True)
        )
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(
        self, past: Tensor, observed: Tensor, past_columns: Tensor | None = None, future_columns: Tensor | None = None
    ) -> Tensor:
        """Forecast.

        Parameters
        ----------
        past : Tensor of shape (n, input_length)
            Scaled values, 0 where nothing was observed.
        observed : Tensor of shape (n, input_length)
            1 where a value was observed, else 0.
        past_columns : Tensor of shape (n, input_length, n_past), optional
            Required if there are such columns.
        future_columns : Tensor of shape (n, horizon, n_future), optional
            Required if there are such columns.

        Returns
        -------
        Tensor of shape (n, horizon, n_quantiles)
            Scaled as the past; the quantiles may cross.
        """
        beside = [columns.flatten(1) for columns in (past_columns, future_columns) if columns is not None]
        residual, forecast = past, self.linear(past)[:, :, None]
        for block in self.blocks:
            explained, more = block(residual, observed, beside)
            residual, forecast = (residual - explained) * observed, forecast + more
        return forecast


class _Block(nn.Module):
    """What one block explains of the past, and adds to the forecast."""

    def __init__(
        self,
        input_length: int,
        horizon: int,
        n_quantiles: int,
        n_beside: int,
        pool: int,
        down: int,
        width: int,
        dropout: float,
    ):
        super().__init__()
        self.pool, self.horizon = min(pool, input_length), horizon
        self.shape = n_quantiles, -(-horizon // down)
        n_inputs = 2 * -(-input_length // self.pool) + n_beside
        self.hidden = nn.Sequential(
            nn.Linear(n_inputs, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, width), nn.ReLU()
        )
        self.past = nn.Linear(width, input_length)
        self.knots = nn.Linear(width, self.shape[0] * self.shape[1])
        nn.init.zeros_(self.knots.weight)
        nn.init.zeros_(self.knots.bias)

    def forward(self, past: Tensor, observed: Tensor, beside: list[Tensor]) -> tuple[Tensor, Tensor]:
        pooled = functional.max_pool1d(past[:, None], self.pool, ceil_mode=True)[:, 0]
        seen = functional.avg_pool1d(observed[:, None], self.pool, ceil_mode=True)[:, 0]
        hidden = self.hidden(torch.cat([pooled, seen, *beside], 1))
        knots = self.knots(hidden).unflatten(1, self.shape)
        if self.shape[1] != self.horizon:
            knots = functional.interpolate(knots, self.horizon, mode="linear")
        return self.past(hidden), knots.transpose(1, 2)


class NHitsEnsemble(nn.Module):
    """Several networks whose forecasts are averaged."""

    def __init__(self, n_networks: int, network: dict[str, Any]):
        super().__init__()
        self.hyperparameters = {"n_networks": n_networks, "network": network}
        self.networks = nn.ModuleList(NHitsNetwork(**network) for _ in range(n_networks))

    def forward(self, *inputs: Tensor | None) -> Tensor:
        return torch.stack([network(*inputs) for network in self.networks]).mean(0)
