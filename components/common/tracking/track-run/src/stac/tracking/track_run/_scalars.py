"""Write scalars at once when they come now and then, and together when they come quickly."""

import json
import math
import threading
import time
from collections import deque

from ._content import one_line
from ._folder import RunFolder, RunFolderError, json_number

TOGETHER_SECONDS = 0.2


class ScalarFile:
    """The scalars.jsonl of a run that is going on.

    `add` is called out of the middle of a training, where the processor has forgotten everything about it: it does as
    little as it can. Whoever owns this calls `write` every now and then.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._waiting: deque[tuple[str, float, int | None, float]] = deque()
        self._written_at = 0.0
        self._failure: RunFolderError | None = None
        self._quoted: dict[str, str] = {}
        self._lock = threading.Lock()

    def add(self, name: str, value: float, step: int | None) -> None:
        """Keep one point; raise the RunFolderError of an earlier one that could not be written."""
        if name not in self._quoted:
            self._quoted[name] = json.dumps(one_line("scalar name", name), ensure_ascii=False)
        if self._failure:
            raise self._failure
        now = time.time()
        self._waiting.append((name, value, step, now))
        if not 0 <= now - self._written_at < TOGETHER_SECONDS:
            self.write()

    def write(self) -> None:
        """Hand everything that waits to the operating system."""
        with self._lock:
            self._written_at = time.time()
            lines = [self._line(*self._waiting.popleft()) for _ in range(len(self._waiting))]
            if not lines:
                return
            try:
                self._folder.append("scalars.jsonl", "".join(lines))
            except RunFolderError as failure:
                self._failure = failure
                raise

    def _line(self, name: str, value: float, step: int | None, when: float) -> str:
        number = repr(value) if math.isfinite(value) else f'"{json_number(value)}"'
        place = "null" if step is None else step
        return f'{{"name": {self._quoted[name]}, "value": {number}, "step": {place}, "time": {when:.3f}}}\n'
