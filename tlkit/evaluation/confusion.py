"""The confusion matrix as a picture, from 2 classes to hundreds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import PercentFormatter

from tlkit.evaluation.canvas import GREY, INK, new_figure, place_axes, shorten, text_inches, write_title

_BLUES = LinearSegmentedColormap.from_list("tlkit_blues", ["#ffffff", "#bee3f8", "#4299e1", "#2a4365"])
_NORM = PowerNorm(0.5, vmin=0, vmax=1)  # a square root: a few mistakes among many classes are to be seen
_MOST_COUNTED, _MOST_SHARED, _MOST_LINED, _MOST_NAMED = 24, 6, 40, 100


def confusion_picture(confusion: np.ndarray, class_names: Sequence[str]) -> Figure:
    """Rows are the true classes, shaded by the share of each that went where; counts where there is room.

    Example:
        >>> figure = confusion_picture(np.array([[9, 1], [2, 8]]), ["cat", "dog"])
    """
    confusion = np.asarray(confusion)
    side, size = _sizes(len(confusion))
    names = [shorten(name) for name in class_names]
    widest = max(text_inches(name, size) for name in names)
    level = widest < 0.95 * side / len(names)  # names below the columns, not upright
    left, bottom = 0.65 + widest, 0.6 + (0.2 if level else widest)
    figure = new_figure(left + side + 1.15, bottom + side + 0.85)
    axes = place_axes(figure, left, bottom, side, side)
    image = _shade(axes, confusion)
    _name_cells(axes, names, size, level=level)
    _name_axes(figure, left, bottom, side)
    _write_counts(axes, confusion, size, cell=side / len(confusion))
    bar_height = min(side, 2.6)
    _add_bar(figure, image, place_axes(figure, left + side + 0.2, bottom + side - bar_height, 0.12, bar_height))
    right, total = int(confusion.trace()), int(confusion.sum())
    write_title(figure, "Confusion matrix", f"{right:,} of {total:,} right ({right / max(total, 1):.1%})")
    return figure


def _sizes(count: int) -> tuple[float, float]:
    """Inches of the matrix's side, and the size of the letters."""
    side = float(np.clip(0.5 * count, 2.6, 9.5))
    named = min(count, _MOST_NAMED)
    return side, float(np.clip(72 * side / named * 0.72, 4.5, 10))


def _shares(confusion: np.ndarray) -> np.ndarray:
    return confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)


def _shade(axes: Axes, confusion: np.ndarray) -> AxesImage:
    image = axes.imshow(_shares(confusion), cmap=_BLUES, norm=_NORM, aspect="auto", interpolation="nearest")
    for spine in axes.spines.values():
        spine.set_visible(True)
    if len(confusion) <= _MOST_LINED:
        between = np.arange(1, len(confusion)) - 0.5
        axes.vlines(between, -0.5, len(confusion) - 0.5, color="#cbd2d9", linewidth=0.5)
        axes.hlines(between, -0.5, len(confusion) - 0.5, color="#cbd2d9", linewidth=0.5)
    return image


def _name_cells(axes: Axes, names: Sequence[str], size: float, *, level: bool) -> None:
    step = -(-len(names) // _MOST_NAMED)  # of hundreds of classes, every second, third, … is named
    gap = 0.06 * len(names) / _sizes(len(names))[0]  # inches, in cells
    plain: dict[str, Any] = {"color": INK, "parse_math": False}  # a name may hold dollar signs
    below: dict[str, Any] = {"va": "top", "ha": "center", "rotation": 0 if level else 90, "fontsize": size, **plain}
    before: dict[str, Any] = {"va": "center_baseline", "ha": "right", "fontsize": size, **plain}
    for index in range(0, len(names), step):  # as plain text: hundreds of ticks take twice as long
        axes.text(index, len(names) - 0.5 + gap, names[index], **below)
        axes.text(-0.5 - gap, index, names[index], **before)
    axes.set_xticks([])
    axes.set_yticks([])


def _name_axes(figure: Figure, left: float, bottom: float, side: float) -> None:
    width, height = figure.get_size_inches()
    style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 10, "color": GREY}
    figure.text((left + side / 2) / width, 0.25 / height, "predicted", **style)
    figure.text(0.28 / width, (bottom + side / 2) / height, "true", rotation=90, **style)


def _write_counts(axes: Axes, confusion: np.ndarray, size: float, *, cell: float) -> None:
    if len(confusion) > _MOST_COUNTED:
        return
    shares = _shares(confusion)
    for (row, column), count in np.ndenumerate(confusion):
        if count or len(confusion) <= _MOST_SHARED:
            text = _text(int(count), float(shares[row, column]), len(confusion))
            color = "white" if shares[row, column] > 0.25 else INK
            fitting = size * min(1, 0.95 * cell / text_inches(f"{count:,}", size))
            axes.text(column, row, text, ha="center", va="center", fontsize=fitting, color=color)


def _text(count: int, share: float, num_classes: int) -> str:
    return f"{count:,}\n{share:.1%}" if num_classes <= _MOST_SHARED else f"{count:,}"


def _add_bar(figure: Figure, image: AxesImage, axes: Axes) -> None:
    bar = figure.colorbar(image, cax=axes, ticks=[0, 0.05, 0.25, 0.5, 1], format=PercentFormatter(1, decimals=0))
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8, colors=GREY, length=0)
    bar.set_label("share of the true class", color=GREY, fontsize=8)
