"""How training went, as a picture: loss and the first metric, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tlkit.evaluation.canvas import (
    BLUE,
    FAINT,
    GREY,
    INK,
    ORANGE,
    new_figure,
    place_axes,
    shorten,
    text_inches,
    write_title,
)

_COLORS = {"train": BLUE, "val": ORANGE}
_ASIDE = {"learning_rate", "lr"}
_MOST_MARKED = 40  # epochs with a dot each
_WIDTH, _HEIGHT, _GAP = 4.2, 2.9, 0.85  # inches


def curves_picture(
    history: Mapping[str, Sequence[float]],
    boundaries: Sequence[int] = (),
    *,
    names: Sequence[str] = (),
    solved: bool = False,
) -> Figure:
    """Training and validation curves from Keras's history; `boundaries` counts the epochs before each later phase.

    The curve of a head that was solved is that of its penalties.

    Example:
        >>> figure = curves_picture({"loss": [0.7, 0.4], "val_loss": [0.6, 0.5]}, [1], names=["head", "whole"])
    """
    panels = _panels(history)
    unit = ("penalty, from strong to weak", "penalties") if solved else ("epoch", "epochs")
    epochs = max((len(values) for panel in panels.values() for values in panel.values()), default=0)
    figure = new_figure(0.75 + len(panels) * (_WIDTH + _GAP) - _GAP + 0.35, _HEIGHT + 1.75)
    for index, (name, panel) in enumerate(panels.items()):
        axes = place_axes(figure, 0.75 + index * (_WIDTH + _GAP), 0.6, _WIDTH, _HEIGHT)
        _draw(axes, name, panel, epochs, unit[0])
        _mark_phases(axes, [0, *boundaries, epochs], [shorten(each, 16) for each in names])
    write_title(figure, "Training", _lengths([0, *boundaries, epochs], names, unit[1]))
    _add_legend(figure)
    return figure


def _panels(history: Mapping[str, Sequence[float]]) -> dict[str, dict[str, np.ndarray]]:
    """Loss and accuracy (else the first other metric), each with what there is of train and val."""
    series: dict[str, dict[str, np.ndarray]] = {}
    for key, values in history.items():
        part, name = _split(key)
        if name not in _ASIDE and len(values):
            series.setdefault(name, {})[part] = np.array(values, dtype=float)
    others = [name for name in series if name != "loss"]
    second = "accuracy" if "accuracy" in others else next(iter(others), None)
    return {name: series[name] for name in ("loss", second) if name in series}


def _split(key: str) -> tuple[str, str]:
    """`val_loss` or `val/loss` -> (val, loss); `loss` or `train/loss` -> (train, loss)."""
    for part, start in (("val", "val_"), ("val", "val/"), ("train", "train/")):
        if key.startswith(start):
            return part, key.removeprefix(start)
    return "train", key


def _draw(axes: Axes, name: str, panel: Mapping[str, np.ndarray], epochs: int, unit: str) -> None:
    for part, values in panel.items():
        marker = "o" if len(values) <= _MOST_MARKED else None
        axes.plot(
            np.arange(1, len(values) + 1), values, color=_COLORS[part], linewidth=1.8, marker=marker, markersize=3.5
        )
    if "val" in panel:
        _ring_best(axes, panel["val"], lowest=name != "accuracy" and not name.startswith("r2"))
    axes.set_title(name.replace("_", " "), loc="left", fontsize=10.5, color=INK, pad=20)
    axes.set_xlabel(unit, color=GREY, fontsize=9)
    axes.set_xlim(0.5, epochs + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.margins(y=0.12)


def _ring_best(axes: Axes, values: np.ndarray, *, lowest: bool) -> None:
    if np.isnan(values).all():
        return
    best = int(np.nanargmin(values) if lowest else np.nanargmax(values))
    axes.plot(best + 1, values[best], "o", markersize=9, markerfacecolor="none", markeredgecolor=ORANGE, clip_on=False)
    # on the side away from the training curve, as a rule
    place: dict[str, Any] = {"xytext": (0, 10 if lowest else -17), "textcoords": "offset points", "ha": "center"}
    axes.annotate(f"{values[best]:.4g}", (best + 1, values[best]), fontsize=8.5, color=ORANGE, **place)


def _lengths(ends: Sequence[int], names: Sequence[str], units: str) -> str:
    """`15 epochs: head 5, whole net 10`."""
    parts = [f"{shorten(name, 16)} {end - start}" for name, (start, end) in zip(names, pairwise(ends), strict=False)]
    return f"{ends[-1]} {units if ends[-1] != 1 else units[:-1]}" + (f": {', '.join(parts)}" if parts else "")


def _mark_phases(axes: Axes, ends: Sequence[int], names: Sequence[str]) -> None:
    """A dashed line between phases, and their names above where there is room for them."""
    for boundary in ends[1:-1]:
        axes.axvline(boundary + 0.5, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    style: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": 8.5, "color": GREY, "parse_math": False}
    for name, (start, end) in zip(names, pairwise(ends), strict=False):
        if text_inches(name, 8.5) < _WIDTH * (end - start) / ends[-1]:
            axes.text((start + end + 1) / 2, 1.02, name, transform=axes.get_xaxis_transform(), **style)


def _add_legend(figure: Figure) -> None:
    lines = [line for axes in figure.axes for line in axes.lines]
    handles = {part: next((x for x in lines if x.get_color() == color), None) for part, color in _COLORS.items()}
    shown = {part: handle for part, handle in handles.items() if handle is not None}
    words = {"train": "training", "val": "validation (best ringed)"}
    labels = [words[part] for part in shown]
    figure.legend(shown.values(), labels, loc="upper right", frameon=False, fontsize=9, ncols=2, labelcolor=INK)
