"""One loop trains, restores the best weights, resumes bit for bit after a kill, and says what is wrong in one line."""

import os
import pickle
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from stac.testing.component_checks import assert_clear_error, package_checks
from stac.tracking.track_run import read_run, track_run
from stac.training.fit_torch import fit_torch, predict_torch
from stac.training.fit_torch._data import as_data
from stac.training.fit_torch._losses import auc, class_weights, make_loss
from stac.training.fit_torch._memory import glibc, kept_memory
from stac.training.fit_torch._optimizer import AdamW
from stac.training.fit_torch._schedule import rate_factor
from stac.training.fit_torch._settings import chosen_precision

torch.set_num_threads(1)  # the tests are small, and run beside others
COMPONENT = Path(__file__).parents[1]
GENERATOR = np.random.default_rng(0)
Y = np.arange(240) % 2
X = (GENERATOR.normal(size=(240, 2, 24)) + Y[:, None, None] * np.linspace(0, 0.7, 24)).astype(np.float32)
TRAIN, VALIDATION = (X[:160], Y[:160]), (X[160:], Y[160:])
OPTIONS = {"epochs": 4, "batch_size": 40, "learning_rate": 0.01, "device": "cpu", "precision": "float32"}


def new_network(n_outputs=2, seed=0):
    torch.manual_seed(seed)
    return torch.nn.Sequential(
        torch.nn.Conv1d(2, 6, 5), torch.nn.BatchNorm1d(6), torch.nn.ReLU(), torch.nn.Dropout(0.2),
        torch.nn.Flatten(), torch.nn.Linear(120, n_outputs),
    )  # fmt: skip


def assert_same(one, other):
    for name, x in one.state_dict().items():
        assert torch.equal(x, other.state_dict()[name]), name


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


# What it does


def test_training_learns_and_reports():
    network = new_network()
    result = fit_torch(network, TRAIN, VALIDATION, monitor="auc", **OPTIONS | {"epochs": 8})
    assert result.best_score > 0.8
    assert [record["epoch"] for record in result.history] == list(range(1, 9))
    assert set(result.history[0]) == {
        "epoch", "train_loss", "validation_loss", "validation_auc", "learning_rate", "seconds",
    }  # fmt: skip
    assert result.network is network
    assert not network.training


def test_best_weights_are_restored():
    worse = [0.1, 0.9, 0.2, 0.3]
    weights = []

    def monitor(target, output):
        weights.append([x.clone() for x in network.parameters()])
        return worse[len(weights) - 1]

    network = new_network()
    result = fit_torch(network, TRAIN, VALIDATION, monitor=monitor, **OPTIONS)
    assert (result.best_epoch, result.best_score) == (2, 0.9)
    assert all(torch.equal(x, best) for x, best in zip(network.parameters(), weights[1], strict=True))


def test_patience_stops_when_nothing_improves():
    def monitor(target, output):
        return 0.5

    assert len(fit_torch(new_network(), TRAIN, VALIDATION, monitor=monitor, patience=2, **OPTIONS).history) == 3


def test_same_seed_same_weights_other_seed_others():
    networks = [new_network() for _ in range(3)]
    for network, seed in zip(networks, (1, 1, 2), strict=True):
        torch.rand(7)  # what happened before does not matter
        fit_torch(network, TRAIN, seed=seed, **OPTIONS)
    assert_same(networks[0], networks[1])
    assert not torch.equal(networks[0][0].weight, networks[2][0].weight)


def test_generators_and_settings_of_the_caller_stay():
    torch.manual_seed(5)
    np.random.seed(5)
    expected = torch.rand(1), np.random.rand()
    torch.manual_seed(5)
    np.random.seed(5)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.LazyLinear(2))
    fit_torch(network, TRAIN, **OPTIONS)
    assert (torch.rand(1), np.random.rand()) == expected
    assert not torch.are_deterministic_algorithms_enabled()
    assert sys.float_info.min * 0.5 > 0


