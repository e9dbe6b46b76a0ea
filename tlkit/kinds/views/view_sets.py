"""Pictures of objects from several sides: which belong to one object, and which of them make an example."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tlkit.data.assembly.class_folders import SUFFIXES
from tlkit.data.assembly.gathering import files_in
from tlkit.errors import DataError
from tlkit.kinds.detection.guess import Guess

_PLACES = ("label", "object", "view")


@dataclass
class ObjectViews:
    """One object and its pictures by view: numbers where the names have them, so that 10 comes after 9."""

    name: str
    label: str
    part: str | None = None
    pictures: dict[int | str, Path] = field(default_factory=dict)

    def ordered(self) -> list[Path]:
        """The pictures in the order of their views."""
        return [self.pictures[view] for view in _sorted(self.pictures)]


def turns_by_pattern(path: Path, pattern: str, part: str | None = None) -> list[ObjectViews]:
    """The objects of a folder whose files are named by a pattern such as `obj{object}__{view}.png`.

    `{label}` names the class, also as a folder (`{label}/{object}_{view}.png`); without it every object is a class.

    Example:
        >>> len(turns_by_pattern(Path("data/coil20"), "obj{object}__{view}.png"))  # doctest: +SKIP
        20
    """
    expression = _expression(pattern)
    turns: dict[tuple[str, str], ObjectViews] = {}
    for file in files_in(path, SUFFIXES):
        match = expression.fullmatch(file.relative_to(path).as_posix())
        if match:
            parts = match.groupdict()
            label = parts.get("label", parts["object"])
            name = f"{label}/{parts['object']}" if "label" in parts else parts["object"]
            turn = turns.setdefault((label, name), ObjectViews(name, label, part))
            first = turn.pictures.setdefault(_view(parts["view"]), file)
            if first != file:
                raise DataError(f"{file}: view {parts['view']} of '{name}' is there already: {first}")
    if not turns:
        raise DataError(f"{path}: no picture has a name like '{pattern}' (data.pattern)")
    return sorted(turns.values(), key=lambda turn: turn.name)


def turns_by_folder(path: Path, part: str | None = None) -> list[ObjectViews]:
    """The objects of a folder that has one folder a class and in it one folder an object."""
    homes: dict[Path, list[Path]] = defaultdict(list)
    for file in files_in(path, SUFFIXES):
        homes[file.parent].append(file)
    turns = []
    for home, files in sorted(homes.items()):
        inside = home.relative_to(path).parts
        if len(inside) != 2:
            raise DataError(
                f"{path}: expected one folder a class and in it one folder an object, found pictures in '{home}'. "
                "For other layouts say data.pattern, as in 'obj{object}__{view}.png'"
            )
        turns.append(_turn(home, files, inside[0], part))
    return turns


def turn_of_folder(home: Path) -> ObjectViews | None:
    """The object whose views are the pictures right in a folder; None where there are none."""
    files = sorted(each for each in home.iterdir() if each.suffix.lower() in SUFFIXES)
    return _turn(home, files, "", None) if files else None


def uneven(turns: Sequence[ObjectViews]) -> dict[str, str]:
    """By name, the objects that lack a view which most have, or have one which most have not."""
    counts = Counter(view for turn in turns for view in turn.pictures)
    usual = {view for view, count in counts.items() if 2 * count > len(turns)}
    return {turn.name: _difference(turn.pictures, usual) for turn in turns if set(turn.pictures) != usual}


def examples_of(pictures: Sequence[Path], count: int, apart: int | None) -> Iterator[tuple[Path, ...]]:
    """Examples of `count` views each, `apart` places from one to the next; no picture is in two of them.

    By default the views of an example are spread evenly over all the pictures: 4 of 72 stand a quarter turn apart.

    Example:
        >>> [each for each in examples_of("abcdef", 3, None)]
        [('a', 'c', 'e'), ('b', 'd', 'f')]
    """
    step = apart or max(1, len(pictures) // count)
    for start in range(0, len(pictures), step * count):
        for first in range(start, start + step):
            if first + step * (count - 1) < len(pictures):
                yield tuple(pictures[first + step * k] for k in range(count))


def _turn(home: Path, files: Sequence[Path], label: str, part: str | None) -> ObjectViews:
    turn = ObjectViews(str(home), label, part, {_view(_tail(file.stem)): file for file in files})
    if len(turn.pictures) != len(files):
        raise DataError(f"{home}: two pictures have the same view number at the end of their names")
    return turn


def _expression(pattern: str) -> re.Pattern[str]:
    names = re.findall(r"{(\w+)}", pattern)
    if not {"object", "view"} <= set(names) <= set(_PLACES) or len(set(names)) != len(names):
        raise DataError(
            f"data.pattern: expected {{object}} and {{view}}, and {{label}} where classes are more than objects, "
            f"each once, as in 'obj{{object}}__{{view}}.png'; found '{pattern}'"
        )
    pieces = re.split(r"{\w+}", pattern)
    groups = [f"(?P<{name}>[^/]+?)" for name in names] + [""]
    return re.compile("".join(re.escape(piece) + group for piece, group in zip(pieces, groups, strict=True)))


def _view(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _tail(stem: str) -> str:
    found = re.search(r"\d+$", stem)
    return found.group() if found else stem


def _sorted(views: Iterable[int | str]) -> list[int | str]:
    return sorted(views, key=lambda view: (isinstance(view, str), view))


def _difference(pictures: Mapping[int | str, Path], usual: set[int | str]) -> str:
    missing, surplus = _sorted(usual - set(pictures)), _sorted(set(pictures) - usual)
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        return f"view {', '.join(map(str, missing[:5]))}{more} missing"
    return f"view {', '.join(map(str, surplus[:5]))} that most objects have not"


def guess_views(path: Path, files: Sequence[Path]) -> Guess | None:
    """Pictures in one folder whose names say of what they are a view: every object has the same views."""
    pictures = [each for each in files if each.suffix.lower() in SUFFIXES]
    matches = [match for each in pictures if (match := re.fullmatch(r"(.+?)([_-]+)(\d+)(\.\w+)", each.name))]
    forms = Counter(f"{{object}}{match.group(2)}{{view}}{match.group(4)}" for match in matches)
    form, count = forms.most_common(1)[0] if forms else ("", 0)
    views: dict[str, set[str]] = {}
    for match in matches:
        views.setdefault(match.group(1), set()).add(match.group(3))
    turned = "__" in form or all(each[-1].isdigit() for each in views)
    alike = len(set(map(frozenset, views.values()))) == 1
    if len(views) < 2 or count < 0.9 * len(pictures) or not (turned and alike):
        return None
    data = {"source": "views", "pattern": form, "count": 4, "split_by": "turn", "test": 0.5}
    why = {
        "source": "guessed: objects seen from several sides",
        "pattern": f"guessed: {len(views)} objects by file name, each a class",
        "count": "guessed: views that make one example",
        "split_by": "guessed: trained on one half of each turn, tested on the other, since neighbouring views leak",
    }
    seen = f"{len(pictures)} pictures, {len(views)} objects with {len(next(iter(views.values())))} views each"
    training = {"epochs": 20, "batch_size": 16, "learning_rate": 0.003}
    return Guess(data, why, {"net": "multiview", "backbone": "efficientnet-lite0"}, training, seen=seen)
