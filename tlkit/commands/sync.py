"""Records that were kept because a server was away, sent now."""

from __future__ import annotations

from pathlib import Path

from tlkit.commands.shell.listing import Answer
from tlkit.tracking.resend import sync


def send_pending() -> Answer:
    """One line a record."""
    sent = sync(Path("mlruns"))
    for run, outcome in sent:
        yield f"{run}: {outcome}"
    if not sent:
        yield "nothing to send"
    return [{"record": run, "outcome": outcome} for run, outcome in sent]
