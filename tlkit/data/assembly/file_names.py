"""What the names of files say: a class, or whose the example is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tlkit.errors import DataError


def found_in_names(names: Sequence[str], pattern: str, key: str) -> list[str]:
    """What a pattern (regular expression) finds in each name: the part in brackets where there are any.

    Example:
        >>> found_in_names(["7_jackson_3.wav", "2_theo_0.wav"], r"(\\d)_", "data.label")
        ['7', '2']
    """
    try:
        found = [re.search(pattern, name) for name in names]
    except re.error as error:
        raise DataError(f"{key}: '{pattern}' is no regular expression ({error})") from error
    lost = [name for name, match in zip(names, found, strict=True) if match is None]
    if lost:
        shown = ", ".join(lost[:5])
        raise DataError(f"{key}: '{pattern}' is not found in {len(lost)} of {len(names)} file names: {shown}")
    return [(match.group(1) if match.re.groups else match.group()) or "" for match in found if match]


def relative_names(paths: Iterable[str | Path], folder: Path) -> list[str]:
    """The paths below a folder, with slashes.

    Example:
        >>> relative_names(["data/cats/anna_1.jpg"], Path("data"))
        ['cats/anna_1.jpg']
    """
    start = os.path.join(folder, "") if folder != Path() else ""
    return [Path(os.fspath(each).removeprefix(start)).as_posix() for each in paths]
