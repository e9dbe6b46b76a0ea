"""The parent's hold on its sender process: starts it, hears its replies and wakes it for the end."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any, BinaryIO

from tlkit import processes
from tlkit.errors import TrackingError

_DEFAULTS = {"OPENBLAS_NUM_THREADS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}


class Courier:
    """A running sender; a thread reads its replies, so that nothing here blocks but `run_id` and `wait`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changed = threading.Condition()
        self._run_id: str | None = None
        self._warnings: list[str] = []
        self.error: str | None = None
        self.left: str | None = None
        self.artifacts: str | None = None
        self.done = False
        self._launch()

    def run_id(self) -> str:
        """The run's id, as soon as the store has it."""
        with self._changed:
            self._changed.wait_for(lambda: self._run_id or self.error or self._ended)
        if self._run_id is None:
            raise TrackingError(self.error or self._last_words())
        return self._run_id

    @property
    def known_id(self) -> str | None:
        """The run's id, if the store has it already."""
        return self._run_id

    def wait(self) -> None:
        """Until the sender has sent everything or given up; one that was killed is started once more."""
        self._wait_for_end()
        if not (self.done or self.error or self.left):
            self._launch()
            self._wait_for_end()
        if not (self.done or self.error or self.left):
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
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _launch(self) -> None:
        self._ended = False
        with (self._folder / "sender.log").open("ab") as log, _terminal() as terminal:
            self._process = subprocess.Popen(
                processes.command("tlkit.tracking.sender", str(self._folder), str(terminal.fileno())),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                pass_fds=[terminal.fileno()],
                start_new_session=True,  # Ctrl-C is for the parent alone
                env={**_DEFAULTS, **processes.environment()},
            )
        threading.Thread(target=self._listen, args=[self._process], name="tlkit-tracking", daemon=True).start()

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout, "it was opened as a pipe"
        for line in process.stdout:
            with self._changed:
                self._note(json.loads(line))
                self._changed.notify_all()
        process.stdout.close()
        process.wait()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _note(self, reply: dict[str, Any]) -> None:
        self._run_id = reply.get("run_id", self._run_id)
        self.error = reply.get("error", self.error)
        self.left = reply.get("left", self.left)
        self.artifacts = reply.get("artifacts", self.artifacts)
        self.done = self.done or "artifacts" in reply
        if "warning" in reply:
            self._warnings.append(reply["warning"])

    def _wait_for_end(self) -> None:
        if self._process.stdin:
            with contextlib.suppress(OSError):  # a dead sender is noticed below
                self._process.stdin.write(b"\n")  # wakes it: the journal is complete
                self._process.stdin.flush()
        with self._changed:
            self._changed.wait_for(lambda: self.done or self.error or self.left or self._ended)

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = (self._folder / "sender.log").read_text(errors="replace").split("\n")
            words = [line.strip() for line in lines if line.strip()]
            if words:
                return f"The process that sends the record stopped: {words[-1][:300]}"
        return f"The process that sends the record stopped with status {self._process.poll()}."


def _terminal() -> BinaryIO:
    """Another handle on standard error, for what this process can no longer say once it has crashed."""
    try:
        return open(os.dup(2), "wb")
    except OSError:  # closed, as services have it
        return open(os.devnull, "wb")
