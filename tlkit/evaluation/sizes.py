"""Whether classes with few training examples score worse, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, ScalarFormatter

from tlkit.evaluation.canvas import BLUE, FAINT, GREY, INK, new_figure, place_axes, shorten, write_title

_MOST_NAMED = 6


def sizes_picture(rows: Sequence[Mapping[str, Any]], train_counts: Mapping[str, int]) -> Figure:
    """The F1 score of each class against its number of training examples; the worst are named.

    Example:
        >>> figure = sizes_picture([{"class": "cat", "f1": 0.9}, {"class": "dog", "f1": 0.7}], {"cat": 40, "dog": 9})
    """
    known = [row for row in rows if row["f1"] is not None]
    known.sort(key=lambda row: row["f1"])
    figure = new_figure(5.4, 4.2)
    axes = place_axes(figure, 0.75, 0.65, 4.35, 2.7)
    counts = [max(1, train_counts.get(row["class"], 0)) for row in known]
    axes.scatter(counts, [row["f1"] for row in known], color=BLUE, s=22, alpha=0.7, linewidths=0)
    for row, count in list(zip(known, counts, strict=True))[:_MOST_NAMED]:
        axes.annotate(
            shorten(row["class"], 18), (count, row["f1"]), xytext=(5, 4), textcoords="offset points", fontsize=8,
            color=INK, parse_math=False,
        )  # fmt: skip
    _span(axes, counts)
    write_title(figure, "Training examples and score", f"F1 of {len(known)} classes; the worst are named")
    return figure


def _span(axes: Axes, counts: Sequence[int]) -> None:
    axes.set_ylim(-0.03, 1.05)
    if counts and max(counts) > 4 * min(counts):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.margins(x=0.12)
    axes.grid(color=FAINT, linewidth=0.8)
    axes.set_xlabel("training examples", color=GREY, fontsize=9)
    axes.set_ylabel("F1", color=GREY, fontsize=9)
