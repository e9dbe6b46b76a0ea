"""What a service has seen, against what its model has learned from: a page, and figures for the run's record."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tlkit.commands.features.embed import FEATURES, features_in
from tlkit.commands.shell.listing import Answer
from tlkit.data.tables.frames import read_table
from tlkit.data.tables.safe_csv import restored
from tlkit.engines.predictor import RunPredictor, load_run
from tlkit.errors import DataError, NotFoundError, writing
from tlkit.evaluation.drift import drift_word, shares_between, stability_index
from tlkit.evaluation.html_page import facts_list, safe, section, short, table_cell, table_row, whole_table, write_page
from tlkit.evaluation.intervals import wilson
from tlkit.tracking import lookup
from tlkit.tracking.store import add_to_run

_EXPECTED = 0.05  # the share of validation that counts as unknown
_BINS = slice(None, None, 2)  # every other quantile: ten parts, as many as the index is read by
_MOST_DAYS = 100
_WORDS = 18  # letters before what a line says


@dataclass(frozen=True)
class Watched:
    """Figures by name; shares of classes before and now; and by day how many examples, and which share unknown."""

    figures: Mapping[str, float]
    classes: Mapping[str, tuple[float, float]]
    days: Mapping[str, tuple[int, float]]

    @property
    def lines(self) -> Iterator[str]:
        """What there is to say, a line each."""
        figures = self.figures
        yield f"examples          {figures['examples']:.0f}"
        if "unknown" in figures:
            yield (f"unknown           {figures['unknown']:.1%} ({figures['unknown_low']:.1%} to "
                   f"{figures['unknown_high']:.1%}), where {_EXPECTED:.0%} are expected")  # fmt: skip
        for name, words in (("distance_drift", "features"), ("class_drift", "classes")):
            if name in figures:
                yield f"drift of {words:<8} {drift_word(figures[name])} ({figures[name]:.3f}; above 0.25 is much)"
        if "probability" in figures:
            yield f"probability       {figures['probability']:.3f} in the mean" + self._before("probability_before")

    def _before(self, name: str) -> str:
        return f", {self.figures[name]:.3f} on the test split" if name in self.figures else ""


def watch_log(run: str, log: Path, *, html: Path, recorded: bool = False) -> Answer:
    """Say what moved, and write the page; `recorded` adds both to the run's record.

    Example:
        >>> list(watch_log("latest", Path("log.parquet"), html=Path("watch.html")))  # doctest: +SKIP
        ['examples          2000', ...]
    """
    predictor = load_run(run)
    found = watched(predictor, _log_at(log), log)
    with writing(html):
        _write(html, predictor, log, found)
    yield from found.lines
    yield f"{html}: the page"
    if recorded:
        with tempfile.TemporaryDirectory() as desk:
            _write(Path(desk) / "watch.html", predictor, log, found)
            figures = {f"watch/{name}": value for name, value in found.figures.items()}
            add_to_run(predictor.run, figures, Path(desk), "watch", root=predictor.root)
        yield f"added to run {predictor.run.id[:8]}: watch/…"
    return {**vars(found), "page": html}


def watched(predictor: RunPredictor, table: pd.DataFrame, where: Path) -> Watched:
    """The figures of a log: columns class, probability, unknown, features and time are read where they are there."""
    figures: dict[str, float] = {"examples": float(len(table))}
    unknown = _distances(predictor, table, where)
    if unknown is not None and predictor.known is not None:
        beyond = unknown > predictor.known.threshold
        low, high = wilson(int(beyond.sum()), len(beyond))
        figures |= {"unknown": float(beyond.mean()), "unknown_low": low, "unknown_high": high}
        if len(quantiles := predictor.known.quantiles[_BINS]) > 1:
            even = np.ones(len(quantiles) - 1)
            figures["distance_drift"] = stability_index(even, shares_between(unknown, quantiles), len(table))
    before = _judged(predictor)
    classes = _classes(predictor, table, before)
    if classes:
        early, late = np.array(list(classes.values())).T
        figures["class_drift"] = stability_index(early, late, len(table))
    if "probability" in table:
        figures["probability"] = float(table["probability"].mean())
        if before is not None and "probability" in before:
            figures["probability_before"] = float(before["probability"].mean())
    if len(figures) == 1:
        raise DataError(f"{where}: expected a log of `tlkit serve` or a table of `tlkit embed`: columns class, "
                        f"probability, unknown or {FEATURES}; found {', '.join(map(str, table.columns))}")  # fmt: skip
    return Watched(figures, classes, _days(table, unknown, predictor))


def _log_at(path: Path) -> pd.DataFrame:
    """A log in one file, or in a folder of such."""
    files = sorted(each for each in path.glob("*.parquet") if each.name[0] != ".") if path.is_dir() else [path]
    if not files:
        raise DataError(f"{path}: holds no Parquet files; expected a log of `tlkit serve`")
    table = pd.concat([read_table(each) for each in files], ignore_index=True)
    if not len(table):
        raise DataError(f"{path}: holds no answers")
    return table


def _distances(predictor: RunPredictor, table: pd.DataFrame, where: Path) -> np.ndarray | None:
    """How unknown each example was, as logged, or by its features."""
    known = predictor.known
    if "unknown" in table:
        found = pd.to_numeric(table["unknown"], errors="coerce").to_numpy(float)
        if not np.isfinite(found).all():
            raise DataError(f"{where}: unknown: expected a number in each row")
        return found
    if FEATURES not in table or known is None:
        return None
    features = features_in(table, where)
    if features.shape[1] != known.features.shape[1]:
        raise DataError(
            f"{where}: {features.shape[1]} features each, and {predictor.name} has {known.features.shape[1]}"
        )
    return known.scores(features)


def _judged(predictor: RunPredictor) -> pd.DataFrame | None:
    """What the run answered on its test split; None where its record has nothing of it."""
    try:
        return pd.read_csv(lookup.fetch(predictor.run, "predictions.csv", predictor.root), dtype={"predicted": str})
    except NotFoundError:
        return None


def _classes(
    predictor: RunPredictor, table: pd.DataFrame, before: pd.DataFrame | None
) -> Mapping[str, tuple[float, float]]:
    """The share of answers that name each class, on the test split and in the log."""
    if "class" not in table or before is None or predictor.task.strata([]) is None:
        return {}
    early = before["predicted"].map(restored).value_counts(normalize=True)
    late = table["class"].astype(str).value_counts(normalize=True)
    return {name: (float(early.get(name, 0.0)), float(late.get(name, 0.0))) for name in predictor.class_names}


def _days(table: pd.DataFrame, unknown: np.ndarray | None, predictor: RunPredictor) -> Mapping[str, tuple[int, float]]:
    if "time" not in table or unknown is None or predictor.known is None:
        return {}
    days = pd.to_datetime(table["time"], utc=True, errors="coerce").dt.date.astype(str)
    parts = pd.Series(unknown > predictor.known.threshold).groupby(days.to_numpy())
    return {str(day): (len(each), float(each.mean())) for day, each in list(parts)[-_MOST_DAYS:]}


def _write(path: Path, predictor: RunPredictor, log: Path, found: Watched) -> None:
    facts = {"Model": predictor.name, "Log": str(log), "Examples": f"{found.figures['examples']:,.0f}"}
    rows = [table_row(safe(line[:_WORDS].strip()), [table_cell(safe(line[_WORDS:].strip()))]) for line in found.lines]
    classes = [
        table_row(short(name), [table_cell(f"{each:.1%}") for each in pair]) for name, pair in found.classes.items()
    ]
    days = [table_row(safe(day), [table_cell(f"{count:,}"), table_cell(f"{share:.1%}")])
            for day, (count, share) in found.days.items()]  # fmt: skip
    tables = {
        "What was seen": whole_table("All of the log", ("", ""), rows),
        "Classes": whole_table("Share of answers", ("Class", "Test split", "Log"), classes) if classes else "",
        "By day": whole_table("Share unknown", ("Day", "Examples", "Unknown"), days) if days else "",
    }
    sections = [section(title, body) for title, body in tables.items() if body]
    write_page(path, title=f"What {predictor.name} has seen", headline=facts_list(facts), sections=sections)
