"""Finds the window of a long series that is least like any other, with one thread and with all."""

import time

import numpy as np

from stac.numerics.kernels import instruction_set, self_join

generator = np.random.default_rng(0)
phase = 2 * np.pi * np.arange(20_000) / 80
series = np.exp(3 * np.cos(phase)) / 20 + generator.normal(scale=0.02, size=20_000)
series[12_400:12_440] = series[12_400:12_440][::-1] * 0.6

for n_jobs in (1, -1):
    start = time.perf_counter()
    correlation, _ = self_join(series, length=80, exclusion=20, n_jobs=n_jobs).best()
    seconds = time.perf_counter() - start
    print(f"{instruction_set()}, n_jobs={n_jobs}: the oddest window starts at {correlation.argmin()} ({seconds:.2f} s)")
