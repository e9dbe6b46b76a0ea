"""Runs side by side on one page: scores with their intervals, what differs between them, and their curves overlaid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tlkit.evaluation.canvas import FAINT, GREY, INK, new_figure, place_axes, save, shorten, write_title
from tlkit.evaluation.html_page import (
    pictures_section,
    safe,
    section,
    short,
    table_cell,
    table_row,
    whole_table,
    write_page,
)

_COLORS = ("#2b6cb0", "#dd6b20", "#2f855a", "#805ad5", "#c53030", "#00838f", "#975a16", "#4a5568")
_DASHES = ("solid", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
_MOST_CURVES = 16
_CONTENTS = {"Curves": "one line a run over the epochs of its training"}

History = Sequence[tuple[int, float]]


def write_comparison(
    path: Path,
    *,
    title: str,
    scores: pd.DataFrame,
    differences: pd.DataFrame,
    curves: Mapping[str, Mapping[str, History]],
) -> None:
    """Write a self-contained HTML file.

    Args:
        scores: a row a run, best first; the index is the run.
        differences: a row for each setting in which the runs differ, a column a run.
        curves: by metric, the values of each run as (epoch, value).
    """
    picture = path.with_name(f".{path.stem}-curves.png")
    drawn = {name: values for name, values in curves.items() if values}
    try:
        pictures = {"Curves": save(curves_picture(drawn), picture)} if drawn else {}
        sections = [
            section("Scores", _table("Runs, the best first", "Run", scores.loc[:, (scores != "").any()])),
            pictures_section("Learning curves", pictures, _CONTENTS),
            section("Differences", _table("What differs", "Setting", differences)) if len(differences) else "",
        ]
        write_page(path, title=title, headline="", sections=sections)
    finally:
        picture.unlink(missing_ok=True)


def curves_picture(curves: Mapping[str, Mapping[str, History]]) -> Figure:
    """A panel a metric, a line a run.

    Example:
        >>> figure = curves_picture({"val/loss": {"frozen": [(1, 0.5), (2, 0.3)], "scratch": [(1, 0.7)]}})
    """
    names = list(dict.fromkeys(name for values in curves.values() for name in values))[:_MOST_CURVES]
    rows = -(-len(names) // 2)
    figure = new_figure(0.8 + len(curves) * 5.0, 4.15 + 0.22 * rows)
    for index, (metric, values) in enumerate(curves.items()):
        axes = place_axes(figure, 0.8 + index * 5.0, 0.65 + 0.22 * rows, 4.1, 2.5)
        for number, name in enumerate(names):
            steps, heights = np.array(values.get(name, [(0, np.nan)]), float).T
            look: dict[str, Any] = {
                "color": _COLORS[number % len(_COLORS)],
                "linestyle": _DASHES[number // len(_COLORS) % len(_DASHES)],
            }
            marker = "o" if len(steps) == 1 else None
            axes.plot(steps, heights, label=shorten(name, 40), linewidth=1.6, marker=marker, markersize=4, **look)
        axes.grid(axis="y", color=FAINT, linewidth=0.8)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("epoch", color=GREY, fontsize=9)
        axes.set_title(metric, loc="left", fontsize=10, color=INK)
    lines = figure.axes[0].get_legend_handles_labels()
    legend = figure.legend(*lines, loc="lower left", ncols=2, frameon=False, fontsize=8.5, labelcolor=INK)
    for text in legend.get_texts():
        text.set_parse_math(False)  # a name may hold dollar signs
    write_title(figure, "Learning curves", f"{len(names)} runs, of validation")
    return figure


def _table(caption: str, corner: str, frame: pd.DataFrame) -> str:
    lines = (table_row(short(name), (table_cell(short(value)) for value in values)) for name, values in zip(
        frame.index, frame.itertuples(index=False), strict=True))  # fmt: skip
    return whole_table(caption, [corner, *(safe(name) for name in frame.columns)], lines)
