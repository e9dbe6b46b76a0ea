"""The parent's side of the worker process that runs Keras on OpenVINO."""

from __future__ import annotations

import json
import pickle
import queue
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tlkit import processes
from tlkit.data.splits import Examples
from tlkit.engines.feature_cache import CacheError, FeatureStore
from tlkit.errors import DataError, EngineError, ModelError
from tlkit.quiet import is_own_process

_ERRORS = {"CacheError": CacheError, "DataError": DataError, "ModelError": ModelError}


class EngineProcess:
    """A worker that takes jobs; its imports run while this process does other things, if it is started early."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._jobs: queue.SimpleQueue[tuple[str, tuple[Any, ...]]] = queue.SimpleQueue()
        self._fault = ""
        self._asked = self._answered = self._file = (
            0  # jobs that are answered, how many of them were, the last of a file
        )
        self._kept: dict[int, list[dict[str, Any]]] = {}  # what was heard of jobs that nobody has followed yet

    def start(self) -> None:
        """Start the process, unless it runs already."""
        if self._process is not None:
            return
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  (the process writes into it)
        self._process = subprocess.Popen(
            processes.command("tlkit.engines.worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=_environment(),
        )
        threading.Thread(target=self._write, daemon=True).start()

    def begin_extract(self, frozen: Any, store: FeatureStore, examples: Examples) -> int:
        """Hand over examples whose features are wanted; `follow` hears of them by the number that this gives."""
        return self._ask("extract", (frozen, store, examples))

    def begin_prepare(self, front: Any) -> None:
        """Have a front built, because it will be needed; nothing is heard of it."""
        self._send("prepare", (front,))

    def begin_finish(self, *job: Any) -> None:
        """Have front and trained head put together, saved and loaded again; `reloaded` gives the file's outputs."""
        self._file = self._ask("finish", job)

    def begin_reload(self, path: Path, examples: Examples) -> None:
        """Hand over a saved model and examples; `reloaded` gives the outputs."""
        self._file = self._ask("reload", (path.absolute(), examples))

    def begin_answer(self, path: Path, examples: Sequence[np.ndarray], precision: str) -> int:
        """Hand over a saved model and examples, made where they are used if they can be; `follow` hears the outputs."""
        return self._ask("answer", (path.absolute(), examples, precision))

    def follow(self, job: int, hear: Callable[[dict[str, Any]], None]) -> None:
        """Hear the worker's messages on a job until it is done, whichever jobs were given before and after it."""
        messages = self._messages(job)
        for message in messages:
            if "error" in message:
                for _ in messages:
                    pass  # up to its end
                raise _ERRORS.get(message["kind"], EngineError)(message["error"])
            hear(message)

    def reloaded(self) -> np.ndarray | None:
        """What the saved model gives; None where OpenVINO cannot run it."""
        answer: dict[str, Any] = {}
        try:
            self.follow(self._file, answer.update)
        except (EngineError, ModelError):
            return None
        return np.asarray(answer["outputs"], np.float32)

    def stop(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _messages(self, job: int) -> Iterator[dict[str, Any]]:
        """What is said of one job; what is said of those before it is kept until they are followed."""
        yield from self._kept.pop(job, [])
        while self._answered < job:
            line = next(self._stdout(), b"")
            if not line:
                raise EngineError(self._last_words())
            message, current = json.loads(line), self._answered + 1
            if "end" in message:
                self._answered = current
            elif current == job:
                yield message
            else:
                self._kept.setdefault(current, []).append(message)

    def _ask(self, kind: str, job: tuple[Any, ...]) -> int:
        """Send a job that is answered; its number, counted from 1."""
        self._send(kind, job)
        self._asked += 1
        return self._asked

    def _send(self, kind: str, job: tuple[Any, ...]) -> None:
        self.start()
        self._jobs.put((kind, job))

    def _write(self) -> None:
        """Jobs go out one after the other, while this process does other things."""
        process = self._running()
        assert process.stdin is not None
        try:
            while True:
                pickle.dump(self._jobs.get(), process.stdin)
                process.stdin.flush()
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            self._fault = f"the examples cannot be handed to another process ({error})"
            process.kill()
        except (BrokenPipeError, ValueError):
            pass  # `follow` tells why it ended

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "a job is begun before it is followed"
        return self._process

    def _stdout(self) -> Iterator[bytes]:
        return iter(self._running().stdout or ())

    def _last_words(self) -> str:
        status = self._running().wait()
        if self._fault:
            return self._fault
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors.read().splitlines() if line.strip()]
        return lines[-1] if lines else f"the worker ended with status {status}"


def _environment() -> dict[str, str]:
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    return processes.environment(main_path=not is_own_process(), KERAS_BACKEND="openvino", **quiet)
