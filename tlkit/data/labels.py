"""Labels as they stand in data: one spelling for each, in one order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_WHOLE = re.compile(r"-?\d{1,1000}")


def plain_label(value: Any) -> str:
    """A class as text; 1, 1.0 and "1.0000000e+00" are one and the same."""
    value = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value).strip()
    return str(int(number)) if number.is_integer() else str(value).strip()


def class_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Each class once, numbers in their order and words in that of the alphabet."""
    names = set(labels)
    return tuple(sorted(names, key=int if all(map(_WHOLE.fullmatch, names)) else None))
