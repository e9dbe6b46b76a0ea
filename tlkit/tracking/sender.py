"""The process that sends a pending folder to MLflow: `python -m tlkit.tracking.sender FOLDER`.

It says what `sender_messages` has, and brings the record home when its parent is gone.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tlkit.compat.lean_mlflow import lean_import
from tlkit.errors import LESS, TrackingError
from tlkit.processes import Parent
from tlkit.tracking import store
from tlkit.tracking.outbox import Outbox, waiting
from tlkit.tracking.records import PARENT
from tlkit.tracking.resend import bring_home, send_children, sync
from tlkit.tracking.sender_messages import Created, Left, Refused, Reply, Sent, Warned

if TYPE_CHECKING:
    from tlkit.tracking.sending.machine import Sampler
    from tlkit.tracking.sending.mlflow_sender import RunSender

PATIENCE = 10  # seconds to keep trying once the parent waits or is gone
PERIOD = 1.0  # seconds between two looks at the journal
Say = Callable[[Reply], None]


def main() -> None:
    """Send the folder named on the command line."""
    parent, pending = Parent(gone=lambda: None), Outbox(Path(sys.argv[1]))
    terminal = parent.log_to(pending.folder / "sender.log")
    _stand_back()
    lock = pending.as_sender()
    if lock is None:  # the parent is gone already, and another run sends this
        os._exit(0)
    try:
        run(pending, parent, terminal)
    except Exception as error:  # the parent shall hear of it, whatever it is
        parent.say((Left if pending.sent().get("run_id") else Refused)(_explained(error, pending)))
        with contextlib.suppress(OSError):  # the disk may be full
            traceback.print_exc()
            sys.stderr.flush()
    os._exit(0)  # everything is on disk; MLflow's threads need no farewell


def _stand_back() -> None:
    """Training comes first; where Linux shares processors among sessions, that has to be said of the session."""
    import psutil

    me = psutil.Process()
    me.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if psutil.WINDOWS else me.nice() + 5)
    with contextlib.suppress(OSError):  # not there, or not allowed: niceness alone has to do
        Path("/proc/self/autogroup").write_text("5")


def run(pending: Outbox, parent: Parent, terminal: int) -> None:
    """Create the run, follow the journal to its end and close the run; then say where its files are.

    The terminal is an open file, for what a parent that crashed can no longer say.
    """
    delivery = _begin(pending, parent.say)
    parent.say(Created(delivery.run_id))
    sampler = _sampler(pending, delivery.run_id, parent.say)
    _send_others(pending)
    if follow(delivery, parent, sampler, terminal):
        parent.say(Sent(delivery.artifacts()))


def follow(delivery: RunSender, parent: Parent, sampler: Sampler | None, terminal: int) -> bool:
    """Send what comes until the end of the journal or of the parent; False if the store was away too long then."""
    trouble = Trouble(store.shown(delivery.address), parent.say)
    while True:
        parent.hear(trouble.pause)
        try:
            delivery.advance()
            if delivery.finish or parent.is_gone:
                _conclude(delivery, sampler, terminal)
                return True
            send_children(delivery)
            trouble.clear()
        except Exception as error:  # nothing that a store or a network does may end the record
            if not trouble.go_on(error, ending=bool(delivery.finish) or parent.is_gone):
                return False


class Trouble:
    """A store that is away: how long to wait before the next attempt, and what the parent is told."""

    def __init__(self, place: str, say: Say) -> None:
        self._place, self._say = place, say
        self._away = False
        self._deadline: float | None = None
        self.pause = 0.0

    def clear(self) -> None:
        """The last attempt went well."""
        if self._away:
            self._say(Warned(f"{self._place}: takes the record again."))
        self._away, self.pause = False, PERIOD

    def go_on(self, error: Exception, *, ending: bool) -> bool:
        """Note a failure; whether to try again."""
        reason = store.first_line(error)
        if ending:
            self._deadline = self._deadline or time.monotonic() + PATIENCE
            if time.monotonic() > self._deadline:
                self._say(Left(f"{self._place}: cannot take the record ({reason})."))
                return False
        elif not self._away:
            self._say(Warned(f"{self._place}: cannot take the record ({reason}). It is kept and sent later."))
        self._away = True
        self.pause = PERIOD if ending else min(2 * self.pause + PERIOD, 15.0)
        return True


def _begin(pending: Outbox, say: Say) -> RunSender:
    """Create the run. The checks come before the import of MLflow, which takes over a second."""
    opening = pending.opening()
    gc.disable()  # a quarter of the import is otherwise spent collecting garbage that is none
    store.prepare(opening["uri"])
    with lean_import():
        from tlkit.tracking.sending.mlflow_sender import RunSender

    client = store.client(opening["uri"])
    gc.enable()
    gc.freeze()
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")  # trying again is this module's own business
    if before := opening.get("goes_on"):
        bring_home(Path(opening["root"]), before)
    delivery = RunSender(pending, client, lambda text: say(Warned(text)))
    delivery.begin()
    return delivery


def _explained(error: Exception, pending: Outbox) -> str:
    if isinstance(error, TrackingError):
        return str(error)
    return f"{store.shown(pending.opening()['uri'])}: cannot be used ({store.first_line(error)})."


def _conclude(delivery: RunSender, sampler: Sampler | None, terminal: int) -> None:
    if sampler:
        sampler.stop()
    delivery.advance()
    crash = delivery.pending.crash()
    if crash and PARENT not in delivery.pending.opening()["tags"]:  # else the whole says it
        with contextlib.suppress(OSError):  # the terminal may be gone as well
            os.write(terminal, f"tlkit: {crash}. The run is marked FAILED. {LESS}\n".encode())
    for reason in send_children(delivery):
        delivery.warn(f"A run within this one is kept for the next run or `tlkit sync`: {reason}")
    delivery.end()


def _sampler(pending: Outbox, run_id: str, say: Say) -> Sampler | None:
    if not pending.opening()["system_metrics"]:
        return None
    try:
        from tlkit.tracking.sending.machine import Sampler

        return Sampler(pending, run_id)
    except Exception as error:  # drivers fail in ways of their own
        say(Warned(f"The machine's load is not recorded: {store.first_line(error)}"))
        return None


def _send_others(pending: Outbox) -> None:
    """Try, in the background, what earlier runs could not send."""
    root, name = Path(pending.opening()["root"]), pending.folder.name
    if any(other.folder.name < name for other in waiting(root)):
        threading.Thread(target=sync, args=[root], kwargs={"before": name}, name="others", daemon=True).start()


if __name__ == "__main__":
    main()
