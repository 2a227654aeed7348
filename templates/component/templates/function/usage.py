import numpy as np
from {{ cookiecutter.__module }} import {{ cookiecutter.__package }}

X = np.random.default_rng(0).normal(size=(100, 2, 500)).astype("float32")  # 100 series of 2 channels
print({{ cookiecutter.__package }}(X)[:3])
