"""The training loop."""

import math
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ._checkpoint import State, describe_network
from ._data import Data
from ._engine import Engine, controlled, seed_epoch
from ._losses import auc, check_classes, class_weights, make_loss
from ._optimizer import AdamW
from ._predict import probe
from ._progress import Progress
from ._schedule import rate_factor
from ._settings import Settings, chosen_precision
from ._threads import tuned_processor

STEPS_BETWEEN_CHECKS = 50  # for NaN on a GPU, which has to be waited for; on the CPU every step is checked


class Training:
    """One training: made once, then `run`."""

    def __init__(
        self, network: nn.Module, train: Data, validation: Data | None, settings: Settings, engine: Engine,
        progress: Progress, log: Callable[..., None] | None,
    ) -> None:  # fmt: skip
        self.network, self.settings, self.engine = network, settings, engine
        self.train, self.validation = train, validation
        self.progress, self.log = progress, log
        self.device = engine.device
        self.precision = chosen_precision(settings.precision, self.device)
        self.n_batches = math.ceil(len(train) / settings.batch_size)

    def run(self) -> State:
        """Train, and leave the best weights in the network."""
        with controlled(self.device, self.settings.deterministic), self.progress:
            seed_epoch(self.settings.seed, 0, 0, self.device)  # for networks that make their weights when first called
            self._prepare()
            samples, _ = self.train.head(2, self.device)
            with tuned_processor(self.network, samples, self.settings.batch_size, self.device):
                state = self._start_or_resume()
                while len(state.history) < self.settings.epochs and not self._is_out_of_patience(state):
                    self._train_and_record(state)
            self.network.load_state_dict(state.best)
        return state

    def _prepare(self) -> None:
        settings, train, validation = self.settings, self.train, self.validation
        self.network.to(self.device)
        self.train, self.validation = train.to(self.device), validation and validation.to(self.device)
        output = probe(self.network, *self.train.head(2, self.device), settings.loss)
        n_classes = output.shape[1] if settings.loss == "cross_entropy" else 2
        parts = (("train", train), ("validation", validation))
        for name, data in parts:
            if data and settings.loss == "cross_entropy":
                check_classes(data.target, n_classes, name)
        weights = class_weights(settings.class_weight, train.target, n_classes)
        self.loss = make_loss(settings.loss, weights if weights is None else weights.to(self.device))
        self.forward = self.engine.wrap(self.network)
        self.about = {
            "network": describe_network(self.network),
            "data": {name: data.describe() for name, data in parts if data and settings.checkpoint},
            "settings": settings.describe() | {"precision": self.precision},
        }

    def _start_or_resume(self) -> State:
        settings = self.settings
        optimizer = AdamW(
            self.network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay, fused=True
        )
        scaler = torch.amp.GradScaler(self.device.type, enabled=self.precision == "float16")
        state = State(self.network, optimizer, scaler)
        if settings.checkpoint and settings.resume and settings.checkpoint.exists():
            state.load(settings.checkpoint, self.about, self.device)
            self.progress.say(f"{settings.checkpoint}: resumed after epoch {len(state.history)}")
            for record in state.history:
                self._log(record)
        return state

    def _is_out_of_patience(self, state: State) -> bool:
        patience = self.settings.patience
        return patience is not None and len(state.history) - state.best_epoch >= patience

    def _train_and_record(self, state: State) -> None:
        epoch, started = len(state.history) + 1, time.perf_counter()
        rate, train_loss = self._train_epoch(state, epoch)
        self.engine.align(self.network)
        record = {"epoch": epoch, "train_loss": train_loss}
        if self.validation:
            record |= self._validate(self.validation, epoch)
        record |= {"learning_rate": rate, "seconds": time.perf_counter() - started}
        record = self.engine.agree(record)
        score = record[self._monitored]
        if is_best := not self.validation or not state.best or self._is_better(score, state.best_score):
            state.keep_best(epoch, score)
        state.history.append(record)
        if self.settings.checkpoint and self.engine.rank == 0:
            state.save(self.settings.checkpoint, self.about)
        self.progress.end(record, is_best and self.validation is not None)
        self._log(record)

    def _train_epoch(self, state: State, epoch: int) -> tuple[float, float]:
        """Return the last learning rate and the mean loss."""
        settings, engine, device = self.settings, self.engine, self.device
        optimizer, scaler, parameters = state.optimizer, state.scaler, list(self.network.parameters())
        order_generator, augment_generator = seed_epoch(settings.seed, epoch, engine.rank, device)
        order = torch.randperm(len(self.train), generator=order_generator).to(self.train.target.device)
        self.network.train()
        self.progress.start(epoch, self.n_batches)
        check_every = 1 if device.type == "cpu" else STEPS_BETWEEN_CHECKS
        total, rate = torch.zeros((), device=device), 0.0
        for step, batch in enumerate(torch.tensor_split(order, self.n_batches)):
            rate = self._rate((epoch - 1) * self.n_batches + step)
            for group in optimizer.param_groups:
                group["lr"] = rate
            part = batch[engine.rank :: engine.n_processes]
            inputs, target = self.train.take(part, device)
            if settings.augment:
                inputs = settings.augment(inputs, augment_generator)
            with self._autocast():
                output = self.forward(*inputs)
            loss = self.loss(output.float(), target)
            if engine.n_processes > 1:  # gradients are averaged over processes: weigh parts that are not equal
                loss = loss * (len(part) * engine.n_processes / len(batch))
            for x in parameters:
                x.grad = None
            scaler.scale(loss).backward()
            if settings.gradient_clip is not None:
                scaler.unscale_(optimizer)
                nn.utils.clip_grad_norm_(parameters, settings.gradient_clip)
            scaler.step(optimizer)
            scaler.update()
            total += loss.detach() * (len(batch) / engine.n_processes)
            if step % check_every == 0:
                self._check(total, epoch, step)
            if self.progress.is_due():
                self.progress.show(step + 1, float(total) / ((step + 1) * settings.batch_size))
        # With the last weights, of which no loss has been computed yet: the checkpoint must be good.
        self._check(total + 0 * sum(x.detach().sum() for x in parameters), epoch, self.n_batches - 1)
        return rate, float(engine.sum(total)) / len(self.train)

    def _rate(self, step: int) -> float:
        settings = self.settings
        n_steps = settings.epochs * self.n_batches
        return settings.learning_rate * rate_factor(settings.schedule, step, n_steps, settings.warmup_share)

    def _check(self, loss: Tensor | float, epoch: int, step: int) -> None:
        if math.isfinite(float(loss)):
            return
        kept = f"; {self.settings.checkpoint} keeps epoch {epoch - 1}" if self.settings.checkpoint and epoch > 1 else ""
        raise ValueError(
            f"The loss became NaN or infinite in epoch {epoch}, batch {step + 1} of {self.n_batches}: lower "
            f"learning_rate (now {self.settings.learning_rate:g}) or gradient_clip (now {self.settings.gradient_clip})"
            + ', or use precision="float32"' * (self.precision != "float32")
            + f"{kept}."
        )

    @torch.no_grad()
    def _validate(self, data: Data, epoch: int) -> dict[str, float]:
        """Return the loss over all of the validation data, and the metric."""
        engine, output = self.engine, []
        self.network.eval()
        own = torch.arange(engine.rank, len(data), engine.n_processes, device=data.target.device)
        for batch in own.split(self.settings.batch_size):
            inputs, _ = data.take(batch, self.device)
            with self._autocast():
                output.append(self.network(*inputs).float())
        whole = engine.gather(torch.cat(output), len(data))
        target = data.target.to(self.device)
        scores = {"validation_loss": float(self.loss(whole, target))}
        self._check(scores["validation_loss"], epoch, self.n_batches - 1)
        if self.settings.monitor != "loss":
            monitor = auc if self.settings.monitor == "auc" else self.settings.monitor
            scores[self._monitored] = float(monitor(target.cpu().numpy(), whole.cpu().numpy()))
        return scores

    def _autocast(self) -> torch.autocast:
        short = self.precision != "float32"
        return torch.autocast(self.device.type, getattr(torch, self.precision) if short else None, enabled=short)

    @property
    def _monitored(self) -> str:
        if not self.validation:
            return "train_loss"
        name = getattr(self.settings.monitor, "__name__", "score")
        return f"validation_{self.settings.monitor if isinstance(self.settings.monitor, str) else name}"

    def _is_better(self, score: float, best: float) -> bool:
        if math.isnan(best):
            return True
        return score < best if self._monitored == "validation_loss" else score > best

    def _log(self, record: dict[str, Any]) -> None:
        if self.log and self.engine.rank == 0:
            names = ((name, name.replace("train_", "train/").replace("validation_", "validation/")) for name in record)
            values = {new: record[name] for name, new in names}
            values["seconds_per_epoch"] = values.pop("seconds")
            self.log(values, step=values.pop("epoch"))
