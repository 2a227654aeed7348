# /// script
# requires-python = ">=3.11"
# dependencies = ["stac-fit-torch", "stac-wcd-cnn", "numpy>=1.26", "rich>=13", "torch>=2.4", "lightning>=2.4"]
#
# [tool.uv.sources]
# stac-fit-torch = { path = "../components/common/training/fit-torch", editable = true }
# stac-track-run = { path = "../components/common/tracking/track-run", editable = true }
# stac-wcd-cnn = { path = "../components/water-cherenkov/models/wcd-cnn", editable = true }
# ///
"""Training throughput of `fit_torch`: against a bare torch loop, Lightning's Trainer and tsai's Learner.

    uv run --no-config benchmarks/fit_torch.py
    uv run --no-config benchmarks/fit_torch.py --peer-python tsai/bin/python     # an environment with tsai

Each trains the same `WcdCnn` on 20,000 traces of 3x256 random values, in a process of its own. They take turns, so that
a noisy machine is unfair to all; printed are medians of the ratios within a turn. Where others compete for the cores,
`--threads 1` and the ratio of processor time say most: threads of torch that wait for each other keep a core busy.
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

SHAPE, BATCH, EPOCHS, RATE = (20_000, 3, 256), 256, 1, 1e-3
COMPONENTS = Path(__file__).resolve().parents[1] / "components"
SOURCES = ("common/training/fit-torch/src", "water-cherenkov/models/wcd-cnn/src")
NEEDS = {"bare torch loop": "torch", "fit_torch": "torch", "Lightning Trainer": "lightning", "tsai Learner": "tsai"}


def make(preset):
    """Return a network and the data."""
    import numpy as np
    import torch

    from stac.models.wcd_cnn import WcdCnn

    generator = np.random.default_rng(0)
    X, y = generator.normal(size=SHAPE).astype(np.float32), generator.integers(0, 2, SHAPE[0])
    torch.manual_seed(0)
    return WcdCnn(SHAPE[1], SHAPE[2], preset=preset), X, y


def bare_loop(network, X, y):
    import torch

    X, y = torch.from_numpy(X), torch.from_numpy(y)
    optimizer = torch.optim.AdamW(network.parameters(), RATE)

    def train():
        network.train()
        for _ in range(EPOCHS):
            for batch in torch.randperm(len(X)).split(BATCH):
                loss = torch.nn.functional.cross_entropy(network(X[batch]), y[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

    return train


def fit_torch_(network, X, y):
    from stac.training.fit_torch import fit_torch

    return lambda: fit_torch(network, (X, y), epochs=EPOCHS, batch_size=BATCH, learning_rate=RATE, progress=False)


def lightning_trainer(network, X, y):
    import logging
    import warnings

    import lightning
    import torch

    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.network = network

        def training_step(self, batch, _):
            return torch.nn.functional.cross_entropy(self.network(batch[0]), batch[1])

        def configure_optimizers(self):
            return torch.optim.AdamW(self.parameters(), RATE)

    data = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(y))
    loader = torch.utils.data.DataLoader(data, BATCH, shuffle=True)
    quiet = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False)
    return lambda: lightning.Trainer(max_epochs=EPOCHS, accelerator="cpu", **quiet).fit(Module(), loader)


def tsai_learner(network, X, y):
    import fastai.callback.progress  # noqa: F401 (adds no_bar)
    import torch
    from fastai.learner import Learner
    from tsai.data.core import TSClassification, get_ts_dls

    everything = list(range(len(X)))
    dls = get_ts_dls(
        X, y, splits=(everything, everything[:BATCH]), bs=BATCH, tfms=[None, [TSClassification()]], num_workers=0
    )
    learner = Learner(dls, network, loss_func=torch.nn.CrossEntropyLoss())
    learner._do_epoch_validate = lambda *_, **__: None  # the others do not validate here

    def train():
        with learner.no_bar(), learner.no_logging():
            learner.fit(EPOCHS, lr=RATE)

    return train


WORKERS = dict(zip(NEEDS, (bare_loop, fit_torch_, lightning_trainer, tsai_learner), strict=True))


def work(name, preset, threads):
    """Run in a process of its own: train when told to, and say how long it took, and how much of the processors."""
    sys.path[:0] = [str(COMPONENTS / source) for source in SOURCES]
    if threads:
        import torch

        torch.set_num_threads(threads)
    with contextlib.redirect_stdout(io.StringIO()):
        network, X, y = make(preset)
        train = WORKERS[name](network, X, y)
    print("ready", flush=True)
    for line in sys.stdin:
        started, busy = time.perf_counter(), time.process_time()
        if line.strip() == "share":
            answer = share_elsewhere(network, X, y)
        elif line.strip() == "predict":
            answer = traces_per_second(network, X)
        else:
            with contextlib.redirect_stdout(io.StringIO()):
                train()
            answer = time.perf_counter() - started, time.process_time() - busy
        print(json.dumps(answer), flush=True)


def share_elsewhere(network, X, y):
    """Return the share of a whole call of `fit_torch` outside of forward, backward, clipping and optimizer."""
    import torch

    from stac.training.fit_torch import _optimizer, fit_torch

    spent = [0.0]

    def timed(function):
        def wrapper(*arguments, **options):
            started = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                spent[0] += time.perf_counter() - started

        return wrapper

    def loss(output, target):
        return torch.nn.functional.cross_entropy(output, target)

    with contextlib.ExitStack() as stack:
        step = (_optimizer.AdamW, "step"), (torch.nn.utils, "clip_grad_norm_")
        for owner, method in ((type(network), "forward"), (torch.Tensor, "backward"), *step):
            original = getattr(owner, method)
            stack.callback(setattr, owner, method, original)
            setattr(owner, method, timed(original))
        started = time.perf_counter()
        fit_torch(network, (X, y), loss=timed(loss), epochs=2, batch_size=BATCH, progress=False)
        return 1 - spent[0] / (time.perf_counter() - started)


def traces_per_second(network, X):
    from stac.training.fit_torch import predict_torch

    predict_torch(network, X[:1024])
    started = time.perf_counter()
    predict_torch(network, X)
    return len(X) / (time.perf_counter() - started)


class Worker:
    """A process that trains when asked."""

    def __init__(self, python, name, options):
        command = [python, __file__, "--one", name, "--preset", options.preset, "--threads", str(options.threads)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit(f"{name} failed:\n{self.process.stderr.read()}")

    def ask(self, what):
        """Return what the process answers."""
        print(what, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(self.process.stderr.read())
        return json.loads(answer)


def find(module, interpreters):
    """Return the first interpreter that has a module."""
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return next((p for p in interpreters if subprocess.run([p, "-c", code], check=False).returncode == 0), None)


def ratio(theirs, ours):
    return f"{median(their / our for their, our in zip(theirs, ours, strict=True)):.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer-python", action="append", default=[], help="another interpreter to look for peers in")
    parser.add_argument("--preset", default="small", help="size of the WcdCnn (default: small)")
    parser.add_argument("--turns", type=int, default=5, help="how often each trains (default: 5)")
    parser.add_argument("--threads", type=int, default=0, help="of torch (default: as many as it likes)")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        work(options.one, options.preset, options.threads)
    else:
        report(options)


def report(options):
    from rich.console import Console
    from rich.table import Table

    console, workers = Console(width=120), {}
    for name, module in NEEDS.items():
        if python := find(module, [sys.executable, *options.peer_python]):
            workers[name] = Worker(python, name, options)
        else:
            console.print(f"[yellow]{name} is missing and left out; it comes with: uv pip install {module}")
    for worker in workers.values():
        worker.ask("warm up")
    seconds, busy = {name: [] for name in workers}, {name: [] for name in workers}
    for _ in range(options.turns):
        for name, worker in workers.items():
            for measured, value in zip((seconds, busy), worker.ask("train"), strict=True):
                measured[name].append(value)
    shares = sorted(workers["fit_torch"].ask("share") for _ in range(3))
    rates = sorted(workers["fit_torch"].ask("predict") for _ in range(3))
    for worker in workers.values():
        worker.process.stdin.close()
        worker.process.wait()

    title = f"{EPOCHS} epoch of {'x'.join(map(str, SHAPE))}, WcdCnn {options.preset}, batches of {BATCH}"
    table = Table("", "median s", "samples/s", "times fit_torch's time", "times its processor time", title=title)
    for name, times in seconds.items():
        ratios = (ratio(measured[name], measured["fit_torch"]) for measured in (seconds, busy))
        table.add_row(name, f"{median(times):.2f}", f"{EPOCHS * SHAPE[0] / median(times):,.0f}", *ratios)
    console.print(table)
    console.print(f"fit_torch spends {shares[1]:.1%} of its time outside of forward, backward, clipping and optimizer.")
    console.print(f"predict_torch: {rates[1]:,.0f} traces/s (best of three {rates[-1]:,.0f}).")


if __name__ == "__main__":
    main()
