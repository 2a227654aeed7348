"""What a person at a terminal sees of the training: a bar within an epoch, and a line for each."""

import sys
import time
from typing import Any

REFRESH_SECONDS = 0.2


class Progress:
    """A bar on stderr; nothing when it is not a terminal."""

    def __init__(self, wanted: bool, epochs: int, name: str = "") -> None:
        self._bar: Any = None
        self._epochs = epochs
        self._prefix = f"{name} " if name else ""
        self._next = 0.0
        if wanted and sys.stderr.isatty():
            from rich import console, progress

            self._bar = progress.Progress(
                progress.TextColumn("{task.description}"),
                progress.BarColumn(None),
                progress.TextColumn("loss {task.fields[loss]:.4f}"),
                progress.TimeRemainingColumn(),
                console=console.Console(stderr=True),
                auto_refresh=False,  # no thread of its own beside the training
                transient=True,
            )

    def __enter__(self) -> "Progress":
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: Any) -> None:
        if self._bar:
            self._bar.stop()

    def start(self, epoch: int, n_steps: int) -> None:
        """Start the bar of an epoch."""
        if self._bar:
            for task in self._bar.task_ids:
                self._bar.remove_task(task)
            self._bar.add_task(f"{self._prefix}epoch {epoch}/{self._epochs}", total=n_steps, loss=float("nan"))

    def is_due(self) -> bool:
        """Tell whether it is time to show something."""
        return self._bar is not None and time.monotonic() >= self._next

    def show(self, step: int, loss: float) -> None:
        """Show how far the epoch is."""
        self._next = time.monotonic() + REFRESH_SECONDS
        self._bar.update(self._bar.task_ids[0], completed=step, loss=loss, refresh=True)

    def end(self, record: dict[str, float], is_best: bool) -> None:
        """Leave one line about an epoch."""
        if self._bar:
            numbers = (f"{name.replace('_', ' ')} {value:.4g}" for name, value in record.items() if name != "epoch")
            self.say(
                f"{self._prefix}epoch {record['epoch']}/{self._epochs}  "
                + "  ".join(numbers)
                + "  [bold]best" * is_best
            )

    def say(self, message: str) -> None:
        """Print a line."""
        if self._bar:
            self._bar.console.print(message, highlight=False)
