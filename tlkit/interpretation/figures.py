"""Explanations as pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlkit.errors import DataError
from tlkit.evaluation.canvas import BLUE, FAINT, GREY, INK, ORANGE, new_figure, place_axes, write_title
from tlkit.interpretation.methods.boxes import Box
from tlkit.interpretation.methods.class_activation import enlarged
from tlkit.interpretation.methods.faithfulness import STEPS, Faithfulness
from tlkit.interpretation.methods.invariance import InvarianceCurve

_SIDE = 3.3  # inches
_HEAT = "inferno"


def heat_figure(
    example: np.ndarray, heat: np.ndarray, *, title: str, subtitle: str, shape: float = 1.0, box: Box | None = None
) -> Figure:
    """The input, and the heat over it, whatever its number of axes; `shape` is a picture's height over its width."""
    if heat.ndim == 2 and example.ndim == 3:
        return _over_picture(example, heat, title, subtitle, shape, box)
    if heat.ndim == 1 and example.ndim == 4:
        return _over_views(example, heat, title, subtitle)
    if heat.ndim == 3:
        return _over_cube(example, heat, title, subtitle)
    if heat.ndim > 1:
        raise DataError(f"a map of {heat.ndim} axes over an input of shape {example.shape} cannot be drawn")
    return _over_line(example, heat, title, subtitle)


