"""The table of a net or a recipe's model, as text and as a CSV file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path

from tlkit import catalog
from tlkit.commands.preflight.summary_model import named_net, recipe_model
from tlkit.commands.shell.listing import Answer
from tlkit.data.tables.safe_csv import write_table
from tlkit.errors import ModelError, writing
from tlkit.model.layer_table import LayerRow, Totals, layer_rows, totals
from tlkit.recipe.packaged import named_recipe

_TITLES = ("layer", "output", "activations", "parameters", "frozen", "multiply-adds", "if split", "field", "memory")
_LONGEST_NAME = 36
_EXACT = 10_000_000  # multiply-adds from here on are shown in millions


def summarize(
    name: str,
    *,
    input_shape: str | None = None,
    classes: int | None = None,
    settings: Sequence[str] = (),
    csv_file: Path | None = None,
) -> Answer:
    """Lines of the table of a net, a backbone or a recipe; with `csv_file` the exact numbers are written as well.

    `settings` override fields of a recipe, or arguments of a net: `model.groups=2`.
    """
    shape = None if input_shape is None else read_shape(input_shape)
    if classes is not None and classes < 1:
        raise ModelError(f"--classes: expected a whole number of at least 1, found {classes}")
    build = recipe_model if _is_recipe(name) else named_net
    title, model = build(name, shape, classes, settings)
    rows = layer_rows(model)
    yield title
    yield ""
    yield from table(rows)
    yield ""
    yield from closing(totals(rows))
    if csv_file is not None:
        write_rows(rows, csv_file)
        yield f"written to {csv_file}"
    return {"title": title, "layers": [vars(each) for each in rows], "totals": vars(totals(rows))}


def _is_recipe(name: str) -> bool:
    """Whether a recipe is meant; the name of a net goes before that of a recipe without an ending."""
    there = Path(name).is_file() or named_recipe(name) is not None
    return name.endswith((".yaml", ".yml")) or (there and name not in catalog.NETS and name not in catalog.BACKBONES)


def read_shape(text: str) -> tuple[int, ...]:
    """`32x32x3` as a shape.

    Example:
        >>> read_shape("32x32x3")
        (32, 32, 3)
    """
    parts = text.lower().replace("×", "x").replace(",", "x").split("x")
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise ModelError(f"--input {text}: expected positive whole numbers with x between them, such as 32x32x3")
    return tuple(int(part) for part in parts)


def table(rows: Sequence[LayerRow]) -> Iterator[str]:
    """The rows in columns; columns that would be empty throughout are left out."""
    cells = [_cells(row) for row in rows]
    sums = totals(rows)
    last = ["total", "", _number(sums.activations), _number(sums.trainable), _nonzero(sums.frozen),
            _scaled(sums.multiply_adds), "", "", _bytes(sums.memory)]  # fmt: skip
    kept = [index for index in range(len(_TITLES)) if any(each[index] for each in cells)]
    widths = {index: max(len(each[index]) for each in [_TITLES, *cells, last]) for index in kept}
    rule = "-" * (sum(widths.values()) + 2 * (len(kept) - 1))
    yield _line(_TITLES, widths)
    part = ""
    for row, each in zip(rows, cells, strict=True):
        if row.part != part:
            yield f"-- {row.part} ".ljust(len(rule), "-")
            part = row.part
        yield _line(each, widths)
    yield rule
    yield _line(last, widths)


def closing(sums: Totals) -> Iterator[str]:
    """The sums in words, and by which rules they were made."""
    every = sums.trainable + sums.frozen
    yield f"parameters     {every:,}: {sums.trainable:,} trainable, {sums.frozen:,} frozen or statistics"
    least = "" if sums.exact else "at least "
    yield f"multiply-adds  {least}{sums.multiply_adds:,} for an example; weights alone count, not biases or BatchNorm"
    saved = sums.multiply_adds - sums.split_multiply_adds
    if saved:
        share = saved / sums.multiply_adds
        yield (
            f"if split       {sums.split_multiply_adds:,} multiply-adds with every convolution as depthwise and "
            f"pointwise, {share:.0%} less"
        )
    yield f"memory         {_bytes(sums.memory)}: weights, and the outputs of one example"


def write_rows(rows: Sequence[LayerRow], path: Path) -> None:
    """The table as CSV, every number exact."""
    names = [field.name for field in fields(LayerRow)]
    cells = [[_shape(row.output) if each == "output" else getattr(row, each) for each in names] for row in rows]
    with writing(f"--csv {path}", ModelError), path.open("w", newline="", encoding="utf-8") as file:
        write_table(file, [names, *cells])


def _cells(row: LayerRow) -> list[str]:
    name = _short(f"{row.layer}  {row.details}".rstrip())
    saving = ""
    if row.split_multiply_adds is not None and row.multiply_adds:
        saving = f"-{1 - row.split_multiply_adds / row.multiply_adds:.0%}"
    return [name, _shape(row.output), _number(row.activations), _nonzero(row.trainable), _nonzero(row.frozen),
            "?" if row.multiply_adds is None else _scaled(row.multiply_adds) if row.multiply_adds else "",
            saving, row.receptive_field, _bytes(row.memory)]  # fmt: skip


def _line(cells: Sequence[str], widths: dict[int, int]) -> str:
    shown = [cells[index].ljust(width) if index < 2 else cells[index].rjust(width) for index, width in widths.items()]
    return "  ".join(shown).rstrip()


def _short(name: str) -> str:
    half = (_LONGEST_NAME - 1) // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[:half]}…{name[-half:]}"


def _shape(shape: Sequence[int | None]) -> str:
    return "x".join("?" if each is None else str(each) for each in shape)


def _number(value: int) -> str:
    return f"{value:,}"


def _nonzero(value: int) -> str:
    return f"{value:,}" if value else ""


def _scaled(value: int) -> str:
    return f"{value:,}" if value < _EXACT else f"{value / 1e6:,.1f} M"


def _bytes(value: int) -> str:
    return f"{value / 1e6:.1f} MB" if value >= 1e6 else f"{value / 1e3:.1f} kB"
