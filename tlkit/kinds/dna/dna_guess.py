"""Guesses of data that are DNA."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tlkit.data.tables.delimited import SUFFIXES, read_rows
from tlkit.kinds.detection.guess import Guess
from tlkit.kinds.detection.layouts import first_lines
from tlkit.kinds.dna.fasta import FASTA_SUFFIXES
from tlkit.kinds.dna.sequence_tables import letters_in

_FEWEST = 3  # rows of a class


def guess_sequences(path: Path, files: Sequence[Path]) -> Guess | None:
    """DNA in a table, with a header or without, or in FASTA files."""
    tables = [each for each in files if each.suffix.lower() in SUFFIXES | FASTA_SUFFIXES]
    wanted = [each for each in tables if re.search(r"[ACGTN]{30,}", re.sub(r"[,\t ]", "", first_lines(each)), re.I)]
    if not wanted:
        return None
    data: dict[str, Any] = {"source": "dna", "duplicates": "drop"}
    why = {"source": "guessed: letters A, C, G, T", "duplicates": "copies are left out"}
    model = {"net": "resnet1d", "filters": [48, 64, 64], "head": {"pooling": "flatten"}}
    guess = Guess(data, why, model)
    if wanted[0].suffix.lower() in FASTA_SUFFIXES:
        data["path"] = str(wanted[0] if len(wanted) == 1 else path)
        guess.seen = f"FASTA records in {len(wanted)} files"
    else:
        data["path"] = str(wanted[0])
        _tell_columns(guess, wanted[0])
    return guess


def _tell_columns(guess: Guess, file: Path) -> None:
    """Which columns of a table hold letters, and which the class: the one of fewest values that come again."""
    rows = read_rows(file)
    columns = letters_in(rows, "sequence")
    head, body = (
        rows[0][1],
        [cells for _, cells in (rows[1:] if columns.header else rows) if len(cells) == len(rows[0][1])],
    )
    counts = {index: Counter(cells[index] for cells in body) for index in range(len(head))}
    letters = set(columns.sequence) if len(columns.sequence) < len(head) else set()
    usable = {index: each for index, each in counts.items()
              if index not in letters and len(each) >= 2 and min(each.values()) >= _FEWEST}  # fmt: skip
    if not usable:
        return
    label = min(usable, key=lambda index: len(usable[index]))
    kept = [index for index in columns.sequence if index != label]
    name = {0: "first", len(head) - 1: "last"}.get(label, label)
    guess.data["label"] = head[label] if columns.header else name
    guess.why["label"] = f"guessed: {', '.join(sorted(usable[label])[:8])}"
    if len(kept) == 1 and not (columns.header and head[kept[0]].lower() == "sequence"):
        guess.data["sequence"] = head[kept[0]] if columns.header else kept[0]
        guess.why["sequence"] = "guessed: the column of letters" if columns.header else "the column, counted from 0"
    width = f"{len(kept)} columns of a letter each" if len(kept) > 1 else "a column of letters"
    header = f"columns {', '.join(head[:5])}{', …' if len(head) > 5 else ''}" if columns.header else "no header"
    guess.seen = f"{len(body)} rows, {header}, {width}, {len(usable[label])} classes"
