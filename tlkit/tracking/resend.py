"""Sending what is left from runs whose store was away, or whose processes were killed."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tlkit.errors import TrackingError
from tlkit.tracking import store
from tlkit.tracking.outbox import Outbox, waiting

if TYPE_CHECKING:
    from tlkit.tracking.sending.mlflow_sender import RunSender

_log = logging.getLogger(__name__)


def sync(root: Path = Path("mlruns"), *, before: str | None = None) -> list[tuple[str, str]]:
    """Send all pending runs that nobody else is writing or sending: pairs of the run and "ok", or of why not.

    `before` leaves out what was begun after the run whose journal has that name.
    """
    outcomes = [_try(each) for each in waiting(root) if before is None or each.folder.name < before]
    return [outcome for outcome in outcomes if outcome]


def bring_home(root: Path, journal: str, *, patience: float = 30.0) -> None:
    """Send what is left of a run that was cut off, or wait until its own sender has done so."""
    deadline = time.monotonic() + patience
    while left := [each for each in waiting(root) if each.folder.name == journal]:
        _try(left[0])
        if time.monotonic() > deadline:
            break
        time.sleep(0.2)


def send_children(parent: RunSender) -> list[str]:
    """Send the finished runs that are part of one which is being sent; why any cannot be and stay for later."""
    name = parent.pending.folder.name
    others = (each for each in waiting(Path(parent.pending.opening()["root"])) if each.folder.name > name)
    outcomes = [_try(each) for each in others if _is_part(each, name)]
    return [reason for _, reason in filter(None, outcomes) if reason != "ok"]


def _is_part(pending: Outbox, parent: str) -> bool:
    try:
        return pending.opening().get("parent") == parent
    except (TrackingError, OSError):  # gone in the meantime, or broken
        return False


def _try(pending: Outbox) -> tuple[str, str] | None:
    with pending.left_alone() as free:
        try:
            return _deliver(pending) if free and pending.journal.exists() else None
        except Exception as error:  # one that cannot be sent must not keep back the others
            return pending.sent().get("run_id") or pending.folder.name, store.first_line(error)


def _deliver(pending: Outbox) -> tuple[str, str]:
    """Send the whole of a folder; a run whose journal has no end was killed."""
    address = pending.opening()["uri"]
    store.prepare(address)
    from tlkit.tracking.sending.mlflow_sender import RunSender

    delivery = RunSender(pending, store.client(address), lambda text: _log.warning("%s", text))
    delivery.begin()
    delivery.advance()
    delivery.end()
    return delivery.run_id, "ok"
