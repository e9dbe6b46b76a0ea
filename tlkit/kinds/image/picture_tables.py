"""Tables of pictures on disk: CSV or Parquet, with paths or the pictures' bytes, one label column or several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tlkit.data.splits import Splits
from tlkit.data.tables.frames import read_table
from tlkit.kinds.image.frame import from_frame, image_columns


def picture_table(
    path: str | Path,
    *,
    image: str = "path",
    label: str | Sequence[str] = "label",
    group: str | None = None,
    split: str | None = None,
    time: str | None = None,
    root: str | Path | None = None,
    task: str | None = None,
    seed: int = 7,
    val: float = 0.15,
    test: float = 0.15,
    image_size: int | Sequence[int] = (224, 224),
    channels: int = 3,
    max_bad: float = 0.05,
    near_copies: str = "together",
    resize: str = "squeeze",
    beside: str | Sequence[str] | None = None,
    on_file: Callable[[int], None] | None = None,
) -> Splits:
    """Splits of a CSV, TSV or Parquet file with a column of picture paths (relative to the file) or of bytes.

    Args:
        image: a column, or a form of paths such as `train/{id}.jpg` where it holds ids.
        label: a column, or several columns of 0 and 1, or of numbers to predict.
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
        image_size=image_size, channels=channels, max_bad=max_bad, near_copies=near_copies, resize=resize,
        beside=beside, on_file=on_file,
    )  # fmt: skip
