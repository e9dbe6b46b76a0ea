"""A helper process as its parent sees it: started, told, heard and ended."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tlkit.processes.launching import command
from tlkit.stopping import signals_waiting

KILLED = -getattr(signal, "SIGKILL", 0)  # the status of one that was killed, by hand or for want of memory
_NO_MORE = object()


@dataclass(frozen=True)
class Done:
    """A helper's last word on a job that went well."""


@dataclass(frozen=True)
class Failed:
    """A helper's last word on a job that went wrong; `kind` is Exception where it was nobody's mistake."""

    kind: type[Exception]
    text: str


class Helper:
    """One process, which is sent messages and answers in messages: objects that can be pickled.

    It ends when its parent does. What it prints goes into a file of which `last_words` tells, or, where it `keeps_log`,
    to standard error until it says where (`Parent.log_to`).

    Args:
        module: its main module, which makes a `Parent`.
        session: whether it has a session of its own, so that a terminal's Ctrl-C never reaches it.
    """

    def __init__(
        self, module: str, *arguments: str, env: Mapping[str, str], keeps_log: bool = False, session: bool = False
    ) -> None:
        self._log = None if keeps_log else tempfile.TemporaryFile()  # noqa: SIM115  (the process writes into it)
        self.fault = ""  # why a message could not be sent
        self._outgoing: queue.SimpleQueue[Any] = queue.SimpleQueue()
        with signals_waiting():
            self._process = subprocess.Popen(  # noqa: S603  (this very tlkit)
                command(module, *arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=self._log or _standard_error(), env=env, start_new_session=session,
            )  # fmt: skip
        threading.Thread(target=self._write, name=f"to {module}", daemon=True).start()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def send(self, message: Any) -> None:
        """Have a message pickled and sent while this process does other things."""
        self._outgoing.put(message)

    def messages(self) -> Iterator[Any]:
        """What it says, until it ends."""
        assert self._process.stdout is not None, "opened as a pipe"
        while True:
            try:
                message = pickle.load(self._process.stdout)  # noqa: S301  (a pipe from our own child)
            except (EOFError, pickle.UnpicklingError):  # killed in the middle of a word
                return
            yield message

    def close_input(self) -> None:
        """Close its standard input behind what was sent, as if this process had ended."""
        self._outgoing.put(_NO_MORE)

    def wait(self) -> int:
        """Its status, once it has ended."""
        return self._process.wait()

    def kill(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()

    def last_words(self) -> str:
        """The last line that it printed before it ended, or what could not be said to it."""
        self._process.wait()
        lines: list[str] = []
        if self._log is not None:
            self._log.seek(0)
            lines = self._log.read().decode(errors="replace").splitlines()
        return self.fault or next((each.strip() for each in reversed(lines) if each.strip()), "")

    def _write(self) -> None:
        assert self._process.stdin is not None, "opened as a pipe"
        try:
            while (message := self._outgoing.get()) is not _NO_MORE:
                pickle.dump(message, self._process.stdin)
                self._process.stdin.flush()
            self._process.stdin.close()
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            self.fault = f"the examples cannot be handed to another process ({error})"
            self._process.kill()
        except (BrokenPipeError, ValueError):
            pass  # whoever hears its messages is told why it ended


def _standard_error() -> int | None:
    """This process's own, unless it is closed, as services have it."""
    with contextlib.suppress(OSError):
        os.fstat(2)
        return None
    return subprocess.DEVNULL
