"""The errors a user can cause; the command line prints them in one line and exits with 2."""

from __future__ import annotations

import contextlib
import difflib
import errno
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tlkit.redaction import redacted

_EXHAUSTED = (
    "memoryerror", "resourceexhausted", "out of memory", "insufficient memory", "oom when allocating", "bad_alloc",
    "failed to allocate", "can't start new thread", "status: 1, message: could not create",  # the last is oneDNN's
)  # fmt: skip
LESS = (
    "Ask for less at once: the sizes of inputs (data.image_size, length, seconds, size), train.batch_size, "
    "the sizes of the net"
)
_LONGEST = 200
_MOST = 3000


class TlkitError(Exception):
    """Base of every mistake that the user can mend; its text says where, what was expected, what came and the mend."""

    def __str__(self) -> str:
        return redacted(super().__str__())


class RecipeError(TlkitError):
    """A recipe that cannot be read or does not make sense; carries all its problems at once."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class DataError(TlkitError):
    """Examples that are missing, unreadable or too few."""


class ModelError(TlkitError):
    """A net, backbone or weights file that cannot be had or does not fit."""


class EngineError(TlkitError):
    """A compute engine that cannot run here or failed while running."""


class TrackingError(TlkitError):
    """A record that cannot be written or read."""


class TrustError(TlkitError):
    """A file that would run with the user's rights, and that nobody has trusted."""


class NotFoundError(TlkitError):
    """A name that stands for nothing known."""


@contextlib.contextmanager
def writing(path: str | Path, kind: type[TlkitError] = DataError, mend: str = "") -> Iterator[None]:
    """Make one line of what the file system refuses to write.

    Example:
        >>> with writing("no/such/folder/table.csv"):
        ...     open("no/such/folder/table.csv", "w")
        Traceback (most recent call last):
        tlkit.errors.DataError: no/such/folder/table.csv: cannot be written (No such file or directory)
    """
    try:
        yield
    except OSError as error:
        raise kind(f"{path}: cannot be written ({error.strerror or error}){mend}") from error


def exhausted(error: BaseException) -> str:
    """A plain line where memory ran out, whoever says so, or Python's depth; else an empty string."""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    if isinstance(error, RecursionError):
        return "the net has too many layers for Python to build it. Take fewer stages or repetitions"
    if not any(each in said.lower() for each in _EXHAUSTED):
        return ""
    said = re.sub(r"\{\{.*?\}\} ", "", said)  # TensorFlow's names of its own
    what = said if len(said) <= _LONGEST else said[:_LONGEST] + "..."
    return f"not enough memory: {what}. {LESS}"


def shortened(text: str) -> str:
    """A message of at most 3,000 characters; how much was left out is said.

    Example:
        >>> shortened("a misspelt key")
        'a misspelt key'
    """
    if len(text) <= _MOST:
        return text
    lines = text.splitlines()
    kept = lines[:1] if len(lines[0]) > _MOST else []
    for line in lines[len(kept) :]:
        if kept and sum(map(len, kept)) + len(kept) + len(line) > _MOST:
            break
        kept.append(line)
    kept[0] = kept[0] if len(kept[0]) <= _MOST else f"{kept[0][:_MOST]}... and {len(kept[0]) - _MOST} more characters"
    left = len(lines) - len(kept)
    return "\n".join([*kept, f"and {left} more"] if left else kept)


def disk_full(error: BaseException | None) -> bool:
    """Whether an error, or what it came of, is a disk without room; libraries tell that in words alone."""
    reasons = [os.strerror(each).lower() for each in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)]
    while error is not None and not any(reason in str(error).lower() for reason in reasons):
        error = error.__cause__
    return error is not None


def nearest(name: str, known: Iterable[str], *, count: int = 3) -> str:
    """`Did you mean 'dropout'?` for a misspelt name, or an empty string."""
    names = list(known)
    found = difflib.get_close_matches(name.lower(), [each.lower() for each in names], n=count, cutoff=0.6)
    originals = {each.lower(): each for each in names}
    quoted = [f"'{originals[each]}'" for each in found]
    return f"Did you mean {' or '.join(quoted)}?" if quoted else ""
