"""Records that were kept because a server was away, sent now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tlkit.tracking.resend import sync


def send_pending() -> Iterator[str]:
    """One line a record."""
    sent = sync(Path("mlruns"))
    for run, outcome in sent:
        yield f"{run}: {outcome}"
    if not sent:
        yield "nothing to send"
