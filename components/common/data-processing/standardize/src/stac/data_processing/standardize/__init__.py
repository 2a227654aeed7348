"""Standardises time series to zero mean and unit variance."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from stac.training.series_estimator import SeriesTransformer

try:
    from stac.numerics import kernels
except ImportError:  # the extra "fast": the same results, sooner
    kernels = None

__all__ = ["Standardizer"]

# Values in a block: few enough that the passes over it find it in the cache, many enough to hide numpy's calls.
BLOCK_SIZE = 128 * 1024

Series = np.ndarray | list[np.ndarray]


@dataclass(eq=False)
class Standardizer(SeriesTransformer):
    """Subtract the mean and divide by the standard deviation.

    Constant series become zeros. Missing values (NaN) stay where they are and do not count.

    Parameters
    ----------
    per : {"instance", "channel"}, default="instance"
        "instance" standardises every channel of every instance by its own mean and standard deviation;
        nothing is learnt. "channel" learns one mean and one standard deviation for each channel from the
        training data and applies them to whatever follows, so that amplitudes stay comparable.

    Attributes
    ----------
    mean_, std_ : ndarray of shape (n_channels,), float64
        What ``fit`` learnt, in the units of the data; only with ``per="channel"``.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[[1, 2, 3]], [[10, np.nan, 30]]], dtype=np.float32)
    >>> Standardizer().fit_transform(X).round(2).tolist()
    [[[-1.22..., 0.0, 1.22...]], [[-1.0, nan, 1.0]]]
    """

    per: str = "instance"

    def fit(self, X: Series, y: Any = None) -> Self:
        """Learn what ``transform`` needs.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
            Series; NaN marks a missing value.
        y : ignored

        Returns
        -------
        Standardizer
            Itself.

        Raises
        ------
        ValueError
            If ``X`` is empty, has other dimensions, or ``per`` is unknown; with ``per="channel"`` also if it
            holds infinities.
        TypeError
            If ``X`` does not hold numbers.
        """
        if self.per not in ("instance", "channel"):
            raise ValueError(f'per={self.per!r} is unknown: use per="instance" or per="channel".')
        X = _as_series(X)
        self.n_channels_in_ = X[0].shape[0]
        if self.per == "channel":
            self.mean_, self.std_ = _channel_mean_and_std(X)
        return self

    def transform(self, X: Series) -> Series:
        """Standardise the series.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
            Series; NaN marks a missing value.

        Returns
        -------
        ndarray or list of ndarray
            A new float32 array (or list of arrays) of the shape of ``X``.

        Raises
        ------
        ValueError
            If ``X`` is empty, has other dimensions, another number of channels than in ``fit`` or infinities,
            or if ``fit`` was not called.
        TypeError
            If ``X`` does not hold numbers.
        """
        X = self._checked(X)
        if self.per == "channel":
            offset, scale = self.mean_[:, None], 1 / self.std_[:, None]
            return _apply(X, lambda x: ((x - offset) * scale).astype(np.float32))
        return _apply(X, _standardize_each_series)

    def fit_transform(self, X: Series, y: Any = None) -> Series:
        """Fit, then transform the same series; parameters and errors as in ``fit`` and ``transform``."""
        return self.fit(X, y).transform(X)

    def inverse_transform(self, X: Series) -> Series:
        """Bring standardised series back to the units of the data (only with ``per="channel"``).

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
            Standardised series.

        Returns
        -------
        ndarray or list of ndarray
            A new float32 array (or list of arrays) of the shape of ``X``.

        Raises
        ------
        ValueError
            If ``per="instance"``, whose means are not kept, or as in ``transform``.
        """
        if self.per != "channel":
            raise ValueError('Only per="channel" can be inverted: per="instance" keeps no means of the data.')
        X = self._checked(X)
        mean, std = self.mean_[:, None], self.std_[:, None]
        return _apply(X, lambda x: (x * std + mean).astype(np.float32))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.requires_fit = self.per == "channel"
        return tags

    def _checked(self, X: Series) -> Series:
        if not hasattr(self, "n_channels_in_"):
            raise ValueError("This Standardizer is not fitted: call fit or fit_transform first.")
        X = _as_series(X)
        if X[0].shape[0] != self.n_channels_in_:
            raise ValueError(
                f"X has {X[0].shape[0]} channels, but fit saw {self.n_channels_in_}: pass the same channels."
            )
        return X


def _as_series(X: Series) -> Series:
    """Return an array (n, channels, time), or a list of arrays (channels, time_i), as float32 or float64."""
    if isinstance(X, np.ndarray) and X.dtype != object:
        if X.ndim != 3:
            hint = "X[:, None, :] makes one channel of it" if X.ndim == 2 else "stack the series along a first axis"
            raise ValueError(
                f"X has shape {X.shape}, expected three dimensions (n_instances, n_channels, n_timepoints): {hint}."
            )
        if X.size == 0:
            raise ValueError(f"X is empty (shape {X.shape}): pass at least one series with one value.")
        return _as_float(X)
    if len(X) == 0:
        raise ValueError("X is empty: pass at least one series.")
    series = [_as_float(np.asarray(x)) for x in X]
    for i, x in enumerate(series):
        if x.ndim != 2 or x.size == 0:
            raise ValueError(
                f"X[{i}] has shape {x.shape}, expected (n_channels, n_timepoints) with at least one value."
            )
        if x.shape[0] != series[0].shape[0]:
            raise ValueError(f"X[{i}] has {x.shape[0]} channels, X[0] has {series[0].shape[0]}: they must be the same.")
    return series


def _as_float(x: np.ndarray) -> np.ndarray:
    if x.dtype.kind not in "fiub":
        raise TypeError(f"X holds {x.dtype}, expected numbers: convert it with X.astype('float32').")
    return x if x.dtype in (np.float32, np.float64) else x.astype(np.float32)


def _apply(X: Series, function: Any) -> Series:
    return [function(x) for x in X] if isinstance(X, list) else function(X)


def _standardize_each_series(x: np.ndarray) -> np.ndarray:
    """Standardise along the last axis, block by block."""
    rows = x.reshape(-1, x.shape[-1])
    if kernels is not None and kernels.in_use() and x.dtype == np.float32:
        standardized = kernels.z_normalize(rows, allow_missing=True)
        for i in np.flatnonzero(np.isnan(standardized[:, 0])):
            standardized[i] = _standardize_with_gaps(rows[i])
        return standardized.reshape(x.shape)
    standardized = np.empty(rows.shape, np.float32)
    step = max(1, BLOCK_SIZE // rows.shape[1])
    for start in range(0, len(rows), step):
        _standardize_block(rows[start : start + step], standardized[start : start + step])
    return standardized.reshape(x.shape)


def _standardize_block(rows: np.ndarray, out: np.ndarray) -> None:
    n = rows.shape[1]
    eps = np.finfo(rows.dtype).eps
    with np.errstate(invalid="ignore", over="ignore"):
        mean = np.einsum("ij->i", rows)[:, None] / n
        np.subtract(rows, mean, out=out, casting="same_kind")
        variance = np.einsum("ij,ij->i", out, out)[:, None] / n
        # Where the mean is far larger than the spread, its rounding shows, and is what is left as a mean.
        if (np.abs(mean) * eps * np.sqrt(n) > 1e-4 * np.sqrt(variance)).any():
            out -= np.einsum("ij->i", out)[:, None] / n
            variance = np.einsum("ij,ij->i", out, out)[:, None] / n
        # A missing or huge value leaves its mark in the sums, so that only such rows take the slow way.
        plain = np.isfinite(variance)
        out *= _inverse_std(np.where(plain, variance, 1), mean, eps)
    for i in np.flatnonzero(~plain):
        out[i] = _standardize_with_gaps(rows[i])


def _standardize_with_gaps(row: np.ndarray) -> np.ndarray:
    _refuse_infinity(row)
    eps = np.finfo(row.dtype).eps
    row = row.astype(np.float64)
    known = row[~np.isnan(row)]
    if known.size == 0:
        return row
    mean = known.mean()
    variance = np.mean((known - mean) ** 2)
    return (row - mean) * _inverse_std(variance, mean, eps)


def _inverse_std(variance: np.ndarray, mean: np.ndarray, eps: float) -> np.ndarray:
    """Return 1 / std, or 0 where the spread is no more than the rounding of a constant."""
    rounding = (4 * eps * np.abs(mean)) ** 2
    constant = variance <= np.maximum(rounding, np.finfo(np.float32).tiny)
    return np.where(constant, 0, 1 / np.sqrt(np.where(constant, 1, variance)))


def _channel_mean_and_std(X: Series) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation (n_channels,) of all values that are not missing, in float64."""
    n = total = squares = 0
    for x in _blocks(X):
        _refuse_infinity(x)
        n = n + np.count_nonzero(~np.isnan(x), axis=(0, 2))
        total = total + np.nansum(x, axis=(0, 2), dtype=np.float64)
    n = np.maximum(n, 1)
    mean = total / n
    for x in _blocks(X):
        squares = squares + np.nansum((x - mean[:, None]) ** 2, axis=(0, 2))
    inverse = _inverse_std(squares / n, mean, np.finfo(X[0].dtype).eps)
    return mean, np.divide(1, inverse, out=np.ones_like(inverse), where=inverse > 0)


def _blocks(X: Series) -> Iterator[np.ndarray]:
    """Yield arrays (n_instances, n_channels, n_timepoints) of a bounded size."""
    if isinstance(X, list):
        yield from (x[None] for x in X)
        return
    step = max(1, BLOCK_SIZE // X[0].size)
    yield from (X[start : start + step] for start in range(0, len(X), step))


def _refuse_infinity(x: np.ndarray) -> None:
    if np.isinf(x).any():
        raise ValueError("X holds infinities: replace them, or mark missing values as NaN, which are kept.")
