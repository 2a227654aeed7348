"""Traces of a four-PMT tank, some with a muon: what a model would have to tell apart."""

import tempfile
from pathlib import Path

import numpy as np

from stac.visualization.plot_traces import plot_trace_gallery

rng = np.random.default_rng(0)
has_muon = np.array([True, False, True, False, False, True])
pulse = np.exp(-np.arange(30) / 5)


def light(n_particles: int, spread_ns: float) -> np.ndarray:
    """Return the toy signal of particles, in 30 bins of a nanosecond."""
    arrivals = np.histogram(3 + rng.exponential(spread_ns, n_particles), np.arange(31))[0]
    return np.convolve(arrivals, pulse)[:30]


em = 0.1 * np.stack([light(20, 6) for _ in has_muon])
muon = np.stack([1.2 * light(int(yes), 2) for yes in has_muon])
traces = rng.poisson(60 * (em + muon)[:, None] * np.ones((1, 4, 1))) / 60
working = np.ones((6, 4), dtype=bool)
working[3, 2] = False
traces[3, 2] = 0

titles = [f"station {i}: {'muon' if yes else 'no muon'}" for i, yes in enumerate(has_muon, start=1)]
figure = plot_trace_gallery(traces, titles, working, bin_ns=1, em_trace=em, muon_trace=muon, truth_scale=1)
picture = Path(tempfile.mkdtemp()) / "muon_or_not.png"
figure.savefig(picture, dpi=150)
print(f"Drawn: {picture}")
