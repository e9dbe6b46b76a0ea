"""DNA as arrays of letter codes: read from text, checked against the alphabet, brought to one length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tlkit.data.tables.delimited import read_text
from tlkit.errors import DataError
from tlkit.layers.alphabet import ALPHABET

ANCHORS = ("start", "centre", "end")
FASTA_SUFFIXES = frozenset({".fasta", ".fa", ".fna", ".ffn"})
_UNKNOWN = 255
_CODES = np.full(256, _UNKNOWN, np.uint8)
for _code, _letter in enumerate(ALPHABET):
    _CODES[[ord(_letter), ord(_letter.lower())]] = _code
_CODES[[ord("U"), ord("u")]] = list(ALPHABET).index("T")  # RNA
_CODES[ord(".")] = 0


def encode_letters(text: str) -> np.ndarray:
    """The codes of a sequence; blanks are passed over, a letter outside the alphabet is a `DataError`.

    Example:
        >>> encode_letters("acgt-N").tolist()
        [1, 2, 3, 4, 0, 15]
    """
    letters = "".join(text.split())
    if not letters:
        raise DataError("empty sequence")
    points = np.array([min(ord(each), 255) for each in letters], np.uint8)
    codes = _CODES[points]
    wrong = np.flatnonzero(codes == _UNKNOWN)
    if len(wrong):
        raise DataError(f"letter '{letters[wrong[0]]}' at place {wrong[0] + 1} is not in the DNA alphabet "
                        f"{''.join(ALPHABET)}")  # fmt: skip
    return codes


def fit_length(codes: np.ndarray, length: int, anchor: str = "start") -> np.ndarray:
    """Codes cropped or padded with gaps to one length; the anchor is the end of a sequence that stays in place.

    Example:
        >>> fit_length(np.array([1, 2, 3], "uint8"), 5, "centre").tolist()
        [0, 1, 2, 3, 0]
    """
    if anchor not in ANCHORS:
        raise DataError(f"data.anchor: expected start, centre or end, found '{anchor}'")
    share = {"start": 0.0, "centre": 0.5, "end": 1.0}[anchor]
    surplus = len(codes) - length
    if surplus >= 0:
        first = int(surplus * share)
        return codes[first : first + length]
    before = int(-surplus * share)
    return np.pad(codes, (before, -surplus - before))


def read_fasta(path: Path) -> Iterator[tuple[int, str, str]]:
    """(line, header, sequence) of every record of a FASTA file."""
    line, header = 0, None
    letters: list[str] = []
    for number, text in enumerate(read_text(path).splitlines(), 1):
        if text.startswith(">"):
            if header is not None:
                yield line, header, "".join(letters)
            line, header, letters = number, text[1:].strip(), []
        elif text.startswith(";"):
            continue  # a comment
        elif header is not None:
            letters.append(text.strip())
        elif text.strip():
            raise DataError(f"{path}:{number}: expected a FASTA header ('>name class'), found '{text[:30]}'")
    if header is None:
        raise DataError(f"{path}: expected FASTA records, found none")
    yield line, header, "".join(letters)


def class_in_header(header: str) -> str | None:
    """The class that a FASTA header ends in: its last word after a blank, `|` or `=`.

    Example:
        >>> class_in_header("gene7 chromosome=3 promoter")
        'promoter'
    """
    found = re.search(r"[\s|=]([^\s|=]+)$", header)
    return found.group(1) if found else None
