"""Examples that stand in the data more than once, to the byte or nearly: leaks, label conflicts, repeats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from tlkit.data.assembly.leaks import exact_leaks
from tlkit.data.duplicates.image_hash import clusters
from tlkit.inspection.findings import Finding, FindingExample, Level, count_of
from tlkit.inspection.subject import InspectedData

Pairs = list[tuple[int, int]]
_SERIES = 0.1  # of a part's examples whose nearest picture lies in an earlier part: a series was cut up
_LEAST = 3  # such examples
_ORDER = {"train": 0, "val": 1, "test": 2}


def find_duplicates(subject: InspectedData, *, allow_leaks: bool) -> Iterator[Finding]:
    """Leaks first, then conflicts, then repeats within a part."""
    level: Level = "warning" if allow_leaks else "error"
    indices = {name: index for index, name in reversed(list(enumerate(subject.names)))}
    exact = [(indices[name], indices[copy]) for name, copy in exact_leaks(subject.splits)]
    if exact:
        text = f"{count_of(len(exact), 'example')} of {_parts(subject, exact)} {_are(exact)} also in an earlier part"
        yield Finding(level, "leak", f"{text}, byte for byte", _rows(subject, exact))
    near = copy_leaks(subject)
    if near:
        text = (
            f"{count_of(len(near), 'example')} of {_parts(subject, near)} {_have(near)} a near-copy in an earlier part"
        )
        yield Finding(level, "near leak", text, _rows(subject, near))
    yield from _series(subject, level)
    yield from _conflicts(subject)
    yield from _repeats(subject)


def near_leaks(subject: InspectedData) -> Pairs:
    """(example, its like in an earlier part): near-copies, and neighbours where series were cut up before the test."""
    cut = {late: early for late, early in _neighbours_across(subject)[0] if subject.parts[late] == "test"}
    return sorted((cut | dict(copy_leaks(subject))).items())


def copy_leaks(subject: InspectedData) -> Pairs:
    """(example, its near-copy in an earlier part), one for each example that has one and is no exact copy."""
    known = {name for name, _ in exact_leaks(subject.splits)}
    found: dict[int, int] = {}
    for early, late in _across(subject, subject.near):
        if subject.names[late] not in known:
            found.setdefault(late, early)
    return sorted(found.items())


def _series(subject: InspectedData, level: Level) -> Iterator[Finding]:
    cut, few = _neighbours_across(subject)
    for part in ("test", "val"):
        pairs = [pair for pair in cut if subject.parts[pair[0]] == part]
        if pairs:
            text = (
                f"{count_of(len(pairs), 'example')} of {part} {_have(pairs)} the nearest neighbour in an earlier part: "
                "series (views, frames) are cut up; data.group keeps each in one part"
            )
            yield Finding(level if part == "test" else "warning", "near leak", text, _rows(subject, pairs))
    if few:
        text = f"{count_of(len(few), 'example')} of {_parts(subject, few)} at the end of a series that begins earlier"
        yield Finding("note", "series", text, _rows(subject, few))


def _neighbours_across(subject: InspectedData) -> tuple[Pairs, Pairs]:
    """(example, its nearest neighbour, which is in an earlier part) of the parts that have many such, and of others."""
    nearest: dict[int, tuple[float, int]] = {}
    for pair, nearness in zip(subject.alike.neighbours.tolist(), subject.alike.nearness.tolist(), strict=True):
        for one, other in (pair, pair[::-1]):
            nearest[one] = max(nearest.get(one, (0.0, -1)), (nearness, other))
    ranks = np.array([_ORDER[part] for part in subject.parts])
    led = [(late, early) for late, (_, early) in sorted(nearest.items()) if ranks[early] < ranks[late]]
    counts = {rank: sum(ranks[late] == rank for late, _ in led) for rank in set(ranks.tolist())}
    many = {rank for rank, count in counts.items() if count >= max(_LEAST, _SERIES * (ranks == rank).sum())}
    return [pair for pair in led if ranks[pair[0]] in many], [pair for pair in led if ranks[pair[0]] not in many]


def parted(subject: InspectedData, pairs: np.ndarray) -> tuple[Pairs, Pairs]:
    """Pairs that straddle parts, the later example first, and pairs within a part."""
    across = sorted({late: early for early, late in _across(subject, pairs)}.items())
    within = [(one, other) for one, other in pairs.tolist() if subject.parts[one] == subject.parts[other]]
    return across, within


def _across(subject: InspectedData, pairs: np.ndarray) -> Iterator[tuple[int, int]]:
    """(in the earlier part, in the later part) of the pairs that straddle parts."""
    for one, other in pairs.tolist():
        early, late = sorted((one, other), key=lambda index: _ORDER[str(subject.parts[index])])
        if subject.parts[early] != subject.parts[late]:
            yield early, late


def _conflicts(subject: InspectedData) -> Iterator[Finding]:
    if subject.classes is None:
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


def _repeats(subject: InspectedData) -> Iterator[Finding]:
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


def _equal(subject: InspectedData) -> list[list[int]]:
    groups = defaultdict(list)
    for index, id_ in enumerate(subject.ids.tolist()):
        groups[id_].append(index)
    return [group for group in groups.values() if len(group) > 1]


def _by_part_and_class(subject: InspectedData, group: Sequence[int]) -> list[list[int]]:
    """Copies with one label; those with different ones are conflicts."""
    found = defaultdict(list)
    for index in group:
        found[subject.parts[index], np.asarray(subject.targets[index]).tobytes()].append(index)
    return list(found.values())


def _joined(count: int, pairs: Pairs) -> list[list[int]]:
    groups = defaultdict(list)
    heads = clusters(count, pairs)
    for index in sorted({index for pair in pairs for index in pair}):
        groups[int(heads[index])].append(index)
    return list(groups.values())


def _rows(subject: InspectedData, pairs: Pairs) -> list[list[FindingExample]]:
    return [[subject.shown(one), subject.shown(other)] for one, other in pairs]


def _parts(subject: InspectedData, pairs: Pairs) -> str:
    found = {str(subject.parts[late]) for late, _ in pairs}
    return " and ".join(part for part in _ORDER if part in found)


def _are(pairs: Pairs) -> str:
    return "stands" if len(pairs) == 1 else "stand"


def _have(pairs: Pairs) -> str:
    return "has" if len(pairs) == 1 else "have"


def leaking(subject: InspectedData) -> list[tuple[int, str]]:
    """The examples of earlier parts to leave out so that nothing leaks any more, each with its reason."""
    indices = {name: index for index, name in enumerate(subject.names)}
    reasons: dict[int, str] = {}
    for name, _ in exact_leaks(subject.splits):
        index = indices[name]
        for twin in np.flatnonzero(subject.ids == subject.ids[index]).tolist():
            if _ORDER[subject.parts[twin]] < _ORDER[subject.parts[index]]:
                reasons[twin] = f"same content as {name} in {subject.parts[index]}"
    cut, _ = _neighbours_across(subject)
    likes = np.concatenate([subject.near, subject.alike.neighbours]) if cut else subject.near
    for early, late in _across(subject, likes):
        reasons.setdefault(early, f"near-copy of {subject.names[late]} in {subject.parts[late]}")
    return sorted(reasons.items())
