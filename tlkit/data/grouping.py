"""Examples that must not be parted: those of one group, and copies of one another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePath

import numpy as np

from tlkit.data.fingerprints import clusters
from tlkit.errors import DataError


def keys_together(keys: Sequence[str], links: np.ndarray, weights: Sequence[int]) -> list[str]:
    """The key by which each example is assigned to a part, one for all that belong together.

    Examples of equal keys and linked examples belong together; the heaviest example (of two copies of a picture the one
    with more pixels) speaks for all of them, so that a lesser copy that is added moves nothing.

    Example:
        >>> keys_together(["a", "b", "c"], np.array([[0, 2]]), [1, 1, 5])
        ['c', 'b', 'c']
    """
    first: dict[str, int] = {}
    alike = [(first.setdefault(key, place), place) for place, key in enumerate(keys)]
    heads = clusters(len(keys), np.concatenate([np.asarray(alike, int).reshape(-1, 2), links]))
    best: dict[int, tuple[int, str]] = {}
    for head, weight, key in zip(heads.tolist(), weights, keys, strict=True):
        best[head] = max(best.get(head, (-1, "")), (int(weight), key))
    return [best[head][1] for head in heads.tolist()]


def groups_by_pattern(names: Sequence[str], pattern: str) -> list[str]:
    """The group of each file: what `pattern` finds in its name; the part in brackets where there are any.

    Example:
        >>> groups_by_pattern(["cats/anna_1.jpg", "dogs/anna_2.jpg"], r"/([a-z]+)_")
        ['group:anna', 'group:anna']
    """
    try:
        found = [re.search(pattern, name) for name in names]
    except re.error as error:
        raise DataError(f"data.group: '{pattern}' is no regular expression ({error})") from error
    lost = [name for name, match in zip(names, found, strict=True) if match is None]
    if lost:
        shown = ", ".join(lost[:5])
        raise DataError(f"data.group: '{pattern}' is not found in {len(lost)} of {len(names)} file names: {shown}")
    return [f"group:{match.group(1) if match.re.groups else match.group()}" for match in found if match]


def groups_by_folder(names: Sequence[str], level: int) -> list[str]:
    """The group of each file: the path of its folder down to this level, the class folder being level 1."""
    parents = [PurePath(name).parent.parts for name in names]
    lost = [name for name, parts in zip(names, parents, strict=True) if len(parts) < level]
    if lost or level < 1:
        raise DataError(
            f"data.group_folder: {level} asks for {level} folders above each file; {len(lost)} files have fewer"
            + (f", such as {lost[0]}" if lost else "")
        )
    return [f"group:{'/'.join(parts[:level])}" for parts in parents]


def relative_names(paths: Sequence[Path], folder: Path) -> list[str]:
    """The paths below a folder, with slashes."""
    return [each.relative_to(folder).as_posix() for each in paths]
