"""The parent's side of the worker process that runs Keras on OpenVINO."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tlkit import processes
from tlkit.data.splits import Examples, InputSequence
from tlkit.engines import leftovers
from tlkit.engines.engine_messages import Answer, Extract, Finish, Outputs, Prepare, Reload
from tlkit.engines.feature_cache import CacheError, FeatureStore
from tlkit.engines.frozen_part import FrozenPart
from tlkit.errors import DataError, EngineError, ModelError
from tlkit.model.building import BackboneSpec
from tlkit.model.further_outputs import View
from tlkit.model.heads import Head
from tlkit.model.known import KnownExamples
from tlkit.processes import KILLED, Done, Failed, Helper
from tlkit.quiet import is_own_process

_ERRORS = (CacheError, DataError, ModelError)  # that are passed on as they are


class EngineProcess:
    """A worker that takes jobs; its imports run while this process does other things, if it is started early."""

    def __init__(self) -> None:
        self._helper: Helper | None = None
        self._heard: Iterator[Any] = iter(())
        self._asked = self._answered = self._file = 0  # jobs, how many of them were answered, the last of a file
        self._kept: dict[int, list[Any]] = {}  # what was heard of jobs that nobody has followed yet
        self._jobs: dict[int, Any] = {}  # those that are not answered
        self._taken_over = False
        self._stores: list[FeatureStore] = []

    def start(self) -> None:
        """Start the process, unless it runs already."""
        if self._helper is None:
            self._helper = Helper("tlkit.engines.worker", env=_environment())
            self._heard = self._helper.messages()

    def begin_extract(self, frozen: FrozenPart, store: FeatureStore, examples: Examples) -> int:
        """Hand over examples whose features are wanted; `follow` hears of them by the number that this gives."""
        self._stores.append(store)
        return self._ask(Extract(frozen, store, examples))

    def begin_prepare(self, spec: BackboneSpec) -> None:
        """Have a backbone built, because it will be needed; nothing is heard of it."""
        self._ask(Prepare(spec))

    def begin_finish(
        self,
        spec: BackboneSpec,
        head: Head,
        weights: list[np.ndarray],
        path: Path,
        page: Mapping[str, Any],
        known: KnownExamples | None,
        examples: Examples,
    ) -> None:
        """Have backbone and trained head put together, saved and loaded again; `reloaded` gives the file's outputs."""
        self._file = self._ask(Finish(spec, head, weights, path.absolute(), page, known, examples))

    def begin_reload(self, path: Path, examples: Examples) -> None:
        """Hand over a saved model and examples; `reloaded` gives the outputs."""
        self._file = self._ask(Reload(path.absolute(), examples))

    def begin_answer(self, path: Path, examples: InputSequence, precision: str, view: View = "outputs") -> int:
        """Hand over a saved model and examples, made where they are used if they can be; `follow` hears the outputs."""
        return self._ask(Answer(path.absolute(), examples, precision, view))

    def follow(self, job: int, hear: Callable[[Any], None]) -> None:
        """Hear the worker's messages on a job until it is done, whichever jobs were given before and after it."""
        for message in self._messages(job):
            if isinstance(message, Failed):
                raise (message.kind if issubclass(message.kind, _ERRORS) else EngineError)(message.text)
            hear(message)

    def reloaded(self) -> np.ndarray | None:
        """What the saved model gives; None where OpenVINO cannot run it."""
        answers: list[Outputs] = []
        try:
            self.follow(self._file, answers.append)
        except (EngineError, ModelError):
            return None
        return np.asarray(answers[-1].rows, np.float32)

    def stop(self) -> None:
        """End the process, whatever it does, with what it put where a full cache had no room."""
        if self._helper is not None:
            self._helper.kill()
        for each in self._stores:
            each.drop_overflow()

    def _messages(self, job: int) -> Iterator[Any]:
        """What is said of one job; what is said of those before it is kept until they are followed."""
        yield from self._kept.pop(job, [])
        while self._answered < job:
            current = self._answered + 1
            message = next(self._heard, None)
            if message is None:
                self._take_over(current)
                continue
            if isinstance(message, Done | Failed):
                self._answered = current
                del self._jobs[current]
            if isinstance(message, Done):
                continue
            if current == job:
                yield message
            else:
                self._kept.setdefault(current, []).append(message)

    def _take_over(self, current: int) -> None:
        """Have a second worker do what one that was killed has not; an `EngineError` where it ended in another way.

        Another engine, which is what remains then, would round otherwise.
        """
        killed = self._running().wait() == KILLED
        leftovers.sweep()
        if not killed or self._taken_over or isinstance(self._jobs[current], Answer):  # of which a part may be told
            raise EngineError(self._last_words())
        self._taken_over, self._helper = True, None
        self._kept.pop(current, None)
        self.start()
        for job in self._jobs.values():
            self._running().send(job)

    def _ask(self, job: Any) -> int:
        """Send a job; its number, counted from 1."""
        self.start()
        self._running().send(job)
        self._asked += 1
        self._jobs[self._asked] = job
        return self._asked

    def _running(self) -> Helper:
        assert self._helper is not None, "a job is begun before it is followed"
        return self._helper

    def _last_words(self) -> str:
        return self._running().last_words() or f"the worker ended with status {self._running().wait()}"


def _environment() -> dict[str, str]:
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    return processes.environment(main_path=not is_own_process(), KERAS_BACKEND="openvino", **quiet)
