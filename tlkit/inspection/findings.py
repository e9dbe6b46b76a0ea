"""What a check of data has to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class FindingExample:
    """An example in a finding, by name, with a word on it; `index` is None for what is no example."""

    name: str
    note: str = ""
    index: int | None = None


@dataclass(frozen=True)
class Finding:
    """One thing found: how bad it is, what it is about, a sentence, and the examples, in rows that belong together."""

    level: Level
    topic: str
    text: str
    rows: Sequence[Sequence[FindingExample]] = field(default=())

    def as_json(self) -> dict[str, object]:
        """The finding as plain values; all examples are named."""
        rows = [[{"name": each.name, "note": each.note} for each in row] for row in self.rows]
        return {"level": self.level, "topic": self.topic, "text": self.text, "examples": rows}


def worst(findings: Sequence[Finding]) -> Level | None:
    """The gravest level among findings."""
    return next((level for level in LEVELS if any(each.level == level for each in findings)), None)


def count_of(count: int, noun: str) -> str:
    """`1 example`, `3 examples`, `2 classes`."""
    plural = f"{noun}es" if noun.endswith(("s", "x")) else f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"
