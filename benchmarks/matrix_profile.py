# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "stumpy>=1.14", "numpy", "rich", "stac-kernels", "stac-matrix-profile", "stac-check-series", "stac-window-length",
# ]
#
# [tool.uv.sources]
# stac-kernels = { path = "../components/common/numerics/kernels", editable = true }
# stac-series-estimator = { path = "../components/common/training/series-estimator", editable = true }
#
# [tool.uv.sources.stac-matrix-profile]
# path = "../components/time-series-anomaly-detection/models/matrix-profile"
# editable = true
#
# [tool.uv.sources.stac-check-series]
# path = "../components/time-series-anomaly-detection/data-processing/check-series"
# editable = true
#
# [tool.uv.sources.stac-window-length]
# path = "../components/time-series-anomaly-detection/data-processing/window-length"
# editable = true
# ///
"""Matrix profiles of random walks, windows of 100: import and first use beside stumpy's; what a part of the work gives.

Run `uv run --no-config benchmarks/matrix_profile.py [n ...]`. The warm speed stands beside that of the other kernels,
in `kernels.py --parts profile`.
"""

import argparse
from statistics import median

import numpy as np
from common.turns import find_peers, show_first_use
from rich.console import Console

from stac.models.matrix_profile import matrix_profile

SIZES = (5_000, 20_000, 50_000)
WINDOW = 100

IMPORTS = {
    "ours": "from stac.models.matrix_profile import matrix_profile as profile",
    "stumpy": "from stumpy import stump as profile",
}
FIRST_USE = """
import json, sys, time
start = time.perf_counter()
import numpy as np
{imports}
imported = time.perf_counter()
profile(np.random.default_rng(0).normal(size=int(sys.argv[1])).cumsum(), int(sys.argv[2]))
print(json.dumps([imported - start, time.perf_counter() - imported]))
"""


def main() -> None:
    """Print a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES), help="time points")
    parser.add_argument("--peer-python", action="append", default=[], help="another interpreter to look for stumpy in")
    arguments = parser.parse_args()
    found = find_peers(["stumpy"], arguments.peer_python)
    for n in arguments.sizes:
        cold(found, n)
    Console(width=120).print(anytime(arguments.sizes[-1]))


def cold(pythons: dict[str, str], n: int) -> None:
    """Import and first use in a new process."""
    codes = {name: FIRST_USE.format(imports=imports) for name, imports in IMPORTS.items()}
    show_first_use(f"First use: import, and the matrix profile of {n:,} time points", codes, pythons, n, WINDOW)


def anytime(n: int) -> str:
    """Say how good the profile is after a tenth of the work."""
    series = np.random.default_rng(0).normal(size=n).cumsum()
    whole, part = matrix_profile(series, WINDOW), matrix_profile(series, WINDOW, share=0.1)
    error = median(part.distances / whole.distances) - 1
    return f"n = {n:,}: after {part.share:.0%} of the comparisons, distances are too large by {error:.1%} in the median"


if __name__ == "__main__":
    main()
