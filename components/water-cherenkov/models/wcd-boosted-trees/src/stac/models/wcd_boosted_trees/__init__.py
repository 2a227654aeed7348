"""Boosted trees on tables of features: the baseline that a network on traces has to beat."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from stac.models.wcd_boosted_trees._base import BoostedTrees
from stac.models.wcd_boosted_trees._inputs import (
    check_class_weight,
    check_codes,
    check_labels,
    check_table,
    check_target,
)

__all__ = ["WcdBoostedTrees", "WcdBoostedTreesRegressor"]


@dataclass(eq=False)
class WcdBoostedTrees(BoostedTrees):
    """Classify rows of features by gradient-boosted trees (LightGBM), with early stopping.

    Parameters
    ----------
    n_estimators : int, default=1000
        Trees at most, of each class when there are more than two; early stopping mostly takes a few hundred.
    learning_rate : float, default=0.05
        How much each tree corrects the ones before it.
    n_leaves : int, default=31
        Leaves of a tree at most.
    min_samples_leaf : int, default=20
        Training instances in a leaf at least.
    feature_fraction, sample_fraction : float, default=0.6 and 0.8
        Share of the features, and of the instances, that each tree sees.
    l2 : float, default=0.0
        Penalty on the values of leaves.
    validation_fraction : float, default=0.15
        Share of the instances (of the groups, when `fit` gets groups) held out to decide when to stop; 0 grows all
        `n_estimators` trees.
    patience : int, default=60
        Stop when the validation loss has not improved for so many trees.
    random_state : int or None, default=0
        The same seed gives the same trees, whatever `n_jobs` is; None draws another one each time.
    n_jobs : int, default=1
        Threads; -1 for one per processor. More than one only pay on processors that nothing else uses: LightGBM's
        threads wait for each other busily, and on a shared machine many can be ten times slower than one.
    class_weight : None, "balanced" or mapping of class to float
        Weight of the instances of a class. Weights shift probabilities away from frequencies.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    feature_names_ : list of str
        Names of the features.
    feature_importances_ : ndarray of shape (n_features,)
        Share of each feature in what the splits gained; `importance_table()` gives them by name.
    n_trees_ : int
        Trees kept.
    validation_losses_ : ndarray
        Log loss of the validation part after each tree; empty without one, and after `load`.

    References
    ----------
    G. Ke et al., "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 2017.
    J. H. Friedman, "Greedy function approximation: a gradient boosting machine", Annals of Statistics 29 (2001),
    https://doi.org/10.1214/aos/1013203451

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(500, 3))
    >>> y = np.where(X[:, 1] > 0, "muon", "no muon")
    >>> model = WcdBoostedTrees(n_estimators=50).fit(X, y, feature_names=["rise", "charge", "width"])
    >>> next(iter(model.importance_table()))
    'charge'
    """

    class_weight: Any = None

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        validation: tuple[ArrayLike, ArrayLike] | None = None,
        feature_names: list[str] | None = None,
    ) -> Self:
        """Grow the trees.

        Parameters
        ----------
        X : array-like of shape (n_instances, n_features)
            Numbers; NaN where a value is missing. A data frame gives its columns' names.
        y : array-like of shape (n_instances,)
            Labels: strings, numbers or booleans, at least two different ones.
        groups : array-like of shape (n_instances,), optional
            What must not be torn apart between training and validation part, such as the event of a station.
        validation : tuple of X and y, optional
            A validation part of your own for early stopping, instead of a share of `X`.
        feature_names : list of str, optional
            Names of the columns.

        Returns
        -------
        WcdBoostedTrees
            Itself.

        Raises
        ------
        ValueError
            If shapes do not fit, `X` holds infinities, there is one class only, or a parameter is out of range.
        TypeError
            If `X` does not hold numbers, or `y` mixes types.
        """
        self._check_parameters()
        n_instances = len(check_table(X))
        classes, codes = check_labels(y, n_instances)
        weights = check_class_weight(self.class_weight, classes, codes)
        if validation is not None:
            table = check_table(validation[0], np.shape(X)[1])
            validation = table, check_codes(validation[1], len(table), classes)
        multi = {"objective": "multiclass", "num_class": len(classes)}
        self._boost(
            X,
            codes,
            codes=codes,
            class_weights=weights,
            groups=groups,
            validation=validation,
            feature_names=feature_names,
            objective=multi if len(classes) > 2 else {"objective": "binary"},
        )
        self.classes_ = classes
        return self

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_instances, n_features)
            As in `fit`.

        Returns
        -------
        ndarray of shape (n_instances, n_classes), float64
            Rows sum to one; columns as in `classes_`.

        Raises
        ------
        ValueError
            If `X` has other features than in `fit`, holds infinities, or `fit` was not called.
        """
        raw = self._raw(X)
        return np.stack([1 - raw, raw], axis=1) if raw.ndim == 1 else raw

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return the most probable label of each row; parameters and errors as in `predict_proba`."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """Return the share of rows whose label is predicted, from 0 to 1."""
        return float(np.mean(self.predict(X) == np.asarray(y)))

    def __sklearn_tags__(self) -> Any:
        # scikit-learn takes seconds to import: only those who use it pay.
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(),
            input_tags=InputTags(allow_nan=True),
        )


@dataclass(eq=False)
class WcdBoostedTreesRegressor(BoostedTrees):
    """Estimate a number from rows of features by gradient-boosted trees (LightGBM), with early stopping.

    Parameters
    ----------
    n_estimators, learning_rate, n_leaves, min_samples_leaf, feature_fraction, sample_fraction, l2
        As in `WcdBoostedTrees`.
    validation_fraction, patience, random_state, n_jobs
        As in `WcdBoostedTrees`. The loss is the squared error.

    Attributes
    ----------
    feature_names_, feature_importances_, n_trees_, validation_losses_
        As in `WcdBoostedTrees`; the validation losses are mean squared errors.

    References
    ----------
    G. Ke et al., "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 2017.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(500, 3))
    >>> model = WcdBoostedTreesRegressor(n_estimators=50).fit(X, X[:, 2])
    >>> model.score(X, X[:, 2]) > 0.8
    True
    """

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        validation: tuple[ArrayLike, ArrayLike] | None = None,
        feature_names: list[str] | None = None,
    ) -> Self:
        """Grow the trees.

        Parameters
        ----------
        X, groups, validation, feature_names
            As in `WcdBoostedTrees.fit`.
        y : array-like of shape (n_instances,)
            The numbers to estimate, such as a fraction of muonic signal.

        Returns
        -------
        WcdBoostedTreesRegressor
            Itself.

        Raises
        ------
        TypeError, ValueError
            As in `WcdBoostedTrees.fit`.
        """
        self._check_parameters()
        target = check_target(y, len(check_table(X)))
        if validation is not None:
            table = check_table(validation[0], np.shape(X)[1])
            validation = table, check_target(validation[1], len(table), "y of the validation part")
        self._boost(
            X,
            target,
            codes=None,
            class_weights=None,
            groups=groups,
            validation=validation,
            feature_names=feature_names,
            objective={"objective": "regression"},
        )
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return the estimate for each row, (n_instances,) float64; errors as in `WcdBoostedTrees.predict_proba`.

        Parameters
        ----------
        X : array-like of shape (n_instances, n_features)
            As in `fit`.
        """
        return self._raw(X)

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """Return the share of the variance that is explained, 1 at best."""
        target = check_target(y, len(np.asarray(X)))
        return float(1 - np.mean((target - self.predict(X)) ** 2) / np.var(target))

    def __sklearn_tags__(self) -> Any:
        # scikit-learn takes seconds to import: only those who use it pay.
        from sklearn.utils import InputTags, RegressorTags, Tags, TargetTags

        return Tags(
            estimator_type="regressor",
            target_tags=TargetTags(required=True),
            regressor_tags=RegressorTags(),
            input_tags=InputTags(allow_nan=True),
        )