def overlaid(pixels: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """A picture, dark and grey where the heat is low, in its own colours where it is high: uint8 in colour."""
    share = _shares(enlarged(np.maximum(heat, 0), pixels.shape[:2]))[..., None] ** 0.7
    colour = _colours(pixels).astype(np.float32)
    grey = colour.mean(axis=-1, keepdims=True) * np.array([0.38, 0.40, 0.50], np.float32)
    return np.rint(grey * (1 - share) + colour * share).astype(np.uint8)


def curves_figure(
    curves: Sequence[InvarianceCurve], titles: Sequence[str], *, title: str, subtitle: str, bound: str
) -> Figure:
    """A panel for each curve."""
    width, height, gap = 2.6, 2.0, 0.55
    columns = min(3, len(curves))
    rows = -(-len(curves) // columns)
    figure = new_figure(0.7 + columns * (width + gap), 0.9 + rows * (height + 0.75))
    for index, (curve, name) in enumerate(zip(curves, titles, strict=True)):
        bottom = 0.6 + (rows - 1 - index // columns) * (height + 0.75)
        axes = place_axes(figure, 0.65 + index % columns * (width + gap), bottom, width, height)
        axes.plot(curve.strengths, curve.probabilities, color=BLUE, linewidth=1.8)
        axes.axvline(curve.neutral, color=GREY, linewidth=0.8, linestyle=":")
        axes.grid(color=FAINT)
        axes.set_ylim(-0.02, 1.04)
        axes.set_xlabel(name, fontsize=9, color=INK)
        if index % columns == 0:
            axes.set_ylabel(bound, fontsize=9, color=INK)
        axes.set_title(f"{curve.steadiness:.3f}", fontsize=9, color=GREY, loc="right", pad=3)
    write_title(figure, title, subtitle)
    return figure


def trust_figure(trust: Faithfulness, *, title: str, subtitle: str) -> Figure:
    """Deletion and insertion, each against the same by chance."""
    figure = new_figure(7.6, 3.6)
    share = np.arange(STEPS + 1) / STEPS
    pairs = (("deletion", trust.deletion, trust.deletion_by_chance),
             ("insertion", trust.insertion, trust.insertion_by_chance))  # fmt: skip
    for index, (name, ours, chance) in enumerate(pairs):
        axes = place_axes(figure, 0.7 + index * 3.5, 0.6, 2.9, 2.1)
        axes.fill_between(share, ours, color=BLUE, alpha=0.12, linewidth=0)
        axes.plot(share, ours, color=BLUE, linewidth=1.8, label="hottest first")
        axes.plot(share, chance, color=ORANGE, linewidth=1.4, label="by chance")
        axes.set_ylim(-0.02, 1.04)
        axes.set_xlim(0, 1)
        axes.grid(color=FAINT)
        axes.set_xlabel(f"share of positions, {name}", fontsize=9, color=INK)
        axes.set_ylabel("probability" if index == 0 else "", fontsize=9, color=INK)
        axes.legend(fontsize=8, frameon=False, loc="best")
    write_title(figure, title, subtitle)
    return figure


def sheet_figure(sheet: np.ndarray, *, title: str, subtitle: str, colours: str = "gray") -> Figure:
    """A sheet of tiles."""
    height, width = sheet.shape[:2]
    across = 6.4 if width >= height else 6.4 * width / height
    across = max(across, 4.0)
    figure = new_figure(across + 0.5, across * height / width + 1.0)
    axes = _bare(place_axes(figure, 0.25, 0.2, across, across * height / width))
    axes.imshow(sheet.squeeze(), cmap=colours, vmin=0, vmax=1, interpolation="nearest", aspect="auto")
    write_title(figure, title, subtitle)
    return figure


def lines_figure(lines: np.ndarray, *, title: str, subtitle: str) -> Figure:
    """Filters of one axis as small curves: (filters, length, channels)."""
    columns = min(8, len(lines))
    rows = -(-len(lines) // columns)
    figure = new_figure(0.5 + columns * 1.1, 0.9 + rows * 0.9)
    for index, line in enumerate(lines):
        axes = place_axes(figure, 0.25 + index % columns * 1.1, 0.2 + (rows - 1 - index // columns) * 0.9, 1.0, 0.75)
        _bare(axes).plot(line, linewidth=1.2, color=BLUE if line.shape[-1] == 1 else None)
        axes.axhline(0, color=FAINT, linewidth=0.8, zorder=0)
    write_title(figure, title, subtitle)
    return figure


def _over_picture(
    example: np.ndarray, heat: np.ndarray, title: str, subtitle: str, shape: float, box: Box | None
) -> Figure:
    across = _SIDE if shape <= 1 else _SIDE / shape
    high = across * shape
    figure = new_figure(max(3 * across + 1.35, 7.6), high + 1.0)
    pixels = _colours(example)
    left = [0.25 + index * (across + 0.15) for index in range(3)]
    for place, content in zip(left, (pixels, overlaid(pixels, heat)), strict=False):
        _bare(place_axes(figure, place, 0.2, across, high)).imshow(content, aspect="auto")
    axes = _bare(place_axes(figure, left[2], 0.2, across, high))
    full = enlarged(heat, pixels.shape[:2])
    drawn = axes.imshow(full, cmap=_HEAT, aspect="auto", vmin=min(0.0, float(full.min())))
    bar = figure.colorbar(drawn, cax=place_axes(figure, left[2] + across + 0.1, 0.2, 0.12, high))
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8, colors=GREY)
    if box is not None:
        from matplotlib.patches import Rectangle

        size = box[2] - box[0], box[3] - box[1]
        for each in figure.axes[1:3]:
            each.add_patch(Rectangle(box[:2], *size, fill=False, edgecolor="white", linewidth=1.6))
    write_title(figure, title, subtitle)
    return figure


def _over_line(example: np.ndarray, heat: np.ndarray, title: str, subtitle: str) -> Figure:
    figure = new_figure(8.6, 3.9)
    values = example[:, None] if example.ndim == 1 else example if example.ndim == 2 else heat[:, None]
    axes = place_axes(figure, 0.6, 1.25, 7.7, 1.8)
    if values.dtype.kind in "fiu":
        axes.plot(values, linewidth=1.3)
    axes.set_xlim(0, len(values) - 1)
    below = _bare(place_axes(figure, 0.6, 0.45, 7.7, 0.55))
    most = max(float(np.abs(heat).max()), 1e-9)
    below.imshow(enlarged(heat, (len(values),))[None], aspect="auto", cmap="RdBu_r", vmin=-most, vmax=most)
    figure.text(0.6 / 8.6, 0.25 / 3.9, f"red: speaks for it (up to {most:.3g})", fontsize=8.5, color=GREY)
    write_title(figure, title, subtitle)
    return figure


def _over_views(example: np.ndarray, heat: np.ndarray, title: str, subtitle: str) -> Figure:
    columns = min(6, len(example))
    rows = -(-len(example) // columns)
    figure = new_figure(max(0.5 + columns * 1.3, 5.0), 0.9 + rows * 1.5)
    for index, (view, fall) in enumerate(zip(example, heat, strict=True)):
        place = 0.25 + index % columns * 1.3, 0.2 + (rows - 1 - index // columns) * 1.5
        axes = _bare(place_axes(figure, *place, 1.2, 1.2))
        axes.imshow(_colours(view))
        axes.set_title(f"{fall:+.3f}", fontsize=9, color=ORANGE if fall == heat.max() else INK, pad=2)
    write_title(figure, title, subtitle)
    return figure


def _over_cube(example: np.ndarray, heat: np.ndarray, title: str, subtitle: str) -> Figure:
    figure = new_figure(3 * 2.6 + 0.6, 2 * 2.6 + 1.1)
    body = example.mean(-1) if example.ndim == 4 else example
    heat = enlarged(heat, body.shape[:3])
    for index in range(3):
        for row, values in enumerate((heat, body)):
            axes = _bare(place_axes(figure, 0.25 + index * 2.65, 0.2 + row * 2.65, 2.5, 2.5))
            axes.imshow(values.mean(axis=index), cmap=_HEAT if row == 0 else "gray_r", aspect="auto")
    write_title(figure, title, f"{subtitle}; along each axis: the body above, the heat below")
    return figure


def _bare(axes: Axes) -> Axes:
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def _colours(pixels: np.ndarray) -> np.ndarray:
    if pixels.dtype != np.uint8:
        values = pixels.astype(np.float32)
        pixels = np.rint(255 * _shares(values - values.min())).astype(np.uint8)
    return np.repeat(pixels, 3, -1) if pixels.shape[-1] == 1 else pixels[..., :3]


def _shares(values: np.ndarray) -> np.ndarray:
    return values / max(float(values.max()), 1e-12)
