"""One trial of a search, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

COMPLETED, FAILED, INFEASIBLE, RUNNING = "COMPLETED", "FAILED", "INFEASIBLE", "RUNNING"


@dataclass
class Trial:
    """A recipe's changes and what came of them; `since` is the trial whose weights it goes on from."""

    number: int
    changes: dict[str, Any]
    worker: str
    oracle_id: str = ""
    since: int | None = None
    until: int | None = None  # epochs, where the tuner gives it fewer than the recipe has
    status: str = RUNNING
    score: float | None = None
    epochs: list[dict[str, float]] = field(default_factory=list)
    first_epoch: int = 0
    seconds: float = 0.0
    message: str = ""
    batch_size: int | None = None  # where memory asked for another than the recipe's
    attempts: int = 0

    @property
    def name(self) -> str:
        """How files and people call it."""
        return f"{self.number:03}"

    @property
    def num_epochs(self) -> int:
        """Epochs behind it, those of the trial that it goes on from among them."""
        return self.first_epoch + len(self.epochs)
