"""Rows of a table: columns of numbers, which say too little of an example to tell near-copies by."""

from __future__ import annotations

from tlkit.catalog import Entry
from tlkit.data.duplicates.likeness import none_near
from tlkit.kinds.kind import Kind
from tlkit.kinds.table.table import labelled_rows, rows_at
from tlkit.kinds.table.table_nets import TABLE_NETS

TABLE = Kind(
    "table",
    inputs_at=rows_at,
    labelled_at=labelled_rows,
    preparations={"normalised": Entry("tlkit.model.scaled_columns:normalised", "columns at mean 0 and deviation 1")},
    near=none_near,
    starting_points=TABLE_NETS,
    guesses={120: "tlkit.kinds.table.table:guess_table"},
)
