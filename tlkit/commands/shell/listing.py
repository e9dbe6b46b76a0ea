"""What a command answers: lines as they come with plain values at the end, or a table."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Answer: TypeAlias = Generator[str, None, object]  # lines for people, and what `--json` prints as its return value


@dataclass(frozen=True)
class Listing:
    """A table: its columns, a row of cells for each entry, the same as plain values, and what stands beneath it."""

    columns: Sequence[str]
    cells: Sequence[Sequence[str]]
    values: object
    notes: Sequence[str] = ()
    headed: bool = True  # whether plain lines begin with the names of the columns

    def lines(self) -> Iterator[str]:
        """As plain lines, for pipes and files."""
        rows = [self.columns, *self.cells] if self.headed else self.cells
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        yield from self.notes
