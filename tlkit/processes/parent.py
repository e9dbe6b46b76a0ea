"""The process that started this one, as a helper sees it: what it wants, what it is told, and whether it is there."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from tlkit.errors import TlkitError
from tlkit.processes.helper import Done, Failed
from tlkit.processes.launching import follow_main
from tlkit.stopping import lasting, leave_stopping_to_the_parent

_PERIOD = 1.0  # seconds between two looks whether the parent lives


def end() -> None:
    """End this process at once."""
    os._exit(0)


class Parent:
    """Made first in a helper: signals are left to the parent, standard output is for messages alone.

    Args:
        gone: is called once the parent is; by default that ends this process.
    """

    def __init__(self, gone: Callable[[], None] = end) -> None:
        leave_stopping_to_the_parent()
        follow_main()
        self._channel, self._lock = os.fdopen(os.dup(1), "wb"), threading.Lock()
        sys.stderr = lasting(2, errors="backslashreplace", line_buffering=True)
        os.dup2(2, 1)  # what else is printed (Keras tells of its downloads) goes to the log
        self._incoming: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._gone, self.is_gone = gone, False
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._watch, daemon=True).start()

    def say(self, message: Any) -> None:
        """Send a message, from any thread; a parent that is gone hears nothing."""
        said = pickle.dumps(message)
        with self._lock, contextlib.suppress(BrokenPipeError, ValueError):
            self._channel.write(said)
            self._channel.flush()

    def hear(self, seconds: float | None = None) -> Any:
        """The next message; None when the time is over, or the parent gone."""
        with contextlib.suppress(queue.Empty):
            return self._incoming.get(timeout=seconds)
        return None

    def serve(self, do: Callable[[Any], None]) -> NoReturn:
        """Do jobs until there is nobody to give any; what goes wrong is told, whatever it is."""
        while True:
            job = self.hear()
            try:
                do(job)
                self.say(Done())
            except TlkitError as error:
                self.say(Failed(type(error), str(error)))
            except Exception as error:
                traceback.print_exc()
                first = next(iter(str(error).strip().splitlines()), "")
                self.say(Failed(Exception, f"{type(error).__name__}: {first}"))

    def log_to(self, path: Path) -> int:
        """Print into a file from now on; another handle on what was standard error."""
        kept = os.dup(2)
        with _writable(path) as log:
            for stream in (1, 2):
                os.dup2(log.fileno(), stream)
        return kept

    def _listen(self) -> None:
        """When the parent is gone, even in the middle of a message, there is nothing left to hear."""
        try:
            while True:
                self._incoming.put(pickle.load(sys.stdin.buffer))  # noqa: S301  (a pipe from whoever started this)
        except (EOFError, pickle.UnpicklingError, ConnectionError):
            self._leave()
        except BaseException:  # the parent, which waits for an answer, tells the last line
            traceback.print_exc()
            os._exit(1)

    def _watch(self) -> None:
        """Its other children may hold the pipe open."""
        import psutil

        me = psutil.Process()
        parent = me.parent()
        while me.parent() == parent:
            time.sleep(_PERIOD)
        self._leave()

    def _leave(self) -> None:
        self.is_gone = True
        self._incoming.put(None)
        self._gone()


def _writable(path: Path) -> BinaryIO:
    try:
        return path.open("ab")
    except OSError:  # a full disk
        return open(os.devnull, "wb")
