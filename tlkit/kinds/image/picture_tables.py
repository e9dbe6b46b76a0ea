"""Tables of pictures on disk: CSV or Parquet, with paths or the pictures' bytes, one label column or several."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tlkit.kinds.image.frame import from_frame, image_columns
from tlkit.data.files.regular_files import regular
from tlkit.data.splits import Splits
from tlkit.errors import DataError

READERS = {
    ".csv": pd.read_csv,
    ".tsv": functools.partial(pd.read_csv, sep="\t"),
    ".parquet": lambda path, dtype: pd.read_parquet(path),
}


def picture_table(
    path,
    *,
    image="path",
    label="label",
    group=None,
    split=None,
    time=None,
    root=None,
    task=None,
    seed=7,
    val=0.15,
    test=0.15,
    image_size=(224, 224),
    channels=3,
    max_bad=0.05,
    near_copies="together",
    beside=None,
    on_file=None,
) -> Splits:
    """Splits of a CSV, TSV or Parquet file with a column of picture paths (relative to the file) or of bytes.

    Args:
        image: a column, or a form of paths such as `train/{id}.jpg` where it holds ids.
        label: a column, or several columns of 0 and 1.
        group: a column whose values never straddle two parts.
        split: a column that says train, val or test.
        time: a column by which the latest rows are tested on.
        beside: columns that the model sees beside each picture.
        root: the folder that the paths are relative to, if not the file's.

    Example:
        >>> picture_table("leaves/table.csv", image="file", label="species", group="tree")  # doctest: +SKIP
    """
    path = Path(path)
    return from_frame(
        read_table(path, text=image_columns(image)), image=image, label=label, group=group, split=split, time=time,
        where=str(path), root=path.parent if root is None else root, task=task, seed=seed, val=val, test=test,
        image_size=image_size, channels=channels, max_bad=max_bad, near_copies=near_copies, beside=beside,
        on_file=on_file,
    )  # fmt: skip


def read_table(path: Path, text: Sequence[str] = ()) -> pd.DataFrame:
    """The rows of a CSV, TSV or Parquet file; columns of `text` are so though they look like numbers (007)."""
    if not path.is_file():
        raise DataError(f"{path}: no such file; expected a CSV, TSV or Parquet table")
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise DataError(f"{path}: expected one of {', '.join(READERS)}, found '{path.suffix}'")
    try:
        return read(regular(path), dtype=dict.fromkeys(text, str))
    except (ValueError, OSError, ImportError) as error:  # pandas' and pyarrow's errors are ValueErrors
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise DataError(f"{path}: not a readable table ({lines[0]})") from error
