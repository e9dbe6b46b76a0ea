"""What each step brought: a picture and a table, as a section of the winner's report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlkit.evaluation.canvas import FAINT, GREY, INK, ORANGE, new_figure, place_axes, save, shorten, write_title
from tlkit.evaluation.html_page import pictures_section, put_section, safe, table_cell, table_row, whole_table
from tlkit.search.probing.tried import Step, Tried, best_of, steps_of

TITLE = "What was tried"
_INTERVAL = 1.96  # standard errors
_ROW = 0.32  # inches
_HEADS = ("Step", "Score", "Loss", "Gain over the best before ± standard error", "Examples", "Seconds", "")


def write_steps(report: Path, picture: Path, tried: Sequence[Tried], left_out: Sequence[str]) -> None:
    """Draw the picture, and put the section into a report that is there."""
    save(steps_picture(tried), picture)
    contents = {TITLE: "the gain of each step over the first, with its 95% interval"}
    drawn = pictures_section(TITLE, {TITLE: picture}, contents).removesuffix("</section>")
    reasons = "".join(f'\n<p class="quiet notes">Left out: {safe(reason)}</p>' for reason in left_out)
    put_section(report, f"{drawn}{_table(tried)}{reasons}\n</section>", before="Scores")


def steps_picture(tried: Sequence[Tried]) -> Figure:
    """The gain of each over the first, with its interval, in the order in which they were tried."""
    best = best_of(tried)
    figure = new_figure(8.4, 1.5 + _ROW * len(tried))
    axes = place_axes(figure, 3.3, 0.6, 3.9, _ROW * len(tried))
    axes.axvline(0, color=FAINT)
    for row, each in enumerate(tried):
        _draw(axes, row, each, tried[0], bold=each is best)
    axes.set_yticks(range(len(tried)), [shorten(each.candidate.name, 42) for each in tried])
    axes.set_ylim(len(tried) - 0.5, -0.5)
    axes.set_xlabel("loss less than the first's, on held-out examples", color=INK, fontsize=9)
    subtitle = f"gain over {tried[0].candidate} with its 95% interval; the best in orange; at the right, {best.name}"
    write_title(figure, "What each step brought", subtitle)
    return figure


def _draw(axes: Axes, row: int, each: Tried, first: Tried, *, bold: bool) -> None:
    gain, colour = each.gain_over(first), ORANGE if bold else GREY
    reach = _INTERVAL * gain.error
    axes.plot([gain.mean - reach, gain.mean + reach], [row, row], color=colour, linewidth=2.4 if bold else 1.4)
    axes.plot([gain.mean], [row], "o", color=colour, markersize=6 if bold else 4)
    axes.annotate(
        f"{each.score:.4f}", (1.03, row), xycoords=axes.get_yaxis_transform(), va="center", fontsize=9,
        color=colour if bold else INK, fontweight="bold" if bold else "normal",
    )  # fmt: skip


def _table(tried: Sequence[Tried]) -> str:
    name = safe(tried[0].name)
    caption = f"In the order in which they were tried; the score is {name}, on train and val examples not learned from"
    return whole_table(caption, _HEADS, _rows(tried))


def _rows(tried: Sequence[Tried]) -> Iterator[str]:
    yield _row(tried[0], "–", "the first")
    for step in steps_of(tried):
        yield _row(step.tried, str(step.gain), _outcome(step, whole=len(tried[0].errors)))


def _row(tried: Tried, gain: str, outcome: str) -> str:
    cells = (f"{tried.score:.4f}", f"{tried.loss:.4f}", gain, f"{len(tried.errors):,}", f"{tried.seconds:.1f}", outcome)
    return table_row(safe(tried.candidate), map(table_cell, cells))


def _outcome(step: Step, *, whole: int) -> str:
    if step.is_taken:
        return "taken"
    return "given up" if len(step.tried.errors) < whole else "not better"
