"""A recipe's data looked at before training: every example once, and what was found as a table and a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tlkit.data.assembly.quarantine import quarantine_file, write_quarantine
from tlkit.errors import DataError, writing
from tlkit.inspection.classes import find_class_faults
from tlkit.inspection.duplicates import find_duplicates, leaking, near_leaks
from tlkit.inspection.embedding import features_of
from tlkit.inspection.files import (
    find_odd_pictures,
    find_oddities,
    find_placeholders,
    find_small_pictures,
    find_unreadable,
)
from tlkit.inspection.findings import LEVELS, Finding, count_of, worst
from tlkit.inspection.findings_page import verdict, write_page
from tlkit.inspection.label_errors import find_doubtful_labels
from tlkit.inspection.leak_guard import keep_near_leaks
from tlkit.inspection.lookalikes import find_look_alikes
from tlkit.inspection.shortcuts import find_shortcuts
from tlkit.inspection.subject import InspectedData
from tlkit.inspection.subject_reading import subject_of
from tlkit.progress import progress
from tlkit.recipe.schema import Recipe
from tlkit.tasks.task import task_of
from tlkit.training.planning import load_data

Say = Callable[[str], None]


@dataclass(frozen=True)
class DataCheck:
    """What a check of data found, where its page is, and how many examples there are of each part and class."""

    findings: list[Finding]
    page: Path
    parts: Mapping[str, int] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)

    def exit_code(self, *, strict: bool) -> int:
        """0 clean, 1 warnings where those count, 2 what would spoil a run."""
        level = worst(self.findings)
        return 2 if level == "error" else int(strict and level == "warning")


def check_data(
    recipe: Recipe, *, folder: Path = Path("checks"), quarantine: bool = False, say: Say = lambda text: None
) -> DataCheck:
    """Read every example of a recipe's data, say what is wrong with it, and write `checks/<name>.html` and `.json`.

    Example:
        >>> check_data(load_recipe("recipes/cats.yaml")).findings  # doctest: +SKIP
        []
    """
    subject = look_at(recipe)
    findings = sorted(_findings(recipe, subject), key=lambda each: LEVELS.index(each.level))
    keep_near_leaks(
        subject.splits, [(subject.names[late], subject.names[early]) for late, early in near_leaks(subject)]
    )
    page = folder / f"{recipe.name}.html"
    _write(page, recipe, subject, findings)
    for line in _lines(subject, findings, page):
        say(line)
    if quarantine:
        say(_quarantined(recipe, subject))
    return DataCheck(findings, page, subject.splits.counts(), _class_counts(subject))


def look_at(recipe: Recipe) -> InspectedData:
    """The recipe's data with every example read once; however many are bad, all of them are named."""
    lenient = recipe.data.model_copy(update={"max_bad": 1.0})
    splits = load_data(recipe, lenient)
    with progress("Reading examples", sum(splits.counts().values())) as bar:
        return subject_of(splits, on_example=bar)


def _findings(recipe: Recipe, subject: InspectedData) -> Iterator[Finding]:
    yield from find_unreadable(subject, max_bad=recipe.data.max_bad)
    yield from find_duplicates(subject, allow_leaks=recipe.data.allow_leaks)
    yield from find_class_faults(subject)
    yield from find_odd_pictures(subject)
    yield from find_placeholders(subject)
    yield from find_small_pictures(subject)
    if recipe.data.path and subject.picture_files is not None:
        yield from find_oddities(Path(recipe.data.path))
    yield from find_shortcuts(subject, seed=recipe.seed)
    yield from _feature_findings(recipe, subject)


def _feature_findings(recipe: Recipe, subject: InspectedData) -> Iterator[Finding]:
    """What frozen features tell: copies that look different, and labels in doubt; plain inputs stand in for these."""
    readable = np.array([name not in subject.unreadable for name in subject.names])
    splits = subject.splits.without(subject.unreadable) if subject.unreadable else subject.splits
    found = features_of(recipe, splits)
    indices, features, on = np.flatnonzero(readable), None, "frozen features"
    if found is not None:
        features, lost = found
        indices = indices[[subject.names[index] not in lost for index in indices]]
        yield from find_look_alikes(subject, indices, features)
    elif subject.vectors is not None:
        features, on = subject.vectors[indices].astype(np.float32), "the plain inputs"
    if features is not None and subject.classes is not None:
        yield from find_doubtful_labels(subject, indices, features, seed=recipe.seed, on=on)


def _write(page: Path, recipe: Recipe, subject: InspectedData, findings: list[Finding]) -> None:
    with writing(page):
        write_page(
            page,
            title=f"Data of {recipe.name}",
            facts=_facts(recipe, subject),
            findings=findings,
            thumbnail=subject.thumbnail,
        )
        values = [each.as_json() for each in findings]
        page.with_suffix(".json").write_text(json.dumps(values, indent=1, ensure_ascii=True), encoding="utf-8")


def _class_counts(subject: InspectedData) -> Mapping[str, int]:
    return task_of(subject.info.task).class_counts(subject.targets, subject.info.class_names)


def _facts(recipe: Recipe, subject: InspectedData) -> dict[str, str]:
    counts = subject.splits.counts()
    facts = {"Data": recipe.data.path or recipe.data.source, "Examples": f"{len(subject):,}"}
    facts |= {part.capitalize(): f"{count:,}" for part, count in counts.items()}
    held = list(_class_counts(subject).items())
    if held:
        listed = ", ".join(f"{name} {count:,}" for name, count in held[:12])
        facts["Classes"] = listed + (f" and {len(held) - 12} more" if len(held) > 12 else "")
    return facts


def _lines(subject: InspectedData, findings: list[Finding], page: Path) -> Iterator[str]:
    parts = " · ".join(f"{count} {name}" for name, count in subject.splits.counts().items())
    told = task_of(subject.info.task).counted(subject.info.class_names)
    classes = f", {told}" if told else ""
    yield f"data      {len(subject):,} examples{classes}: {parts}"
    width = max((len(each.topic) for each in findings), default=0)
    for each in findings:
        yield f"{each.level:<8}  {each.topic:<{width}}  {each.text}"
        yield from (f"{'':<8}  {'':<{width}}  {line}" for line in _examples(each))
    yield f"{verdict(findings)}; {page}"


def _examples(finding: Finding, most: int = 3) -> Iterator[str]:
    if finding.level == "note":
        return
    for row in finding.rows[:most]:
        yield " = ".join(f"{each.name} ({each.note})" if each.note else each.name for each in row[:2])
    if len(finding.rows) > most:
        yield f"and {len(finding.rows) - most:,} more"


def _quarantined(recipe: Recipe, subject: InspectedData) -> str:
    file = quarantine_file(recipe.data.path, recipe.data.quarantine)
    if file is None:
        raise DataError("data.quarantine: say which file to write, since this data has no path")
    rows = [(subject.names[row], str(subject.ids[row]), reason) for row, reason in leaking(subject)]
    rows += [
        (name, str(subject.ids[subject.names.index(name)]), f"unreadable: {why}")
        for name, why in subject.unreadable.items()
    ]
    new = write_quarantine(file, rows, below=recipe.data.path)
    return f"quarantine: {count_of(new, 'example')} added to {file}; runs leave out what it names"
