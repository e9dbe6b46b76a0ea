"""The parent's hold on its sender process: starts it, hears its replies and wakes it for the end."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

from tlkit import processes
from tlkit.errors import TrackingError
from tlkit.processes import Helper
from tlkit.tracking.sender_messages import Complete, Created, Left, Refused, Reply, Sent, Warned

_DEFAULTS = {"OPENBLAS_NUM_THREADS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}


class SenderProcess:
    """A running sender; a thread reads its replies, so that nothing here blocks but `run_id` and `wait`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changed = threading.Condition()
        self._warnings: list[str] = []
        self.known_id: str | None = None  # in the store
        self.error: str | None = None
        self.left: str | None = None
        self.artifacts: Path | None = None
        self.done = self._complete = False
        self._launch()

    def run_id(self) -> str:
        """The run's id, as soon as the store has it."""
        self._wait_until(lambda: bool(self.known_id or self.error))
        if self.known_id is None:
            raise TrackingError(self.error or self._last_words())
        return self.known_id

    def wait(self) -> None:
        """Until the sender has sent everything or given up."""
        self._complete = True
        self._process.send(Complete())
        if not self._wait_until(lambda: self._is_decided):
            self.left = self._last_words()
        if not self.done:  # whoever syncs next must find the folder let go
            with self._changed:
                self._changed.wait_for(lambda: self._ended, timeout=5)

    def take_warnings(self) -> list[str]:
        """What the sender had to say since the last call."""
        with self._changed:
            taken, self._warnings = self._warnings, []
        return taken

    def close(self) -> None:
        """Let go of the sender, which ends by itself."""
        self._process.close_input()

    @property
    def _is_decided(self) -> bool:
        return bool(self.done or self.error or self.left)

    def _launch(self) -> None:
        self._ended = False
        self._process = Helper(
            "tlkit.tracking.sender", str(self._folder), env={**_DEFAULTS, **processes.environment()},
            keeps_log=True, session=True,
        )  # fmt: skip
        if self._complete:
            self._process.send(Complete())
        threading.Thread(target=self._listen, args=[self._process], name="tlkit-tracking", daemon=True).start()

    def _listen(self, process: Helper) -> None:
        for reply in process.messages():
            with self._changed:
                self._note(reply)
                self._changed.notify_all()
        process.wait()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _note(self, reply: Reply) -> None:
        match reply:
            case Created(run_id):
                self.known_id = run_id
            case Sent(artifacts):
                self.artifacts, self.done = artifacts, True
            case Warned(text):
                self._warnings.append(text)
            case Refused(reason):
                self.error = reason
            case Left(reason):
                self.left = reason

    def _wait_until(self, decided: Callable[[], bool]) -> bool:
        """Wait for a sender's word; one that was killed is started once more. Whether the word was said."""
        for is_last in (False, True):
            with self._changed:
                self._changed.wait_for(lambda: decided() or self._ended)
            if decided() or is_last:
                break
            self._launch()
        return decided()

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = (self._folder / "sender.log").read_text(errors="replace").split("\n")
            words = [line.strip() for line in lines if line.strip()]
            if words:
                return f"The process that sends the record stopped: {words[-1][:300]}"
        return f"The process that sends the record stopped with status {self._process.wait()}."


class OfflineSender:
    """Stands in for a sender where nothing is sent now; `quiet` where that goes without saying."""

    error: str | None = None
    known_id: str | None = None
    done = False

    def __init__(self, folder: Path, *, quiet: bool = False) -> None:
        self._folder = folder
        self.left: str | None = "" if quiet else "Offline."
        self.artifacts = None if quiet else folder / "artifacts"

    def run_id(self) -> str:
        """The journal's name, as the store has given no id yet."""
        return self._folder.name

    def wait(self) -> None:
        """There is nothing to wait for."""

    def take_warnings(self) -> list[str]:
        """There are none."""
        return []

    def close(self) -> None:
        """There is nothing to let go."""
