"""Guesses of data that are texts: a file each, or a column of a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tlkit.kinds.detection.columns import labelled_table
from tlkit.kinds.detection.guess import Guess
from tlkit.kinds.detection.layouts import find_layout, labelled_guess

_A_TEXT = 3  # words
_TRAINING = {"epochs": 20, "batch_size": 32, "learning_rate": 0.002}


def guess_text_files(path: Path, files: Sequence[Path]) -> Guess | None:
    """Text files in class folders, or with the class in their names."""
    layout = find_layout(path, files, {".txt"}, "texts")
    if layout is None:
        return None
    return labelled_guess(layout, Guess({"source": "text"}, {"source": "guessed"}, {"net": "cnn1d"}, dict(_TRAINING)))


def guess_text_table(path: Path, files: Sequence[Path]) -> Guess | None:
    """A table with a column of texts and one of classes."""
    table = labelled_table(files)
    if table is None or table.file.suffix.lower() == ".parquet" or len(table.numbers) > 1:
        return None
    texts = [each for each in table.inputs if _num_words(table.frame[each]) >= _A_TEXT]
    if not texts:
        return None
    data = {"source": "text", "path": str(table.file), "column": texts[0], "label": table.label}
    return Guess(data, table.why | {"column": "guessed: the texts"}, {"net": "cnn1d"}, dict(_TRAINING))


def _num_words(cells: pd.Series) -> float:
    """How many words a cell has, as a rule; 0 where cells are no texts."""
    texts = [each for each in cells if isinstance(each, str)]
    return sum(len(each.split()) for each in texts) / len(texts) if 2 * len(texts) > len(cells) else 0
