"""Classes that names of files tell: `7_jackson_3.wav`, `cat.0.jpg`, `great_pyrenees_12.jpg`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_FEWEST = 3  # files of a class: one for each part
_MOST_CLASSES = 500


@dataclass(frozen=True)
class NamePattern:
    """A regular expression that finds a class in each name, and how many files each class then has."""

    expression: str
    classes: Counter[str] = field(hash=False)

    def told(self) -> str:
        """How many classes, and the first of them.

        Example:
            >>> NamePattern("([a-z]+)_", Counter(cat=3, dog=4)).told()
            '2: cat, dog'
        """
        names = sorted(self.classes, key=lambda each: (int(each) if each.isdecimal() else 0, each))
        shown = ", ".join(names[:6]) + (f", … {names[-1]}" if len(names) > 6 else "")
        return f"{len(names)}: {shown}"


def name_patterns(names: Sequence[str]) -> list[NamePattern]:
    """Patterns by which each name tells a class that has at least three files, the likeliest first.

    `names` are paths below the data's folder.

    Example:
        >>> names = [f"{digit}_{who}_{take}.wav" for digit in range(3) for who in ("jan", "eva") for take in range(4)]
        >>> [each.expression for each in name_patterns(names)]
        ['^(\\\\d)_', '^\\\\d_([a-z]+)_', '^\\\\d_[a-z]+_(\\\\d)\\\\.']
    """
    start = "^" if not any("/" in each for each in names) else "(?:^|/)"
    found = [each for one in _expressions(names, start) if (each := _counted(one, names)) is not None]
    return [each for index, each in enumerate(found) if each.classes not in [one.classes for one in found[:index]]]


def _counted(expression: str, names: Sequence[str]) -> NamePattern | None:
    matches = [re.search(expression, each) for each in names]
    if not names or not all(matches):
        return None
    classes = Counter(each.group(1) for each in matches if each)
    usable = 2 <= len(classes) <= _MOST_CLASSES and min(classes.values()) >= _FEWEST
    return NamePattern(expression, classes) if usable else None


def _expressions(names: Sequence[str], start: str) -> Iterator[str]:
    """Places in names of one shape; a name of words before the last number; the first and the last word."""
    before = rf"{start}([^/\d]*[^\W\d_])[-_. (]*\d+\)?\.[^/]*$"
    shapes = {_shape(each) for each in names}
    if len(shapes) == 1:
        indices = list(_places(names[0], start, names))
        words = _counted(before, names)
        if words is not None and _nested(words):
            yield before
        yield from indices
    yield before
    yield rf"{start}([^-_. /]+)[-_. ]"
    yield r"[-_. ]([^\W\d_]+)\.\w+$"


def _shape(name: str) -> str:
    """A name with W for each word and 0 for each number."""
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "W", PurePath(name).stem))


def _nested(words: NamePattern) -> bool:
    """Whether words before the number name one thing together, rather than each another one (every word with every)."""
    stems = [_TOKEN.findall(each) for each in words.classes]
    firsts, lasts = {each[0] for each in stems}, {each[-1] for each in stems}
    return max(map(len, stems)) > 1 and len(stems) <= 0.5 * len(firsts) * len(lasts)


def _places(name: str, start: str, names: Sequence[str]) -> Iterator[str]:
    """A pattern for each word and number of names of one shape."""
    stem = PurePath(name).stem
    tokens = [list(each) for each in zip(*(_TOKEN.findall(PurePath(each).stem) for each in names), strict=True)]
    spans = [each.span() for each in _TOKEN.finditer(stem)]
    before = start + re.escape(stem[: spans[0][0]]).replace("\\-", "-") if spans else start
    for index, (values, (_, end)) in enumerate(zip(tokens, spans, strict=True)):
        following = spans[index + 1][0] if index + 1 < len(spans) else len(stem)
        sign = re.escape(stem[end:following]).replace("\\-", "-")
        one = _token_expression(values)
        yield f"{before}({one}){sign or ('' if index + 1 < len(spans) else chr(92) + '.')}"
        before += one + sign


def _token_expression(values: Sequence[str]) -> str:
    if not values[0].isdecimal():
        return "[a-z]+" if all(re.fullmatch("[a-z]+", each) for each in values) else r"[^\W\d_]+"
    return r"\d" if max(map(len, values)) == 1 else r"\d+"