def test_several_inputs_and_none_reach_the_network():
    class Network(torch.nn.Linear):
        def forward(self, x, mask, features):
            assert mask is None
            return super().forward(x) + features[:, :2]

    inputs = (X[:, 0], None, X[:, 1])
    network = Network(24, 2)
    fit_torch(network, (inputs, Y), **OPTIONS)
    assert predict_torch(network, inputs, batch_size=7).shape == (240, 2)


def test_augmentation_sees_training_batches_and_a_generator():
    seen = []

    def augment(inputs, generator):
        seen.append(torch.rand(1, generator=generator).item())
        return (inputs[0] * 2,)

    fit_torch(new_network(), TRAIN, VALIDATION, augment=augment, **OPTIONS)
    assert len(seen) == len(set(seen)) == 16


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "mse", "huber", functional.l1_loss])
def test_losses_for_values(loss):
    result = fit_torch(new_network(1), (X, Y[:, None].astype(float)), loss=loss, **OPTIONS)
    assert result.history[-1]["train_loss"] < result.history[0]["train_loss"]


def test_float_target_of_one_column_fits_an_output_of_one_column():
    assert fit_torch(new_network(1), (X, Y), loss="binary_cross_entropy", class_weight="balanced", **OPTIONS).history


def test_training_runs_in_bfloat16():
    result = fit_torch(new_network(), TRAIN, VALIDATION, **OPTIONS | {"precision": "bfloat16"})
    assert result.history[-1]["train_loss"] < result.history[0]["train_loss"]


def test_auto_precision_is_bfloat16_only_where_the_processor_has_it(monkeypatch):
    for has in (True, False):
        monkeypatch.setattr(
            torch.cpu, "get_capabilities", lambda has=has: {"amx_bf16": has, "avx2": True}, raising=False
        )
        assert chosen_precision("auto", torch.device("cpu")) == ("bfloat16" if has else "float32")


@pytest.mark.skipif(glibc() is None, reason="only glibc can be told to keep memory")
def test_freed_memory_is_kept_inside_and_given_back_afterwards():
    import resource  # where there is glibc, it is there

    def pages_of_twenty_blocks():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(20):
            torch.ones(2**24)  # 64 MB
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    with kept_memory():
        with kept_memory():
            pass  # the end of one within does not end it
        pages_of_twenty_blocks()  # the first ones have to be fetched
        inside = pages_of_twenty_blocks()
    assert inside < pages_of_twenty_blocks() / 2


def test_denormals_are_flushed_only_inside():
    tiny, seen = torch.full((1000,), 1e-38), []

    class Spy(torch.nn.Linear):
        def forward(self, x):
            if len(x) > 2:  # not the two samples that are tried first
                seen.append(int((tiny * 0.1).count_nonzero()))
            return super().forward(x)

    network = Spy(10, 2)
    fit_torch(network, (torch.randn(32, 10), torch.arange(32) % 2), epochs=1)
    predict_torch(network, torch.randn(32, 10))
    assert set(seen) == {0}
    assert (tiny * 0.1).count_nonzero() == 1000


@pytest.mark.parametrize(("width", "n_threads"), [(8, {1}), (20_000, {2})])
def test_small_networks_get_one_thread_and_large_ones_all_that_torch_may_use(request, width, n_threads):
    torch.set_num_threads(2)
    request.addfinalizer(lambda: torch.set_num_threads(1))
    seen = set()

    class Spy(torch.nn.Module):
        def forward(self, x):
            if len(x) > 2:  # not the two samples that are tried first
                seen.add(torch.get_num_threads())
            return x

    network = torch.nn.Sequential(torch.nn.Linear(500, width), Spy(), torch.nn.Linear(width, 2))
    X, y = torch.randn(32, 500), torch.arange(32) % 2
    fit_torch(network, (X, y), epochs=1, batch_size=32)
    predict_torch(network, X)
    assert seen == n_threads
    assert torch.get_num_threads() == 2


