"""The works of kernels.py: the same thing to do in the way of everyone, on which data, and what is compared."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from common import machine, ours, peers
from common.ours import N_JOBS, WINDOW, Data

Prepare = Callable[[Data], Callable[[], Any]]  # from the data to what is measured

APPENDED = 100
FEW = 100  # instances that the slowest peers are given
QUERIES = {"GunPoint": 150, "ItalyPowerDemand": 300, "ArrowHead": 60, "Trace": 40, "OSULeaf": 30}  # test series


def competitor(work: str, name: str) -> Prepare:
    """Return what a worker is to prepare and to measure."""
    return works()[work].competitors[name]


@dataclass(frozen=True)
class Work:
    """The same thing to do in the way of everyone, and how many times as fast as each peer we want to be."""

    part: str
    title: str
    data: Callable[[bool], Data]  # for a quick look, or in full
    ours: Prepare
    floor: tuple[str, Prepare]
    peers: dict[str, Prepare]
    kernel: Prepare | None = None  # without the component around it, where there is one
    goals: dict[str, float] = field(default_factory=dict)
    compare: Callable[[Data, np.ndarray, np.ndarray], str] | None = None  # theirs with ours; by default the values
    plain: Prepare | None = None  # in numpy; by default ours with the kernels switched off
    few: tuple[str, ...] = ()  # peers that get only the first few instances, their time scaled
    note: str | None = None  # below the table

    @property
    def competitors(self) -> dict[str, Prepare]:
        """Return who takes part, STAC first."""
        kernel = {"kernel alone": self.kernel} if self.kernel else {}
        plain = self.plain or switched_off(self.ours)
        peers = {name: on_few(prepare) if name in self.few else prepare for name, prepare in self.peers.items()}
        return {"STAC": self.ours, **kernel, "plain numpy": plain, "floor": self.floor[1], **peers}


def works() -> dict[str, Work]:
    return {work.title: work for work in (*minirocket_works(), *profile_works(), *dtw_works(), *series_works())}


def minirocket_works() -> list[Work]:
    shapes = {"2000x1x1000": (2000, 1, 1000), "1000x6x200": (1000, 6, 200)}
    sources = {title: partial(noise, shape) for title, shape in shapes.items()} | {"GunPoint": gunpoint}
    return [
        Work(
            "minirocket",
            f"MiniROCKET of {title}",
            source,
            ours=ours.minirocket,
            kernel=ours.minirocket_kernel,
            floor=("additions, comparisons, counts", ours.minirocket_floor),
            peers={
                "aeon": lambda data: partial(peers.aeon_minirocket(data["X"], N_JOBS), data["X"]),
                "sktime": lambda data: partial(peers.sktime_minirocket(data["X"], N_JOBS), data["X"]),
            },
            goals={"aeon": 2.5, "sktime": 2.5} if title != "1000x6x200" else {},
            compare=equal_features,
        )
        for title, source in sources.items()
    ]


def profile_works() -> list[Work]:
    def self_join(n: int) -> Work:
        return Work(
            "profile",
            f"matrix profile of {n:,}, windows of {WINDOW}",
            lambda quick: {"x": walk(n // 10 if quick else n)},
            ours=lambda data: ours.profile(data["x"]),
            kernel=ours.profile_kernel,
            floor=("arithmetic of all pairs", lambda data: ours.profile_floor(data["x"])),
            peers={"stumpy": lambda data: peers.stumpy_profile(data["x"])},
            goals={"stumpy": 6},
            compare=compare_neighbours,
        )

    return [
        self_join(20_000),
        self_join(50_000),
        Work(
            "profile",
            "matrix profile of 10,000 in another 20,000",
            lambda quick: {"x": walk(1_000 if quick else 10_000, 1), "other": walk(2_000 if quick else 20_000, 2)},
            ours=lambda data: ours.profile(data["x"], data["other"]),
            kernel=ours.profile_kernel,
            floor=("arithmetic of all pairs", lambda data: ours.profile_floor(data["x"], data["other"])),
            peers={"stumpy": lambda data: peers.stumpy_profile(data["x"], data["other"])},
            compare=compare_neighbours,
        ),
        Work(
            "profile",
            f"{APPENDED} points appended to 20,000 one by one",
            lambda quick: {"x": (x := walk(2_000 if quick else 20_000)), "points": x[-1] + walk(APPENDED, 1)},
            ours=ours.stream,
            kernel=ours.stream_kernel,
            floor=("arithmetic of all pairs", ours.stream_floor),
            peers={"stumpy": lambda data: peers.stumpy_stream(data["x"], data["points"])},
            compare=compare_neighbours,
        ),
    ]


def dtw_works() -> list[Work]:
    def search(name: str, window: float | None) -> Work:
        band = "no band" if window is None else f"a band of {window:.0%}"
        ways = {
            "aeon": peers.aeon_neighbours, "sktime": peers.sktime_neighbours, "tslearn": peers.tslearn_neighbours
        }  # fmt: skip
        return Work(
            "dtw",
            f"1-NN DTW on {name}, {QUERIES[name]} test series, {band}",
            partial(labelled, name),
            ours=partial(ours.neighbours, window),
            kernel=partial(ours.all_pairs_kernel, window),
            floor=("arithmetic of every cell", partial(ours.search_floor, window)),
            peers={
                peer: lambda data, way=way: partial(way(ours.band(window, data), N_JOBS), *map(data.get, "XyZ"))
                for peer, way in ways.items()
            },
            goals=dict.fromkeys(ways, 3.0),
            compare=count_apart,
            note="kernel alone: all pairs, none given up; the floor counts all their cells, too",
        )

    distances = Work(
        "dtw",
        "DTW distances among 60 series of OSULeaf, no band",
        lambda quick: {"X": labelled("OSULeaf", quick)["X"][: 10 if quick else 60]},
        ours=ours.dtw_distances,
        kernel=ours.dtw_kernel,
        floor=("arithmetic of every cell", ours.pairwise_floor),
        peers={"aeon": on_series(peers.aeon_distances), "tslearn": on_series(peers.tslearn_distances)},
    )
    return [*(search(name, window) for name, window in product(QUERIES, (None, 0.1))), distances]


def series_works() -> list[Work]:
    def correlations(n_lags: int) -> Work:
        return Work(
            "series",
            f"autocorrelation of 1000x1000 at {n_lags} lags",
            lambda quick: {"X": noise((100 if quick else 1000, 1, 1000))["X"][:, 0]},
            ours=partial(ours.autocorrelation, n_lags),
            # One product and one addition for each time point and lag.
            floor=("products", lambda data: machine.arithmetic(double_products=data["X"].size * n_lags)),
            peers={"statsmodels": on_series(partial(peers.statsmodels_autocorrelation, n_lags))},
            plain=partial(ours.fourier_autocorrelation, n_lags),
        )

    def series(quick: bool) -> Data:
        return {"X": noise((500 if quick else 10_000, 1, 1000))["X"] * 3 + 20}

    return [
        Work(
            "series",
            "z-scores of 10000x1x1000",
            series,
            ours=ours.z_scores,
            kernel=ours.z_scores_kernel,
            # A series stays in the cache between the passes over it: 4 bytes are read and 4 are written a point.
            floor=("X copied into a new array", lambda data: machine.copying(data["X"])),
            peers={
                "aeon": on_series(peers.aeon_z_scores),
                "tslearn": on_series(peers.tslearn_z_scores),
                "sktime": on_series(peers.sktime_z_scores),
                "tsai": on_series(peers.tsai_z_scores),
            },
            goals={"aeon": 10},
            few=("sktime",),
        ),
        Work(
            "series",
            "windows of 100 in 3x100,000, copied",
            lambda quick: {"X": noise((3, 5_000 if quick else 100_000))["X"]},
            ours=ours.windows,
            kernel=ours.windows_kernel,
            # A point is read once and stays in the cache; 4 bytes are written for each point of each window.
            floor=("X read, the result written", ours.windows_floor),
            peers={"aeon": on_series(peers.aeon_windows), "tsai": on_series(peers.tsai_windows)},
            goals={"aeon": 10, "tsai": 10},
        ),
        Work(
            "series",
            "resampling 10000x1x1000 to 500",
            series,
            ours=ours.resample,
            kernel=ours.resample_kernel,
            # 4 bytes are read for each point before, and 4 written for each point after.
            floor=("X read, the result written", ours.resample_floor),
            peers={
                "aeon": on_series(peers.aeon_resample),
                "tslearn": on_series(peers.tslearn_resample),
                "sktime": on_series(peers.sktime_resample),
                "tsai": on_series(peers.tsai_resample),
            },
            goals={"aeon": 20, "tsai": 1},
            few=("tslearn", "sktime"),
            note="tsai places the points otherwise than all others",
        ),
        Work(
            "series",
            "mean, deviation, minimum, maximum of windows of 100 in 1,000,000",
            lambda quick: {"X": noise((1, 50_000 if quick else 1_000_000))["X"][0]},
            ours=ours.rolling,
            # 4 bytes are read, two times 8 and two times 4 are written for each window.
            floor=("X read, the results written", ours.rolling_floor),
            peers={"pandas": on_series(peers.pandas_rolling)},
            plain=ours.numpy_rolling,
        ),
        correlations(20),
        correlations(200),
    ]


# ------------------------------------------------------------------------------------ other ways to take part


def on_series(load: Callable[[], peers.Function]) -> Prepare:
    """Return what calls a peer's function on the series."""
    return lambda data: partial(load(), data["X"])


