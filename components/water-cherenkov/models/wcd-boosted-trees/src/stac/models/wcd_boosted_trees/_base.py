"""What classifier and regressor share: parameters, the boosting itself, importances, the scikit-learn protocol."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from stac.models.wcd_boosted_trees._inputs import check_names, check_parameters, check_table, split_rows
from stac.models.wcd_boosted_trees._storage import load_json, save_json
from stac.training.series_estimator import SeriesEstimator


@dataclass(eq=False)
class BoostedTrees(SeriesEstimator):
    """Parameters and fitted trees."""

    n_estimators: int = 1000
    learning_rate: float = 0.05
    n_leaves: int = 31
    min_samples_leaf: int = 20
    feature_fraction: float = 0.6
    sample_fraction: float = 0.8
    l2: float = 0.0
    validation_fraction: float = 0.15
    patience: int = 60
    random_state: int | None = 0
    n_jobs: int = 1

    @property
    def feature_importances_(self) -> np.ndarray:
        """Share of each feature in what the splits gained, (n_features,); sums to one unless no tree has a split."""
        self._check_fitted()
        gains = self.booster_.feature_importance("gain")
        return gains / (gains.sum() or 1)

    def importance_table(self) -> dict[str, float]:
        """Return the share of each feature in the gain by name, the most important first."""
        shares = self.feature_importances_
        return {self.feature_names_[i]: float(shares[i]) for i in np.argsort(-shares, kind="stable")}

    def save(self, path: str | Path) -> Path:
        """Write parameters and trees to one JSON file (no pickle), all or nothing; return its path."""
        self._check_fitted()
        classes = getattr(self, "classes_", None)
        content = {
            "class": type(self).__name__,
            "params": self.get_params(),
            "classes": None if classes is None else {"dtype": classes.dtype.str, "labels": classes.tolist()},
            "feature_names": self.feature_names_,
            "model": self.booster_.model_to_string(),
        }
        return save_json(path, content)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what ``save`` has written; a foreign, damaged or changed file raises ``ValueError``."""
        content = load_json(path, cls.__name__)
        model = cls(**content["params"])
        if content["classes"] is not None:
            model.classes_ = np.array(content["classes"]["labels"], dtype=content["classes"]["dtype"])
        model._adopt(content["model"], content["feature_names"])
        return model

    def _boost(
        self,
        X: Any,
        target: np.ndarray,
        *,
        codes: np.ndarray | None,
        class_weights: np.ndarray | None,
        groups: Any,
        validation: tuple[np.ndarray, np.ndarray] | None,
        feature_names: Any,
        objective: dict[str, Any],
    ) -> None:
        """Grow trees until the validation part has not improved for `patience` of them, and keep the best number."""
        import lightgbm

        table = check_table(X)
        names = check_names(feature_names, X, table.shape[1])
        seed = int(np.random.default_rng(self.random_state).integers(2**31))
        rows = np.arange(len(table))
        if validation is None and self.validation_fraction > 0:
            rows, held = split_rows(codes, len(table), groups, self.validation_fraction, np.random.default_rng(seed))
            validation = table[held], target[held]
            table, target = table[rows], target[rows]

        def dataset(part: np.ndarray, values: np.ndarray, reference: Any = None) -> Any:
            weights = None if class_weights is None else class_weights[values.astype(int)]
            return lightgbm.Dataset(part, values, weight=weights, reference=reference)

        training, losses = dataset(table, target), {}
        options: dict[str, Any] = {}
        if validation is not None:
            callbacks = [
                lightgbm.early_stopping(self.patience, verbose=False),
                lightgbm.record_evaluation(losses),
            ]
            options = {"valid_sets": [dataset(*validation, reference=training)], "callbacks": callbacks}
        booster = lightgbm.train(self._lightgbm_params(seed) | objective, training, self.n_estimators, **options)
        n_trees = booster.best_iteration if validation is not None else self.n_estimators
        self._adopt(booster.model_to_string(num_iteration=n_trees), names)
        self.validation_losses_ = np.array(next(iter(losses["valid_0"].values()))) if losses else np.empty(0)

    def _lightgbm_params(self, seed: int) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "num_leaves": self.n_leaves,
            "min_data_in_leaf": self.min_samples_leaf,
            "feature_fraction": self.feature_fraction,
            "bagging_fraction": self.sample_fraction,
            "bagging_freq": 1 if self.sample_fraction < 1 else 0,
            "lambda_l2": self.l2,
            "seed": seed,
            # The same trees whatever the number of threads.
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": max(self.n_jobs, 0),
            "verbosity": -1,
        }

    def _adopt(self, model_text: str, feature_names: list[str]) -> None:
        import lightgbm

        # What is used is what would be saved: no training data stays behind, and a loaded model gives the same bits.
        self.booster_ = lightgbm.Booster(model_str=model_text)
        self.feature_names_ = feature_names
        self.n_features_in_ = len(feature_names)
        self.n_trees_ = self.booster_.current_iteration()

    def _check_parameters(self) -> None:
        check_parameters(self.get_params())

    def _check_fitted(self) -> None:
        if not hasattr(self, "booster_"):
            raise ValueError(f"This {type(self).__name__} is not fitted: call fit first, or load a saved one.")

    def _raw(self, X: Any) -> np.ndarray:
        self._check_fitted()
        return self.booster_.predict(check_table(X, self.n_features_in_), num_threads=max(self.n_jobs, 0))
