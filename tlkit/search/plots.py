"""What a search came to, in pictures: parallel coordinates, the weight of each field, the best so far."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlkit.evaluation.canvas import BLUE, FAINT, GREY, INK, ORANGE, new_figure, place_axes, save, shorten, write_title
from tlkit.recipe.schema import Recipe
from tlkit.recipe.space import Domain
from tlkit.search.importance import field_importance, placed
from tlkit.search.progress_table import short_names, shown_value
from tlkit.search.trial import COMPLETED, Trial
from tlkit.search.trial_queue import Search

_STEP = 1.5  # inches between two upright axes
_BOLD = {"color": ORANGE, "linewidth": 2.4, "markersize": 5, "zorder": 3}
_FINE = {"linewidth": 1.1, "markersize": 2.5, "alpha": 0.65, "zorder": 2}


def write_pictures(folder: Path, search: Search, domains: list[Domain], recipe: Recipe) -> None:
    """Parallel coordinates, the best so far and, where it can be told, the weight of each field."""
    objective = recipe.tune.objective
    save(parallel_picture(search, domains, objective), folder / "parallel_coordinates.png")
    save(progress_picture(search, objective), folder / "best_so_far.png")
    weights = field_importance(domains, search.ranked())
    if weights:
        save(importance_picture(weights, len(search.ranked()), objective), folder / "importance.png")


def parallel_picture(search: Search, domains: list[Domain], objective: str) -> Figure:
    """A line for each completed trial through its values to its score; the best is drawn boldly."""
    trials = search.ranked()
    figure = new_figure(1.9 + _STEP * len(domains), 4.6)
    axes = place_axes(figure, 0.8, 0.75, _STEP * len(domains) + 0.2, 2.9)
    scores = np.array([each.score for each in trials], float)
    low, high = float(scores.min()), float(scores.max())
    colours = matplotlib.colormaps["viridis"]
    for each, found in reversed(list(zip(trials, scores, strict=True))):
        score = (found - low) / ((high - low) or 1.0)
        line = np.array([*(placed(domain, each) for domain in domains), score])
        good = score if search.sign > 0 else 1 - score
        look: dict[str, Any] = _BOLD if each is trials[0] else {**_FINE, "color": colours(0.9 * good)}
        known = np.flatnonzero(np.isfinite(line))
        axes.plot(known, line[known], linestyle=":", **{**look, "markersize": 0})  # past fields that do not matter
        axes.plot(range(len(line)), line, marker="o", **look)
    _label_axes(axes, domains, objective, low, high)
    write_title(figure, "Trials", f"{len(trials)} completed; the best, {objective} {scores[0]:.4f}, in orange")
    return figure


def progress_picture(search: Search, objective: str) -> Figure:
    """Every trial's score and the best so far, in the order in which they began."""
    done = [each for each in search.counted() if each.status == COMPLETED]
    figure = new_figure(6.6, 4.2)
    axes = place_axes(figure, 0.8, 0.6, 5.5, 2.7)
    numbers, scores = [each.number + 1 for each in done], np.array([each.score for each in done], float)
    best = np.maximum.accumulate(scores) if search.sign > 0 else np.minimum.accumulate(scores)
    axes.plot(numbers, scores, "o", color=GREY, markersize=4, alpha=0.7)
    axes.step(numbers, best, where="post", color=ORANGE, linewidth=2)
    axes.grid(axis="y", color=FAINT)
    axes.set_xlabel("trial", color=INK)
    write_title(figure, "Best so far", f"{objective}; dots are trials")
    return figure


def importance_picture(weights: dict[str, float], trials: int, objective: str) -> Figure:
    """How much of what can be told of the score hangs on each field."""
    names = short_names(list(weights))
    figure = new_figure(6.6, 1.4 + 0.34 * len(weights))
    axes = place_axes(figure, 1.9, 0.45, 4.3, 0.34 * len(weights))
    axes.barh(range(len(weights)), list(weights.values()), color=BLUE, height=0.62)
    axes.set_yticks(range(len(weights)), [shorten(names[each], 22) for each in weights])
    axes.invert_yaxis()
    axes.grid(axis="x", color=FAINT)
    write_title(figure, "What mattered", f"share in {objective}, by a forest over {trials} trials")
    return figure


def _label_axes(axes: Axes, domains: list[Domain], objective: str, low: float, high: float) -> None:
    names = short_names([each.path for each in domains])
    count = len(domains)
    axes.set_xlim(-0.15, count + 0.15)
    axes.set_ylim(-0.06, 1.06)
    axes.set_xticks(range(count + 1), [shorten(each, 16) for each in (*names.values(), objective)])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    for index in range(count + 1):
        axes.axvline(index, color=FAINT, zorder=1)
        marks = _marks(domains[index]) if index < count else [(0, f"{low:.4f}"), (1, f"{high:.4f}")]
        for height, text in marks:
            axes.annotate(
                text, (index, height), (4, 5), textcoords="offset points", fontsize=7.5, color=GREY, va="center"
            )


def _marks(domain: Domain) -> list[tuple[float, str]]:
    """A few values of a domain and where they lie."""
    if domain.kind != "choice":
        return [(0, shown_value(domain.values[0])), (1, shown_value(domain.values[-1]))]
    trials = [Trial(0, {domain.path: value}, "") for value in domain.values]
    return [(placed(domain, each), shorten(shown_value(each.changes[domain.path]), 14)) for each in trials]
