"""The process that sends a pending folder to MLflow: `python -m tlkit.tracking.sender FOLDER TERMINAL`.

It speaks in JSON lines on its standard output: `run_id`, then `artifacts` when all is sent; `warning`; `error` if the
run cannot be created, `left` if it is created but not all can be sent. The end of its standard input means that the
parent is gone; any line there means that there is something to read at once. TERMINAL is the number of an open file,
for what a parent that crashed can no longer say.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlkit.errors import LESS, TrackingError
from tlkit.stopping import leave_stopping_to_the_parent
from tlkit.tracking import store
from tlkit.tracking.outbox import Pending, waiting
from tlkit.tracking.records import PARENT
from tlkit.tracking.resend import send_children, sync

if TYPE_CHECKING:
    from tlkit.tracking.machine import Sampler
    from tlkit.tracking.mlflow_sender import Delivery

PATIENCE = 10  # seconds to keep trying once the parent waits or is gone
PERIOD = 1.0  # seconds between two looks at the journal
Reply = Callable[..., None]


def main() -> None:
    """Send the folder named on the command line."""
    leave_stopping_to_the_parent()
    _stand_back()
    line, pending, reply = Line(), Pending(Path(sys.argv[1])), _replies()
    lock = pending.as_sender()
    if lock is None:  # the parent is gone already, and another run sends this
        os._exit(0)
    try:
        run(pending, line, reply)
    except Exception as error:  # the parent shall hear of it, whatever it is
        reply(**{"left" if pending.sent().get("run_id") else "error": _explained(error, pending)})
        with contextlib.suppress(OSError):  # the disk may be full
            traceback.print_exc()
            sys.stderr.flush()
    os._exit(0)  # everything is on disk; MLflow's threads need no farewell


def _stand_back() -> None:
    """Training comes first; where Linux shares processors among sessions, that has to be said of the session."""
    os.nice(5)
    with contextlib.suppress(OSError):  # not there, or not allowed: niceness alone has to do
        Path("/proc/self/autogroup").write_text("5")


def run(pending: Pending, line: Line, reply: Reply) -> None:
    """Create the run, follow the journal to its end and close the run; then say where its files are."""
    delivery = _begin(pending, reply)
    reply(run_id=delivery.run_id)
    sampler = _sampler(pending, delivery.run_id, reply)
    _send_others(pending)
    if follow(delivery, line, reply, sampler):
        folder = delivery.artifacts()
        reply(artifacts=str(folder) if folder else None)


def follow(delivery: Delivery, line: Line, reply: Reply, sampler: Sampler | None) -> bool:
    """Send what comes until the end of the journal or of the parent; False if the store was away too long then."""
    trouble = Trouble(store.shown(delivery.address), reply)
    while True:
        line.wait(trouble.pause)
        try:
            delivery.advance()
            if delivery.finish or line.cut:
                _conclude(delivery, sampler)
                return True
            send_children(delivery)
            trouble.clear()
        except Exception as error:  # nothing that a store or a network does may end the record
            if not trouble.go_on(error, ending=bool(delivery.finish) or line.cut):
                return False


class Line:
    """The pipe from the parent."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self.cut = False

    def wait(self, seconds: float) -> None:
        """Until the parent speaks, is gone, or the time is over."""
        if self.cut:
            time.sleep(seconds)
        elif select.select([0], [], [], seconds)[0]:
            self.cut = not os.read(0, 4096)
        self.cut = self.cut or os.getppid() != self._parent


class Trouble:
    """A store that is away: how long to wait before the next attempt, and what the parent is told."""

    def __init__(self, place: str, reply: Reply) -> None:
        self._place, self._reply = place, reply
        self._away = False
        self._deadline: float | None = None
        self.pause = 0.0

    def clear(self) -> None:
        """The last attempt went well."""
        if self._away:
            self._reply(warning=f"{self._place}: takes the record again.")
        self._away, self.pause = False, PERIOD

    def go_on(self, error: Exception, *, ending: bool) -> bool:
        """Note a failure; whether to try again."""
        reason = store.first_line(error)
        if ending:
            self._deadline = self._deadline or time.monotonic() + PATIENCE
            if time.monotonic() > self._deadline:
                self._reply(left=f"{self._place}: cannot take the record ({reason}).")
                return False
        elif not self._away:
            self._reply(warning=f"{self._place}: cannot take the record ({reason}). It is kept and sent later.")
        self._away = True
        self.pause = PERIOD if ending else min(2 * self.pause + PERIOD, 15.0)
        return True


def _begin(pending: Pending, reply: Reply) -> Delivery:
    """Create the run. The checks come before the import of MLflow, which takes over a second."""
    opening = pending.opening()
    gc.disable()  # a quarter of the import is otherwise spent collecting garbage that is none
    store.prepare(opening["uri"])
    from tlkit.tracking.mlflow_sender import Delivery

    client = store.client(opening["uri"])
    gc.enable()
    gc.freeze()
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")  # trying again is this module's own business
    delivery = Delivery(pending, client, lambda text: reply(warning=text))
    delivery.begin()
    return delivery


def _explained(error: Exception, pending: Pending) -> str:
    if isinstance(error, TrackingError):
        return str(error)
    return f"{store.shown(pending.opening()['uri'])}: cannot be used ({store.first_line(error)})."


def _conclude(delivery: Delivery, sampler: Sampler | None) -> None:
    if sampler:
        sampler.stop()
    delivery.advance()
    crash = delivery.pending.crash()
    if crash and PARENT not in delivery.pending.opening()["tags"]:  # else the whole says it
        with contextlib.suppress(OSError):  # the terminal may be gone as well
            os.write(int(sys.argv[2]), f"tlkit: {crash}. The run is marked FAILED. {LESS}\n".encode())
    for reason in send_children(delivery):
        delivery.warn(f"A run within this one is kept for the next run or `tlkit sync`: {reason}")
    delivery.end()


def _sampler(pending: Pending, run_id: str, reply: Reply) -> Sampler | None:
    if not pending.opening()["system_metrics"]:
        return None
    try:
        from tlkit.tracking.machine import Sampler

        return Sampler(pending, run_id)
    except Exception as error:  # drivers fail in ways of their own
        reply(warning=f"The machine's load is not recorded: {store.first_line(error)}")
        return None


def _send_others(pending: Pending) -> None:
    """Try, in the background, what earlier runs could not send."""
    root, name = Path(pending.opening()["root"]), pending.folder.name
    if any(other.folder.name < name for other in waiting(root)):
        threading.Thread(target=sync, args=[root], kwargs={"before": name}, name="others", daemon=True).start()


def _replies() -> Reply:
    """A function that writes a reply to the parent; whatever else prints to standard output goes to the log."""
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    lock = threading.Lock()

    def reply(**fields: Any) -> None:
        with lock, contextlib.suppress(BrokenPipeError, ValueError):  # the parent may be gone
            channel.write(json.dumps(fields) + "\n")
            channel.flush()

    return reply


if __name__ == "__main__":
    main()
