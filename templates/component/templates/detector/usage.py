import numpy as np
from {{ cookiecutter.__module }} import {{ cookiecutter.__class }}

series = np.sin(np.arange(2000) / 5)
series[1500] += 4
detector = {{ cookiecutter.__class }}().fit(series[:1000])
print(detector.score_samples(series).argmax())
