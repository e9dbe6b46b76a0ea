"""Guesses of data that are a table of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tlkit.kinds.detection.columns import labelled_table
from tlkit.kinds.detection.guess import Guess


def guess_table(path: Path, files: Sequence[Path]) -> Guess | None:
    """A table of numbers with a column of classes."""
    table = labelled_table(files)
    if table is None:
        return None
    data = {"source": "table", "path": str(table.file), "label": table.label}
    why = {**table.why, "source": "guessed: columns of numbers"}
    return Guess(data, why, {"net": "mlp", "units": [32, 32]})
