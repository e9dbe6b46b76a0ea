"""Whether the probabilities can be trusted, as a picture."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from tlkit.evaluation.calibration import ConfidenceBins, bin_confidence
from tlkit.evaluation.canvas import BLUE, FAINT, GREY, INK, ORANGE, new_figure, place_axes, write_title


def reliability_picture(targets: np.ndarray, outputs: np.ndarray) -> Figure:
    """How often answers of each confidence are right, against how often they should be, and how many there are.

    Example:
        >>> figure = reliability_picture(np.array([0, 1]), np.array([[0.9, 0.1], [0.4, 0.6]]))
    """
    bins = bin_confidence(np.asarray(targets), np.asarray(outputs))
    figure = new_figure(4.6, 6.0)
    upper, lower = place_axes(figure, 0.8, 1.75, 3.5, 3.5), place_axes(figure, 0.8, 0.55, 3.5, 0.9)
    _draw_accuracy(upper, bins)
    _draw_counts(lower, bins)
    write_title(figure, "Reliability", f"expected calibration error {bins.error:.3f}")
    return figure


def _draw_accuracy(axes: Axes, bins: ConfidenceBins) -> None:
    width, some = bins.edges[0], bins.counts > 0
    middles, low, high = bins.edges[some] - width / 2, bins.accuracy[some], bins.confidence[some]
    axes.bar(middles, low, width=width * 0.92, color=BLUE, label="right")
    gap = {"color": ORANGE, "alpha": 0.35, "width": width * 0.92, "label": "gap to the confidence"}
    axes.bar(middles, high - low, bottom=low, **gap)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=(0, (4, 3)), label="as it should be")
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_ylabel("right", color=GREY, fontsize=9)
    axes.legend(loc="upper left", frameon=False, fontsize=8.5, labelcolor=INK)
    _span(axes)


def _draw_counts(axes: Axes, bins: ConfidenceBins) -> None:
    width = bins.edges[0]
    axes.bar(bins.edges - width / 2, bins.counts, width=width * 0.92, color=GREY)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=2, integer=True))
    axes.set_ylabel("examples", color=GREY, fontsize=9)
    axes.set_xlabel("probability of the answer", color=GREY, fontsize=9)
    _span(axes)


def _span(axes: Axes) -> None:
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
