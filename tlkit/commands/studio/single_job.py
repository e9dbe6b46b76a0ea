"""What the studio does in the background: one thing at a time, with what it says of itself."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tlkit.commands.studio.own_command import OwnCommand, Progress, StoppedError
from tlkit.errors import TlkitError

_MOST_LINES, _MOST_POINTS = 200, 200
_CURVES = ("train/loss", "val/loss", "train/accuracy", "val/accuracy")
_Curve = list[tuple[int, Mapping[str, float | None]]]
_log = logging.getLogger(__name__)


class BusyError(TlkitError):
    """Something else is under way."""


@dataclass
class JobState:
    """A job as the page shows it; `state` is running, done, failed or stopped."""

    number: int
    kind: str
    title: str
    state: str = "running"
    error: str = ""
    lines: list[str] = field(default_factory=list)
    progress: Progress | None = None
    curve: _Curve = field(default_factory=list)  # epochs, and their metrics
    begun: float = field(default_factory=time.monotonic)
    seconds: float = 0.0


class Job:
    """A job while it runs: it calls commands of tlkit one by one, and may be stopped within them or between."""

    def __init__(self, state: JobState) -> None:
        self.state = state
        self._lock = threading.Lock()
        self._command: OwnCommand | None = None
        self._stopped = False

    def command(self, *arguments: str) -> Mapping[str, Any]:
        """The answer of a command of tlkit."""
        with self._lock:
            if self._stopped:
                raise StoppedError("stopped")
            self._command = OwnCommand(*arguments, hear=self.say, watch=self._watch)
        try:
            return self._command.answer()
        finally:
            self._command, self.state.progress = None, None

    def say(self, line: str) -> None:
        """Add a line to what is shown."""
        self.state.lines = [*self.state.lines, line][-_MOST_LINES:]

    def stop(self) -> None:
        """Stop what is under way."""
        with self._lock:
            self._stopped = True
            if self._command is not None:
                self._command.stop()

    def _watch(self, progress: Progress | None) -> None:
        self.state.progress = progress
        if progress is not None and progress.epoch is not None:
            number, metrics = progress.epoch
            shown = {name: value for name, value in metrics.items() if name in _CURVES}
            self.state.curve = [*_thinned(self.state.curve), (number, shown)]


class SingleJob:
    """The one job that there may be, and the last one when it is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._thread: threading.Thread | None = None
        self._count = 0

    def start(self, kind: str, title: str, work: Callable[[Job], None]) -> None:
        """Do this in the background; a BusyError while anything else is done."""
        with self._lock:
            if self._job is not None and self._job.state.state == "running":
                raise BusyError(f"{self._job.state.title} is under way: wait for its end, or stop it first")
            self._count += 1
            self._job = Job(JobState(self._count, kind, title))
            self._thread = threading.Thread(target=_do, args=(self._job, work), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop what is under way, if anything is."""
        if self._job is not None:
            self._job.stop()

    def close(self, seconds: float = 60.0) -> None:
        """Stop, and wait until it has ended."""
        self.stop()
        if self._thread is not None:
            self._thread.join(seconds)

    @property
    def is_running(self) -> bool:
        """Whether anything is under way."""
        return self._job is not None and self._job.state.state == "running"

    def told(self) -> Mapping[str, Any] | None:
        """What is under way, or was last."""
        if self._job is None:
            return None
        state = self._job.state
        if state.state == "running":
            state.seconds = time.monotonic() - state.begun
        return asdict(state)


def _thinned(curve: _Curve) -> _Curve:
    """Half of the points, where there are too many to be seen."""
    return curve if len(curve) < _MOST_POINTS else curve[::2]


def _do(job: Job, work: Callable[[Job], None]) -> None:
    state = job.state
    try:
        work(job)
        ending = "done"
    except StoppedError:
        ending = "stopped"
    except TlkitError as error:
        ending, state.error = "failed", " ".join(str(error).split())
    except Exception as error:
        _log.exception("%s", state.title)
        ending, state.error = "failed", f"{state.title}: {type(error).__name__}: {error}"
    state.seconds = time.monotonic() - state.begun
    state.state = ending
