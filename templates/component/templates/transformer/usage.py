import numpy as np
from {{ cookiecutter.__module }} import {{ cookiecutter.__class }}

X = np.random.default_rng(0).normal(size=(100, 2, 500)).astype("float32")  # 100 series of 2 channels
transformer = {{ cookiecutter.__class }}().fit(X[:80])
print(transformer.transform(X[80:]).shape)
