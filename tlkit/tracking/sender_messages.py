"""What a run's process and the sender of its record say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Complete:
    """From the parent: the journal has its end, which is to be read at once."""


@dataclass(frozen=True)
class Created:
    """The store has the run."""

    run_id: str


@dataclass(frozen=True)
class Sent:
    """The store has everything; where the run's files are, if that is on this machine."""

    artifacts: Path | None


@dataclass(frozen=True)
class Warned:
    """What the user is to be told."""

    text: str


@dataclass(frozen=True)
class Refused:
    """The run cannot be created."""

    reason: str


@dataclass(frozen=True)
class Left:
    """The run is created, but not all can be sent."""

    reason: str


Reply = Created | Sent | Warned | Refused | Left