def on_few(prepare: Prepare) -> Prepare:
    return lambda data: prepare(data | {"X": data["X"][:FEW]})


def switched_off(prepare: Prepare) -> Prepare:
    """Return the same without the kernels: what a component does in numpy where they are not installed."""

    def prepared(data: Data) -> Callable[[], Any]:
        from stac.numerics.kernels import use_instruction_set

        with use_instruction_set("off"):
            work = prepare(data)

        def run() -> Any:
            with use_instruction_set("off"):
                return work()

        return run

    return prepared


# ------------------------------------------------------------------------------------ data


def noise(shape: tuple[int, ...], quick: bool = False) -> Data:
    shape = (shape[0] // 20, *shape[1:]) if quick else shape
    return {"X": np.random.default_rng(0).normal(size=shape).astype(np.float32)}


def walk(n: int, seed: int = 0) -> np.ndarray:
    # In single precision, as our kernels take it: then all have the same numbers.
    return np.random.default_rng(seed).normal(size=n).cumsum().astype(np.float32).astype(float)


def gunpoint(quick: bool) -> Data:
    from stac.data_ingestion.ucr_archive import load_ucr

    X, _, Z, _ = load_ucr("GunPoint")
    return {"X": X if quick else np.concatenate([X, Z])}


def labelled(name: str, quick: bool) -> Data:
    from stac.data_ingestion.ucr_archive import load_ucr

    X, y, Z, _ = load_ucr(name)
    return {"X": X, "y": y, "Z": Z[: 4 if quick else QUERIES[name]]}


# ------------------------------------------------------------------------------------ do they say the same


def largest_difference(data: Data, ours: np.ndarray, theirs: np.ndarray) -> str:
    theirs = theirs.reshape(-1, *ours.shape[1:]) if theirs.ndim == ours.ndim else theirs.reshape(ours.shape)
    return f"apart by at most {np.abs(theirs.astype(float) - ours[: len(theirs)]).max():.0e}"


def equal_features(data: Data, ours: np.ndarray, theirs: np.ndarray) -> str:
    return f"{np.mean(ours == theirs):.3%} of features equal" if ours.shape == theirs.shape else "other features"


def count_apart(data: Data, ours: np.ndarray, theirs: np.ndarray) -> str:
    return f"{np.count_nonzero(ours.astype(str) != theirs.astype(str))} of {len(ours)} labels differ"


def compare_neighbours(data: Data, ours: np.ndarray, theirs: np.ndarray) -> str:
    """Say how many neighbours differ, and by how much correlations with both do: ties differ by rounding alone."""
    apart = np.abs(ours[0] - theirs[0]).max()
    different = np.flatnonzero(ours[1] != theirs[1])
    text = f"distances to {apart:.0e}; {len(different)} of {ours.shape[1]:,} neighbours differ"
    if not len(different):
        return text
    past = np.concatenate([data["x"], data.get("points", [])])  # windows of appended points end there
    first = len(past) - WINDOW + 1 - ours.shape[1]
    other = data.get("other", past)
    gaps = []
    for i in different:
        window = past[first + i : first + i + WINDOW]
        both = [exact_correlation(window, other[int(j[i]) :][:WINDOW]) for j in (ours[1], theirs[1])]
        gaps.append(float(abs(both[0] - both[1])))
    return f"{text}, whose correlations differ by at most {max(gaps):.0e}"


def exact_correlation(a: np.ndarray, b: np.ndarray) -> np.longdouble:
    a, b = (part.astype(np.longdouble) - part.astype(np.longdouble).mean() for part in (a, b))
    return (a @ b) / np.sqrt((a @ a) * (b @ b))
