"""Classes that are rare, empty somewhere, or one class under two names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from tlkit.inspection.findings import Finding, Level, count_of
from tlkit.inspection.subject import InspectedData

_UNEVEN = 10  # times as many examples from which on classes are called uneven
_FEW = 5  # examples of a class in a part below which a score means little


def find_class_faults(subject: InspectedData) -> Iterator[Finding]:
    """Names first, then counts."""
    yield from _similar_names(subject.info.class_names)
    if subject.classes is not None:
        yield from _uneven(subject)
        yield from _single(subject)
        yield from _scarce(subject)


def _similar_names(names: tuple[str, ...]) -> Iterator[Finding]:
    groups = defaultdict(list)
    for name in names:
        groups[_bare(name)].append(name)
    for alike in groups.values():
        if len(alike) > 1:
            quoted = " and ".join(f"'{each}'" for each in alike)
            yield Finding("warning", "class names", f"{quoted} may be one class under several names")


def _bare(name: str) -> str:
    """A name without case, spaces, accents of spelling and a plural's s."""
    letters = re.sub(r"[\W_]+", "", name.casefold())
    return letters[:-1] if len(letters) > 3 and letters.endswith("s") and not letters.endswith("ss") else letters


def _uneven(subject: InspectedData) -> Iterator[Finding]:
    names = subject.info.class_names
    counts = np.bincount(subject.targets.astype(int), minlength=len(names))
    most, least = int(counts.argmax()), int(counts.argmin())
    if counts[most] >= _UNEVEN * max(1, counts[least]):
        told = f"'{names[most]}' has {counts[most]} examples, '{names[least]}' {counts[least]}"
        text = f"{told}; see data.class_weights and train.imbalance"
        yield Finding("warning", "imbalance", text)


def _single(subject: InspectedData) -> Iterator[Finding]:
    counts = np.bincount(subject.targets.astype(int), minlength=len(subject.info.class_names))
    rows = [[subject.shown(index)] for index in np.flatnonzero(counts[subject.targets.astype(int)] == 1).tolist()]
    if rows:
        text = f"{len(rows)} of {count_of(len(counts), 'class')} have one example only: it is trained on or tested on"
        yield Finding("warning", "single example", text, rows)


def _scarce(subject: InspectedData) -> Iterator[Finding]:
    lines = []
    for part in subject.splits.parts():
        held = subject.targets[subject.parts == part].astype(int)
        counts = np.bincount(held, minlength=len(subject.info.class_names))
        lines += [(int(count), name, part) for name, count in zip(subject.info.class_names, counts, strict=True)]
    for count, name, part in sorted(lines)[:10]:
        if count < _FEW and len(subject.info.class_names) * _FEW <= len(subject):
            level: Level = "error" if count == 0 and part == "train" else "warning"
            yield Finding(level, "small class", f"'{name}' has {count_of(count, 'example')} in {part}")