def test_a_run_is_logged(tmp_path):
    with track_run("test", "fit", runs_folder=tmp_path, clearml="off") as run:
        fit_torch(new_network(), TRAIN, VALIDATION, monitor="auc", run=run, **OPTIONS)
    scalars = read_run(run.folder).scalars
    assert set(scalars) == {"train/loss", "validation/loss", "validation/auc", "learning_rate", "seconds_per_epoch"}
    assert [step for step, *_ in scalars["train/loss"]] == [1, 2, 3, 4]


def test_trainings_of_one_run_are_told_apart_by_name(tmp_path):
    with track_run("test", "fit", runs_folder=tmp_path, clearml="off") as run:
        for name in ("cnn", "rnn"):
            fit_torch(new_network(), TRAIN, run=run, name=name, **OPTIONS)
    assert {"cnn/train/loss", "rnn/train/loss"} <= set(read_run(run.folder).scalars)


def test_nothing_is_printed_without_a_terminal(capsys):
    fit_torch(new_network(), TRAIN, progress=True, **OPTIONS)
    assert capsys.readouterr() == ("", "")


def test_progress_at_a_terminal_has_a_line_for_each_epoch(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    fit_torch(new_network(), TRAIN, VALIDATION, **OPTIONS)
    lines = capsys.readouterr().err
    assert all(f"epoch {epoch}/4  train loss" in lines for epoch in range(1, 5))


# The parts


def test_one_cycle_is_that_of_torch():
    optimizer = AdamW([torch.zeros(1, requires_grad=True)], lr=1)
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2.0, total_steps=50, cycle_momentum=False)
    for step in range(50):
        assert 2 * rate_factor("one_cycle", step, 50, 0.3) == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-9)
        optimizer.step()
        if step < 49:
            theirs.step()


@given(st.sampled_from(["one_cycle", "cosine", "constant"]), st.integers(1, 60), st.floats(0, 0.99))
@settings(max_examples=25, deadline=None)
def test_learning_rate_stays_between_zero_and_the_highest(schedule, n_steps, warmup):
    factors = [rate_factor(schedule, step, n_steps, warmup) for step in range(n_steps)]
    assert 0 <= min(factors) <= max(factors) <= 1 + 1e-12


@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=2, max_size=30))
@settings(max_examples=25, deadline=None)
def test_auc_counts_pairs(pairs):
    target, score = np.array(pairs).T
    if 0 < target.sum() < len(target):
        wins = [(p > n) + (p == n) / 2 for p in score[target == 1] for n in score[target == 0]]
        assert auc(target, score.astype(np.float32)) == pytest.approx(np.mean(wins))


def test_class_weights_are_balanced_and_losses_are_means_over_samples():
    target = torch.tensor([0, 0, 0, 1])
    weights = class_weights("balanced", target, 2)
    torch.testing.assert_close(weights, torch.tensor([2 / 3, 2]))
    output = torch.randn(4, 2)
    each = functional.cross_entropy(output, target, reduction="none")
    torch.testing.assert_close(make_loss("cross_entropy", weights)(output, target), (each * weights[target]).mean())
    difference = output[:, 1] - output[:, 0]
    binary = make_loss("binary_cross_entropy", weights)(difference, target.float())
    torch.testing.assert_close(binary, (each * weights[target]).mean())


@given(st.integers(1, 40), st.integers(1, 12))
@settings(max_examples=25, deadline=None)
def test_any_number_of_samples_and_batch_size_train(n, batch_size):
    network = torch.nn.Linear(24, 2)
    result = fit_torch(network, (X[:n, 0], Y[:n]), epochs=1, batch_size=batch_size, device="cpu")
    assert np.isfinite(result.history[0]["train_loss"])


def test_predictions_do_not_depend_on_batches_nor_change_the_network():
    network = new_network().train()
    whole = predict_torch(network, X, device="cpu", activation="softmax")
    np.testing.assert_allclose(
        whole, predict_torch(network, X, batch_size=7, device="cpu", activation="softmax"), atol=1e-6
    )
    np.testing.assert_allclose(whole.sum(axis=1), 1, atol=1e-6)
    assert network.training


# Checkpoints

KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from test_fit_torch import *
fit_torch(new_network(), TRAIN, VALIDATION, checkpoint=sys.argv[2], augment=Augment(kill_at=10), **OPTIONS)
"""
SLOW = """
import sys, time
sys.path.insert(0, sys.argv[1])
from test_fit_torch import *
def slowly(inputs, generator):
    print("batch", flush=True)
    time.sleep(0.02)
    return inputs
try:
    fit_torch(new_network(), TRAIN, augment=slowly, checkpoint=sys.argv[2], **OPTIONS | {"epochs": 10_000})
except KeyboardInterrupt:
    print("interrupted")
"""


def started(code, checkpoint):
    command = [sys.executable, "-c", code, str(COMPONENT / "tests"), str(checkpoint)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


@dataclass(repr=False)
class Augment:
    """Adds noise, and kills the process in a batch."""

    kill_at: int = 0
    n_calls: int = 0

    def __repr__(self):
        return "Augment()"

    def __call__(self, inputs, generator):
        self.n_calls += 1
        if self.n_calls == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return (inputs[0] + 0.1 * torch.randn(inputs[0].shape, generator=generator),)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_training_resumes_to_the_same_bits(tmp_path):
    checkpoint = tmp_path / "network.pt"
    assert started(KILLED, checkpoint).wait(120) == -signal.SIGKILL  # in the third epoch
    resumed = fit_torch(new_network(seed=3), TRAIN, VALIDATION, checkpoint=checkpoint, augment=Augment(), **OPTIONS)
    in_one_go = fit_torch(new_network(), TRAIN, VALIDATION, augment=Augment(), **OPTIONS)
    assert_same(resumed.network, in_one_go.network)
    assert (resumed.best_epoch, resumed.best_score) == (in_one_go.best_epoch, in_one_go.best_score)
    for one, other in zip(resumed.history, in_one_go.history, strict=True):
        assert one | {"seconds": 0} == other | {"seconds": 0}


class StopAfter:
    """A run in whose log a person presses Ctrl-C."""

    def __init__(self, epoch):
        self.epoch, self.steps = epoch, []

    def log_scalars(self, values, step):
        self.steps.append(step)
        if step == self.epoch:
            raise KeyboardInterrupt


@pytest.mark.parametrize("epoch", [1, 3])
def test_an_interrupted_training_resumes_and_logs_all_epochs(tmp_path, epoch):
    checkpoint, run = tmp_path / "network.pt", StopAfter(None)
    with pytest.raises(KeyboardInterrupt):
        fit_torch(new_network(), TRAIN, VALIDATION, checkpoint=checkpoint, run=StopAfter(epoch), **OPTIONS)
    resumed = fit_torch(new_network(), TRAIN, VALIDATION, checkpoint=checkpoint, run=run, **OPTIONS)
    assert_same(resumed.network, fit_torch(new_network(), TRAIN, VALIDATION, **OPTIONS).network)
    assert run.steps == [1, 2, 3, 4]


@pytest.mark.skipif(os.name == "nt", reason="signals differ there")
def test_ctrl_c_in_the_middle_of_an_epoch_ends_the_training(tmp_path):
    process = started(SLOW, tmp_path / "network.pt")
    for _ in range(10):
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=120)
    assert (process.returncode, out.splitlines()[-1]) == (0, "interrupted")
    assert (tmp_path / "network.pt").exists()


def test_a_finished_training_is_not_repeated(tmp_path):
    checkpoint = tmp_path / "network.pt"
    first = fit_torch(new_network(), TRAIN, VALIDATION, checkpoint=checkpoint, **OPTIONS)
    written = checkpoint.stat().st_mtime_ns
    second = fit_torch(new_network(seed=9), TRAIN, VALIDATION, checkpoint=checkpoint, **OPTIONS)
    assert_same(first.network, second.network)
    assert checkpoint.stat().st_mtime_ns == written
    assert [path.name for path in tmp_path.iterdir()] == ["network.pt"]


def test_more_epochs_continue_a_constant_schedule(tmp_path):
    options = OPTIONS | {"schedule": "constant", "checkpoint": tmp_path / "network.pt"}
    fit_torch(new_network(), TRAIN, **options | {"epochs": 2})
    longer = fit_torch(new_network(), TRAIN, **options)
    assert_same(longer.network, fit_torch(new_network(), TRAIN, **options | {"resume": False}).network)


def test_a_checkpoint_of_another_training_is_explained(tmp_path):
    checkpoint = tmp_path / "network.pt"

    def fit(network=None, train=TRAIN, **options):
        fit_torch(network or new_network(), train, VALIDATION, checkpoint=checkpoint, **OPTIONS | options)

    fit()
    kept = checkpoint.read_bytes()
    assert_clear_error(
        fit, torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 2)), mentions=("another network",)
    )
    assert_clear_error(fit, train=(X[:150], Y[:150]), mentions=("other data", "resume=False"))
    assert_clear_error(fit, train=(X[:160] + 1, Y[:160]), mentions=("other data",))
    assert_clear_error(fit, learning_rate=0.02, mentions=("other settings", "learning_rate", "0.01", "0.02"))
    assert checkpoint.read_bytes() == kept
    fit(learning_rate=0.02, resume=False)
    assert checkpoint.read_bytes() != kept


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_damaged_and_malicious_checkpoints_are_refused(tmp_path):
    checkpoint = tmp_path / "network.pt"
    fit_torch(new_network(), TRAIN, checkpoint=checkpoint, **OPTIONS)

    class Malicious:
        def __reduce__(self):
            return Path.touch, (tmp_path / "executed",)

    for content in (checkpoint.read_bytes()[:-500], b"", b"text", pickle.dumps(Malicious())):
        checkpoint.write_bytes(content)
        assert_clear_error(fit_torch, new_network(), TRAIN, checkpoint=checkpoint, mentions=("checkpoint",), **OPTIONS)
    assert not (tmp_path / "executed").exists()


def test_a_loss_that_becomes_nan_keeps_the_last_good_checkpoint(tmp_path):
    checkpoint = tmp_path / "network.pt"

    def break_in_third_epoch(inputs, generator):
        break_in_third_epoch.n += 1
        return (inputs[0] * (float("nan") if break_in_third_epoch.n > 9 else 1),)

    break_in_third_epoch.n = 0
    arguments = {"checkpoint": checkpoint, "augment": break_in_third_epoch, **OPTIONS}
    assert_clear_error(fit_torch, new_network(), TRAIN, mentions=("NaN", "learning_rate", "epoch 2"), **arguments)
    break_in_third_epoch.n = -100
    assert len(fit_torch(new_network(), TRAIN, **arguments).history) == 4


# Bad input


def test_bad_data_is_explained():
    def fit(train=TRAIN, validation=None, network=None, **options):
        fit_torch(network or new_network(), train, validation, **OPTIONS | options)

    holes = X.copy()
    holes[3, 1, 7] = holes[5] = np.nan
    assert_clear_error(fit, (holes, Y), mentions=("49 values", "(3, 1, 7)", "NaN"))
    target = Y.astype(float)
    target[9] = np.inf
    assert_clear_error(fit, (X, target), loss="mse", network=new_network(1), mentions=("target", "infinite", "(9,)"))
    assert_clear_error(fit, (X[:0], Y[:0]), mentions=("empty",))
    assert_clear_error(fit, (X, Y[:-1]), mentions=("240", "239"))
    assert_clear_error(fit, ((X, X[:5]), Y), mentions=("different lengths",))
    assert_clear_error(fit, (X, np.array(["a", "b"])[Y]), mentions=("numpy.unique",))
    assert_clear_error(fit, X, mentions=("pair",))
    assert_clear_error(fit, (X[:, :, :10], Y), mentions=("(2, 2, 10)",))
    assert_clear_error(fit, TRAIN, (X[:, :1], Y), mentions=("differ",))
    assert_clear_error(fit, (X, Y.astype(float)), mentions=("cross_entropy", "float32", "astype(int)"))
    assert_clear_error(fit, (X, Y + 1), mentions=("class 2", "n_outputs=3"))
    assert_clear_error(fit, (X, Y - 1), mentions=("-1",))
    assert_clear_error(fit, (X, Y * 3), loss="binary_cross_entropy", mentions=("0 to 1",))
    assert_clear_error(fit, (X, Y), loss="mse", mentions=("(2, 2)", "(2,)"))
    assert_clear_error(fit, (X, Y * 0), class_weight="balanced", mentions=("[1]",))
    assert_clear_error(fit, TRAIN, (X, Y * 0), monitor="auc", mentions=("auc", "two classes"))
    assert_clear_error(fit, TRAIN, patience=3, mentions=("patience", "validation"))
    assert_clear_error(fit, TRAIN, monitor="auc", mentions=("validation",))
    assert_clear_error(fit, network=torch.nn.Flatten(), mentions=("parameters",))


def test_bad_parameters_are_explained():
    for options, mentions in (
        ({"loss": "focal"}, ("focal", "huber")),
        ({"schedule": "linear"}, ("one_cycle", "cosine", "constant")),
        ({"monitor": "accuracy"}, ("loss", "auc")),
        ({"precision": "float64"}, ("bfloat16",)),
        ({"precision": "float16"}, ("GPU",)),
        ({"device": "gpu"}, ("cuda",)),
        ({"epochs": 0}, ("at least 1",)),
        ({"epochs": 2.5}, ("whole number",)),
        ({"learning_rate": -1}, ("above 0",)),
        ({"learning_rate": "fast"}, ("number",)),
        ({"gradient_clip": 0}, ("gradient_clip",)),
        ({"warmup": 1.5}, ("share",)),
        ({"augment": 3}, ("augment",)),
        ({"class_weight": "inverse"}, ("balanced",)),
        ({"class_weight": [1, 2, 3]}, ("2 finite numbers",)),
        ({"class_weight": "balanced", "loss": "mse"}, ("class_weight",)),
        ({"nodes": 2}, ("torchrun",)),
        ({"checkpoint": "."}, ("folder", "network.pt")),
        ({"devices": 400}, ("batch_size",)),
    ):
        assert_clear_error(fit_torch, new_network(), TRAIN, mentions=mentions, **OPTIONS | options)
    assert_clear_error(predict_torch, new_network(), X, activation="relu", mentions=("softmax", "sigmoid"))
    assert_clear_error(predict_torch, new_network(), X[:0], mentions=("empty",))


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int16, np.uint16, ">f4", bool])
def test_numbers_of_any_type_are_taken(dtype):
    x = as_data((X[:4].astype(dtype), Y[:4]), "train").inputs[0]
    np.testing.assert_array_equal(x.numpy(), X[:4].astype(dtype))


def test_inputs_are_not_copied_nor_changed():
    before = X.copy()
    X.flags.writeable = False
    try:
        data = as_data((X, Y), "train")
        fit_torch(new_network(), TRAIN, **OPTIONS)
    finally:
        X.flags.writeable = True
    assert data.inputs[0].data_ptr() == X.ctypes.data
    np.testing.assert_array_equal(X, before)


# Several processes


def test_two_processes_train_as_one(tmp_path):
    pytest.importorskip("lightning_fabric")
    options = OPTIONS | {"batch_size": 33, "epochs": 2, "monitor": "auc"}
    networks = [torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 2)) for _ in range(2)]
    networks[1].load_state_dict(networks[0].state_dict())
    one = fit_torch(networks[0], TRAIN, VALIDATION, class_weight="balanced", **options)
    two = fit_torch(networks[1], TRAIN, VALIDATION, class_weight="balanced", devices=2, **options)
    torch.testing.assert_close(networks[0].state_dict(), networks[1].state_dict(), atol=1e-5, rtol=1e-4)
    for a, b in zip(one.history, two.history, strict=True):
        assert a | {"seconds": 0} == pytest.approx(b | {"seconds": 0}, abs=1e-5)
