"""How `Splits` show themselves in a notebook: counts of parts and classes, and some examples as pictures."""

from __future__ import annotations

from itertools import islice

import numpy as np
from matplotlib.figure import Figure

from tlkit.data.splits import Examples, Splits
from tlkit.errors import DataError
from tlkit.evaluation.canvas import new_figure, shorten
from tlkit.evaluation.notebook_views import Drawing, table_html
from tlkit.kinds.kind import kind_of
from tlkit.tasks.task import task_of

_ACROSS, _SIDE, _LONGEST = 6, 1.5, 22  # examples a row, inches of one, letters below it


def splits_html(splits: Splits) -> str:
    """Examples of each part and class, and what an input is."""
    info, parts, task = splits.info, splits.parts(), task_of(splits.info.task)
    counts = [task.class_counts(part.targets, info.class_names) for part in parts.values()]
    rows: list[list[object]] = [[name, *(each.get(name, 0) for each in counts)] for name in counts[0]]
    rows.append(["all", *splits.counts().values()])
    shape = " x ".join(map(str, info.input_shape)) or "text"
    return table_html(f"{info.kind}, {shape}, {info.input_dtype}", ["class", *parts], rows)


def show(splits: Splits, part: str = "train", count: int = 12) -> Drawing:
    """Draw `count` examples of a part, from all over it, each with what it is.

    Example:
        >>> splits.show("test", count=6)  # doctest: +SKIP
    """
    if part not in splits.parts():
        raise DataError(f"show: expected one of {', '.join(splits.parts())}, found {part!r}")
    chosen = _spread(splits.parts()[part], count)
    draw, task = kind_of(splits.info.kind).draw, task_of(splits.info.task)
    pictures = [draw(values) for values in chosen.load(range(len(chosen)))]
    if not pictures or any(each is None for each in pictures):
        raise DataError(f"show: expected examples that can be drawn, found {splits.info.kind} in {part}")
    truth = task.for_loss(chosen.targets, splits.info.num_outputs).reshape(len(chosen), -1)
    said = [shorten(task.answer(each, splits.info.class_names).text, _LONGEST) for each in truth]
    return Drawing(_sheet([np.asarray(each) for each in pictures], said))


def _spread(part: Examples, count: int) -> Examples:
    places = np.linspace(0, len(part) - 1, min(count, len(part))).round().astype(int)
    return part.take(places.tolist())


def _sheet(pictures: list[np.ndarray], said: list[str]) -> Figure:
    down = -(-len(pictures) // _ACROSS)
    figure = new_figure(_ACROSS * _SIDE, down * (_SIDE + 0.3))
    axes = np.ravel(figure.subplots(down, _ACROSS))
    for place in axes:
        place.axis("off")
    for place, picture, text in islice(zip(axes, pictures, said, strict=False), len(pictures)):
        place.imshow(picture, cmap="grey" if picture.ndim == 2 else None, interpolation="nearest")
        place.set_title(text, fontsize=8, parse_math=False)
    return figure
