"""A command of tlkit as a process of its own: what it says is heard as it goes, and it can be stopped."""

from __future__ import annotations

import json
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tlkit import processes
from tlkit.errors import DataError, TlkitError
from tlkit.progress import FORM

_MOST_LINES = 400


class StoppedError(TlkitError):
    """What was under way was stopped by who asked for it."""


@dataclass(frozen=True)
class Progress:
    """How far a command is; `epoch` is the number of one that has just ended, with what it came to."""

    label: str
    done: int
    total: int | None
    seconds_left: float | None
    note: str
    epoch: tuple[int, Mapping[str, float | None]] | None = None


class OwnCommand:
    """One command with `--json`; `hear` is told its lines, `watch` its progress (None: nothing is counted now).

    It has a session of its own: a terminal's Ctrl-C reaches the studio alone, which then stops it once.
    """

    def __init__(self, *arguments: str, hear: Callable[[str], None], watch: Callable[[Progress | None], None]) -> None:
        self._hear, self._watch, self._stopped = hear, watch, False
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)
        self._process = subprocess.Popen(  # noqa: S603  (this very tlkit)
            processes.command("tlkit", *arguments), env={**processes.environment(), FORM: "json"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, encoding="utf-8", errors="replace", start_new_session=True,
        )  # fmt: skip
        self._said = ""
        self._readers = [threading.Thread(target=each, daemon=True) for each in (self._listen, self._keep)]
        for reader in self._readers:
            reader.start()

    def stop(self) -> None:
        """Ask it to end; what it has done is kept."""
        self._stopped = True
        if self._process.poll() is None:
            self._process.terminate()

    def answer(self) -> Mapping[str, Any]:
        """What it says at its end; a DataError where it refuses, in its own words."""
        status = self._process.wait()
        for reader in self._readers:
            reader.join()
        answer = self._answer()
        if self._stopped and status:
            raise StoppedError("stopped")
        if answer is None:
            raise DataError(self._fault(status))
        return answer

    def _answer(self) -> Mapping[str, Any] | None:
        lines = self._said.strip().splitlines()
        try:
            found = json.loads(lines[-1]) if lines else None
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def _fault(self, status: int) -> str:
        """Why it failed, in its own words: a mistake of the user is the last thing that it says."""
        last = next(reversed(self._lines), "")
        if status < 0:
            return f"the process was killed (signal {-status}), for want of memory perhaps. {last}".strip()
        return last or f"the process ended with status {status}"

    def _keep(self) -> None:
        assert self._process.stdout is not None, "opened as a pipe"
        self._said = self._process.stdout.read()

    def _listen(self) -> None:
        assert self._process.stderr is not None, "opened as a pipe"
        for line in self._process.stderr:
            if line.startswith('{"progress": '):
                self._watch(_progress(json.loads(line)))
            elif said := " ".join(line.split()):
                self._lines.append(said)
                self._hear(said)


def _progress(said: Mapping[str, Any]) -> Progress | None:
    if said.get("over"):
        return None
    epoch = (said["epoch"]["number"], said["epoch"]["metrics"]) if "epoch" in said else None
    return Progress(said["progress"], said["done"], said["total"], said["left"], said["note"], epoch)
