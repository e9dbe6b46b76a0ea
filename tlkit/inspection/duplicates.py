"""Examples that stand in the data more than once, to the byte or nearly: leaks, label conflicts, repeats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from tlkit.data.fingerprints import clusters
from tlkit.data.leaks import exact_leaks
from tlkit.inspection.findings import Finding, Shown, count_of
from tlkit.inspection.subject import Subject

Pairs = list[tuple[int, int]]
_ORDER = {"train": 0, "val": 1, "test": 2}


def find_duplicates(subject: Subject, *, allow_leaks: bool) -> Iterator[Finding]:
    """Leaks first, then conflicts, then repeats within a part."""
    level = "warning" if allow_leaks else "error"
    places = {name: place for place, name in reversed(list(enumerate(subject.names)))}
    exact = [(places[name], places[copy]) for name, copy in exact_leaks(subject.splits)]
    if exact:
        text = f"{count_of(len(exact), 'example')} of {_parts(subject, exact)} {_are(exact)} also in an earlier part"
        yield Finding(level, "leak", f"{text}, byte for byte", _rows(subject, exact))
    near = near_leaks(subject)
    if near:
        text = (
            f"{count_of(len(near), 'example')} of {_parts(subject, near)} {_have(near)} a near-copy in an earlier part"
        )
        yield Finding(level, "near leak", text, _rows(subject, near))
    yield from _conflicts(subject)
    yield from _repeats(subject)


def near_leaks(subject: Subject) -> Pairs:
    """(example, its near-copy in an earlier part), one for each example that has one and is no exact copy."""
    known = {name for name, _ in exact_leaks(subject.splits)}
    found: dict[int, int] = {}
    for one, other in subject.near.tolist():
        early, late = sorted((one, other), key=lambda place: _ORDER[subject.parts[place]])
        if subject.parts[early] != subject.parts[late] and subject.names[late] not in known:
            found.setdefault(late, early)
    return sorted(found.items())


def _conflicts(subject: Subject) -> Iterator[Finding]:
    if subject.info.task != "label":
        return
    groups = [group for group in _equal(subject) if len(set(subject.targets[group].tolist())) > 1]
    if groups:
        count = sum(map(len, groups))
        text = f"{count_of(count, 'example')} with the same content stand in different classes"
        yield Finding("warning", "label conflict", text, [[subject.shown(i) for i in group] for group in groups])
    pairs = [(one, other) for one, other in subject.near.tolist() if subject.targets[one] != subject.targets[other]]
    if pairs:
        text = f"{count_of(len(pairs), 'pair')} of near-copies with different classes"
        yield Finding("warning", "label conflict", text, _rows(subject, pairs))


def _repeats(subject: Subject) -> Iterator[Finding]:
    groups = [alike for group in _equal(subject) for alike in _by_part_and_class(subject, group) if len(alike) > 1]
    if groups:
        extra = sum(len(group) - 1 for group in groups)
        text = f"{count_of(extra, 'exact copy')} of another example in the same part"
        yield Finding("warning", "duplicates", text, [[subject.shown(i) for i in group] for group in groups])
    pairs = [(one, other) for one, other in subject.near.tolist() if subject.parts[one] == subject.parts[other]]
    if pairs:
        rows = [[subject.shown(i) for i in group] for group in _joined(len(subject), pairs)]
        extra = sum(len(row) - 1 for row in rows)
        text = f"{count_of(extra, 'near-copy')} of another example in the same part"
        yield Finding("note", "near-copies", text, rows)


def _equal(subject: Subject) -> list[list[int]]:
    groups = defaultdict(list)
    for place, id_ in enumerate(subject.ids.tolist()):
        groups[id_].append(place)
    return [group for group in groups.values() if len(group) > 1]


def _by_part_and_class(subject: Subject, group: Sequence[int]) -> list[list[int]]:
    """Copies with one label; those with different ones are conflicts."""
    found = defaultdict(list)
    for place in group:
        found[subject.parts[place], np.asarray(subject.targets[place]).tobytes()].append(place)
    return list(found.values())


def _joined(count: int, pairs: Pairs) -> list[list[int]]:
    groups = defaultdict(list)
    heads = clusters(count, pairs)
    for place in sorted({place for pair in pairs for place in pair}):
        groups[int(heads[place])].append(place)
    return list(groups.values())


def _rows(subject: Subject, pairs: Pairs) -> list[list[Shown]]:
    return [[subject.shown(one), subject.shown(other)] for one, other in pairs]


def _parts(subject: Subject, pairs: Pairs) -> str:
    found = {str(subject.parts[late]) for late, _ in pairs}
    return " and ".join(part for part in _ORDER if part in found)


def _are(pairs: Pairs) -> str:
    return "stands" if len(pairs) == 1 else "stand"


def _have(pairs: Pairs) -> str:
    return "has" if len(pairs) == 1 else "have"


def leaking(subject: Subject) -> list[tuple[int, str]]:
    """The examples of earlier parts to leave out so that nothing leaks any more, each with its reason."""
    places = {name: place for place, name in enumerate(subject.names)}
    reasons: dict[int, str] = {}
    for name, _ in exact_leaks(subject.splits):
        place = places[name]
        for twin in np.flatnonzero(subject.ids == subject.ids[place]).tolist():
            if _ORDER[subject.parts[twin]] < _ORDER[subject.parts[place]]:
                reasons[twin] = f"same content as {name} in {subject.parts[place]}"
    for one, other in subject.near.tolist():
        early, late = sorted((one, other), key=lambda place: _ORDER[subject.parts[place]])
        if subject.parts[early] != subject.parts[late]:
            reasons.setdefault(early, f"near-copy of {subject.names[late]} in {subject.parts[late]}")
    return sorted(reasons.items())
