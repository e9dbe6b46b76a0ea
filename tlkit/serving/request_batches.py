"""Examples that come together are answered together: what waits is run in batches, in a thread for each session."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

import numpy as np

from tlkit.errors import EngineError

Example = Sequence[np.ndarray]  # an array for each input of the model, without the batch axis
Rows = list[np.ndarray]  # one of each output of the model
_log = logging.getLogger(__name__)


class Session(Protocol):
    """A model that is open, and answers batches; `exporting.exporter` has those of exported files."""

    def outputs(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Every output for a batch of each input."""
        ...


class OverloadedError(EngineError):
    """As many examples wait as may."""


@dataclass
class _Waiting:
    example: Example
    future: Future[Rows] = field(default_factory=Future)

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        return [each.shape for each in self.example]


class Batcher:
    """Takes examples from any thread; each gets a future of its rows of outputs.

    Args:
        sessions: of the same model; each answers in a thread of its own. Two with half of the processors each answer
            more than one with all of them, whose threads wait for each other within every layer.
        largest: examples in a batch.
        most: examples that may wait.
        on_batch: hears of every batch how large it was and how many seconds it took.
    """

    def __init__(
        self,
        sessions: Sequence[Session],
        *,
        largest: int = 8,
        most: int = 256,
        on_batch: Callable[[int, float], None] = lambda size, seconds: None,
    ) -> None:
        self._largest, self.most, self._on_batch = largest, most, on_batch
        self._waiting: deque[_Waiting] = deque()
        self._changed, self._closed = threading.Condition(), False
        self._threads = [threading.Thread(target=self._work, args=(each,), daemon=True) for each in sessions]
        for thread in self._threads:
            thread.start()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_alive(self) -> bool:
        """Whether anything that is submitted will be answered."""
        return not self._closed and all(each.is_alive() for each in self._threads)

    def submit(self, examples: Sequence[Example]) -> list[Future[Rows]]:
        """Have examples answered; all of them wait, or none."""
        new = [_Waiting(each) for each in examples]
        with self._changed:
            if self._closed or len(self._waiting) + len(new) > self.most:
                raise OverloadedError(f"{len(self._waiting)} examples wait already, at most {self.most} may")
            self._waiting.extend(new)
            self._changed.notify_all()
        return [each.future for each in new]

    def close(self) -> None:
        """Answer what waits, and take no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self, session: Session) -> None:
        while batch := self._next():
            self._answer(session, [each for each in batch if each.future.set_running_or_notify_cancel()])

    def _next(self) -> list[_Waiting]:
        """The first examples that wait, as far as they have the shapes of the first; none once this is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            alike = list(islice(self._waiting, self._largest))
            count = next((i for i, each in enumerate(alike) if each.shapes != alike[0].shapes), len(alike))
            return [self._waiting.popleft() for _ in range(count)]

    def _answer(self, session: Session, batch: Sequence[_Waiting]) -> None:
        """Nobody waits in vain: what goes wrong is told to all of the batch."""
        if not batch:
            return
        start = time.perf_counter()
        try:
            outputs = session.outputs([np.stack(each) for each in zip(*(b.example for b in batch), strict=True)])
            rows = list(zip(*outputs, strict=True))
            for each, row in zip(batch, rows, strict=True):
                each.future.set_result(list(row))
        except Exception as error:
            _log.exception("a batch that cannot be answered")
            for each in batch:
                if not each.future.done():
                    each.future.set_exception(EngineError(f"the model cannot answer: {type(error).__name__}"))
        self._on_batch(len(batch), time.perf_counter() - start)
