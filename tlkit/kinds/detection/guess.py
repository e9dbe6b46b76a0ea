"""One guess of what data are, as a recipe is written from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Guess:
    """A data section with a word on each field that was guessed, what suits it, and what was seen.

    `parts` counts the files of each part that the data give; None where that is not known.
    """

    data: dict[str, Any]
    why: dict[str, str] = field(default_factory=dict)
    model: dict[str, Any] = field(default_factory=lambda: {"net": "efficientnet-lite0"})
    train: dict[str, Any] = field(default_factory=lambda: {"epochs": 20, "batch_size": 64, "learning_rate": 0.003})
    augment: list[dict[str, Any]] = field(default_factory=list)
    seen: str = ""
    parts: Counter[str] | None = None
