"""Write a classifier in a few lines, and let scikit-learn search its parameter."""

from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import GridSearchCV

from stac.training.series_estimator import SeriesClassifier


@dataclass(eq=False)
class Energy(SeriesClassifier):
    """Calls series loud whose energy is above a threshold."""

    threshold: float = 1.0

    def fit(self, X, y):
        """Learn nothing but the names."""
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        """Compare with the threshold."""
        return np.where(np.square(X).mean(axis=(1, 2)) > self.threshold, "loud", "quiet")

    def score(self, X, y):
        """Return the accuracy."""
        return float(np.mean(self.predict(X) == y))


draw = np.random.default_rng(0)
y = np.array(["quiet", "loud"] * 50)
X = draw.normal(size=(100, 1, 64)) * np.where(y == "loud", 3.0, 2.0)[:, None, None]
search = GridSearchCV(Energy(), {"threshold": [1.0, 3.0, 6.0, 9.0]}, cv=5).fit(X, y)
print(search.best_params_, f"{search.best_score_:.2f}")
