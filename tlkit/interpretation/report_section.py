"""The best few heat maps on the page of the run that they explain."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from tlkit.errors import NotFoundError
from tlkit.evaluation.html_page import pictures_section, put_section
from tlkit.interpretation.explanations import Explanation
from tlkit.tracking import lookup
from tlkit.tracking.records import Run

_MOST = 6
_TITLE = "Where the model looked"
Shown = tuple[str, Path, Explanation]  # name of the example, folder of its figures, what was found


def report_with_heat_maps(run: Run, found: Sequence[Shown], out: Path, *, root: Path) -> Path | None:
    """A copy of the run's report, in `out`, with the best heat maps in place of those that it had before."""
    best = best_maps(found)
    if not best:
        return None
    try:
        before = lookup.fetch(run, "report.html", root)
    except NotFoundError:
        return None
    report = out / "report.html"
    shutil.copyfile(before, report)
    pictures = {f"{each.method}, {name}": home / f"{each.method}.png" for name, home, each in best}
    put_section(report, pictures_section(_TITLE, pictures, {}), before="Model")
    return report


def best_maps(found: Sequence[Shown]) -> list[Shown]:
    """The few that change the answer most against chance, where that was asked, or whose class is the surest."""
    maps = [each for each in found if each[2].heat is not None]

    def worth(shown: Shown) -> tuple[float, float]:
        _, _, explanation = shown
        return explanation.numbers.get("better_than_chance", 0.0), explanation.probability or 0.0

    return sorted(maps, key=worth, reverse=True)[:_MOST]
