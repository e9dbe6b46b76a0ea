"""A run as one page to look at: scores, pictures, classes, what went wrong, and the recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tlkit.evaluation.examples import Thumbnail, examples_sections
from tlkit.evaluation.html_page import (
    facts_list,
    pictures_section,
    safe,
    section,
    short,
    table_cell,
    table_row,
    whole_table,
    write_page,
)
from tlkit.evaluation.metrics import Scores

_MOST_CLASSES, _WORST_SHOWN, _MOST_PAIRS = 100, 50, 50
_TITLES = {"f1": "F1", "roc_auc": "AUC", "ece": "calibration error (ECE)", "mae": "MAE", "rmse": "RMSE", "r2": "R²"}
_CONTENTS = {
    "Learning curves": "loss and scores of training and validation after each epoch",
    "Confusion matrix": "the share of each true class that was predicted as each class",
    "Reliability": "how often predictions are right, against the probability given to them",
    "Training examples and score": "the F1 score of each class against its number of training examples",
}
_COLUMNS = {"precision": "Precision", "recall": "Recall", "f1": "F1", "roc_auc": "AUC", "threshold": "Threshold"}


def write_report(
    path: Path,
    *,
    title: str,
    facts: Mapping[str, str],
    scores: Scores,
    predictions: pd.DataFrame,
    pictures: Mapping[str, Path],
    train_counts: Mapping[str, int],
    thumbnail: Thumbnail,
    recipe: str,
    near_duplicates: Sequence[tuple[str, str, str]] = (),
    summary: Sequence[Mapping[str, str]] = (),
    summary_caption: str = "Every layer of the model",
) -> None:
    """Write a self-contained HTML file, under 3 MB whatever the number of classes and examples.

    Args:
        predictions: what `tlkit.tasks.scoring.table` returns.
        pictures: PNG files by title.
        train_counts: training examples by class; may be empty.
        thumbnail: the picture of the example in a row of predictions, None where it cannot be drawn.
        near_duplicates: pairs of a training and a test example that are (nearly) the same, with how near in words.
        summary: the rows of the model's summary, each a cell by the name of its column.

    Example:
        >>> write_report(Path("report.html"), title="cats", facts={"net": "resnet18"}, scores=scores, predictions=table,
        ...     pictures={}, train_counts={}, thumbnail=lambda row: None, recipe="name: cats")  # doctest: +SKIP
    """
    sections = [
        pictures_section("Pictures", pictures, _CONTENTS),
        _scores_section(scores),
        _classes_section(scores.per_class, train_counts),
        _numbers_section(scores.per_number),
        *examples_sections(predictions.reset_index(drop=True), thumbnail),
        _pairs_section(near_duplicates),
        _summary_section(summary, summary_caption),
        section("Recipe", f'<pre tabindex="0">{safe(recipe.strip())}</pre>') if recipe.strip() else "",
    ]
    headline = _headline(scores, len(predictions)) + facts_list(facts)
    write_page(path, title=title, headline=headline, sections=sections)


def _headline(scores: Scores, count: int) -> str:
    if scores.headline is None:
        return ""
    (key, words), metrics = scores.headline, scores.metrics
    interval = _interval(metrics, key)
    below = f'<span class="quiet">95% interval {interval}</span>' if interval else ""
    what = f"<div>{words} on {_plural(count, 'test example')}{below}</div>"
    return f'<div class="score"><strong>{_value(key, metrics[key])}</strong> {what}</div>'


def _interval(metrics: Mapping[str, float], key: str) -> str:
    ends = [metrics.get(f"{key}_{end}") for end in ("low", "high")]
    known = [_value(key, end) for end in ends if end is not None]
    return " to ".join(known) if len(known) == 2 else ""


def _value(key: str, value: float) -> str:
    share = key.endswith("accuracy") or key.startswith("top_")
    return f"{value:.1%}" if share else f"{value:,.4g}"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _scores_section(scores: Scores) -> str:
    metrics = scores.overall
    keys = [key for key in metrics if not key.endswith(("_low", "_high"))]
    rows = [
        table_row(_title(key), (table_cell(_value(key, metrics[key])), table_cell(_interval(metrics, key))))
        for key in keys
    ]
    notes = "".join(f'\n<p class="quiet notes">{safe(note)}</p>' for note in scores.notes)
    shown = whole_table("All scores of the test split", ("Score", "Value", "95% interval"), rows)
    return section("Scores", shown + notes) if rows else ""


def _title(key: str) -> str:
    words = _TITLES.get(key, key.replace("_f1", " F1").replace("_", " "))
    return safe(words[:1].upper() + words[1:])


def _classes_section(rows: Sequence[Mapping[str, Any]], train_counts: Mapping[str, int]) -> str:
    if not rows:
        return ""
    caption = "The one class" if len(rows) == 1 else f"All {len(rows)} classes"
    if len(rows) > _MOST_CLASSES:
        caption = f"The {_WORST_SHOWN} classes with the lowest F1, out of {len(rows):,}; the lowest first"
        rows = sorted(rows, key=lambda row: (row["f1"] is None, row["f1"]))[:_WORST_SHOWN]
    titles = [title for key, title in _COLUMNS.items() if key in rows[0]]
    heads = ("Class", *titles, "Test examples", *(["Training examples"] if train_counts else []))
    return section("Classes", whole_table(caption, heads, (_class_row(row, train_counts) for row in rows)))


def _numbers_section(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return ""
    keys = [key for key in rows[0] if key != "number"]
    lines = (table_row(short(row["number"]), [_plain(row[key]) for key in keys]) for row in rows)
    caption = f"All {len(rows)} numbers, each in its own units"
    return section("Numbers", whole_table(caption, ("Number", *map(_title, keys)), lines))


def _plain(value: float | None) -> str:
    return table_cell("–" if value is None else f"{value:,.4g}")


def _class_row(row: Mapping[str, Any], train_counts: Mapping[str, int]) -> str:
    cells = [_measure(row[key], barred=key == "f1") for key in _COLUMNS if key in row]
    trained = [table_cell(f"{train_counts.get(row['class'], 0):,}")] if train_counts else []
    return table_row(short(row["class"]), [*cells, table_cell(f"{row['support']:,}"), *trained])


def _measure(value: float | None, *, barred: bool) -> str:
    if value is None:
        return table_cell('<span title="no examples to tell by">–</span>')
    return f'<td class="bar" style="--share:{value:.1%}">{value:.3f}</td>' if barred else table_cell(f"{value:.3f}")


def _pairs_section(pairs: Sequence[tuple[str, str, str]]) -> str:
    if not pairs:
        return ""
    rows = (
        table_row(short(train), (table_cell(short(test)), table_cell(short(near))))
        for train, test, near in pairs[:_MOST_PAIRS]
    )
    caption = f"{_plural(len(pairs), 'pair')} of a training and a test example; the score is too good by as much"
    return section("Near-duplicates", whole_table(caption, ("Training example", "Test example", "How near"), rows))


def _summary_section(rows: Sequence[Mapping[str, str]], caption: str) -> str:
    if not rows:
        return ""
    heads = list(rows[0])
    lines = (table_row(short(each[heads[0]]), (table_cell(short(each[head])) for head in heads[1:])) for each in rows)
    return section("Model", whole_table(safe(caption), [safe(head) for head in heads], lines))
