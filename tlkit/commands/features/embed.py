"""Examples as the features that a recorded model sees in them, in a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tlkit.commands.predict import read_rows
from tlkit.commands.shell.listing import Answer
from tlkit.data.tables.frames import read_table
from tlkit.engines.predictor import RunPredictor, load_run
from tlkit.errors import DataError, writing

FEATURES = "features"


@dataclass(frozen=True)
class Embedded:
    """Names of examples, a row of features (n, d) for each, and what could not be read."""

    names: list[str]
    features: np.ndarray
    broken: list[str]


def embed_paths(run: str, paths: Iterable[Path], *, out: Path) -> Answer:
    """Write a row for each example: its name, and its features as a list of numbers.

    Example:
        >>> list(embed_paths("latest", [Path("photographs")], out=Path("f.parquet")))  # doctest: +SKIP
        ['f.parquet: 800 examples, 1280 features each']
    """
    if out.suffix != ".parquet":
        raise DataError(f"--out: expected a file that ends in .parquet, received {out}")
    found = embedded(load_run(run), paths)
    table = pd.DataFrame({"example": found.names, FEATURES: list(found.features)})
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(out, index=False)
    yield f"{out}: {len(table)} examples, {found.features.shape[1]} features each"
    sizes = {"examples": len(table), "features": found.features.shape[1]}
    return {"file": out, **sizes, "broken": found.broken}


def embedded(predictor: RunPredictor, paths: Iterable[Path]) -> Embedded:
    """The pooled features of every example at these paths."""
    if predictor.metadata.get("beside"):
        raise DataError(
            f"{predictor.name}: takes columns beside its input; features of the input alone are not its own"
        )
    paths = list(paths)
    for path in paths:
        if not path.exists():
            raise DataError(f"{path}: no such file or folder")
    inputs = [each for path in paths for each in predictor.inputs_at(path)]
    found = read_rows(predictor, inputs, None, "features", "Looking")
    if not found.names:
        raise DataError("\n".join(found.broken) or f"{paths[0]}: found nothing of kind {predictor.kind.name}")
    return Embedded(found.names, np.stack(found.rows), found.broken)


def read_embedded(file: Path) -> Embedded:
    """A table that `tlkit embed` wrote."""
    table = read_table(file)
    if not {"example", FEATURES} <= set(table.columns) or not len(table):
        raise DataError(f"{file}: expected a table of `tlkit embed`, with columns example and {FEATURES}")
    return Embedded([str(each) for each in table["example"]], features_in(table, file), [])


def features_in(table: pd.DataFrame, where: Path) -> np.ndarray:
    """The column of features as rows (n, d)."""
    rows = [np.asarray(each, np.float32) for each in table[FEATURES]]
    if len({each.shape for each in rows}) != 1 or rows[0].ndim != 1 or not np.isfinite(rows).all():
        raise DataError(f"{where}: {FEATURES}: expected as many numbers in each row")
    return np.stack(rows)
