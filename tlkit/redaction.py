"""Secrets taken out of whatever others may read: records, files of a run, messages, logs; the one place for that.

What is a secret is told by its shape (a user's part of an address, `?token=`, the keys of well-known services), by the
name of the environment's variable or the recipe's key that holds it, and by nothing else.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

HIDDEN = "(hidden)"
_TEXTS = frozenset({".yaml", ".json", ".csv", ".gz", ".html", ".txt", ".md", ".log"})
_NAME = r"(?:pass(?:word|wd|phrase)|secret|token|api_?key|access_?key(?:_?id)?|private_?key|credentials?)"
_NAMED = re.compile(rf"(?:^|[_.-]){_NAME}$", re.IGNORECASE)
_SHORTEST = 6  # letters of a secret that is known by its name alone: shorter ones are words
_PLAIN = re.compile(r"[\d.]+|[./~].*")  # numbers, and files that hold a secret
_SERVICES = {  # how their keys begin, and go on
    "AKIA": "[A-Z0-9]{16}", "ASIA": "[A-Z0-9]{16}", "ghp_": r"\w{30,}", "gho_": r"\w{30,}", "ghu_": r"\w{30,}",
    "ghs_": r"\w{30,}", "ghr_": r"\w{30,}", "github_pat_": r"\w{30,}", "glpat-": r"[\w-]{20,}", "hf_": r"\w{30,}",
    "sk-": r"[\w-]{20,}", "xoxb-": r"[\w-]{10,}", "xoxp-": r"[\w-]{10,}", "xoxa-": r"[\w-]{10,}",
    "dapi": "[0-9a-f]{32}", "AIza": r"[\w-]{35}", "eyJ": r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}",
}  # fmt: skip
_SHAPES = (  # what a text must have to be searched for it, what it is, what is left of it
    ("://", re.compile(r"(?<=://)[^/?#,\s\"<>]*@"), f"{HIDDEN}@"),
    (
        "=",
        re.compile(
            rf"([?&;](?!viewStateShareKey=)[\w.-]*(?:{_NAME}|key|pwd|auth|sig|signature)=)(?!\()[^\s&;#,'\"<>\\)\]}}]+",
            re.I,
        ),
        rf"\1{HIDDEN}",
    ),
    ("Bearer ", re.compile(r"(?<=Bearer )[\w.~+/-]{8,}=*"), HIDDEN),
    (": Basic ", re.compile(r"(?<=: Basic )[\w.~+/-]{8,}=*"), HIDDEN),
    (
        "PRIVATE KEY-",
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^\"]*?(-----END [A-Z ]*KEY-----|(?=\")|\Z)"),
        HIDDEN,
    ),
    *((begin, re.compile(rf"(?<![\w+-]){begin}{rest}(?![\w+-])"), HIDDEN) for begin, rest in _SERVICES.items()),
)
_told: set[str] = set()  # by recipes
_OBEYED = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # controls, and changes of direction


def redacted(text: str) -> str:
    """The text with `(hidden)` in place of each secret.

    Example:
        >>> redacted("http://me:hunter2@mlflow.example/?token=abc")
        'http://(hidden)@mlflow.example/?token=(hidden)'
    """
    return _hidden(text, _spelled())


def redacted_values(value: Any) -> Any:
    """The same for all text in lists and mappings, at any depth; keys stay."""
    return _hidden_values(value, _spelled())


def _hidden(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    for mark, shape, shown in _SHAPES:
        text = shape.sub(shown, text) if mark in text else text
    return text


def _hidden_values(value: Any, secrets: Sequence[str]) -> Any:
    if isinstance(value, str):
        return _hidden(value, secrets)
    if isinstance(value, Mapping):
        return {key: _hidden_values(each, secrets) for key, each in value.items()}
    return [_hidden_values(each, secrets) for each in value] if isinstance(value, list | tuple) else value


def learn_secrets(values: Any) -> None:
    """Take what stands under a secret's name, such as `api_key`, in a mapping of mappings for a secret from now on."""
    if isinstance(values, Mapping):
        _told.update(each for name, each in values.items() if _is_secret(str(name), each))
    for each in values.values() if isinstance(values, Mapping) else values if isinstance(values, list) else ():
        learn_secrets(each)


def redact_files(folder: Path) -> None:
    """Take secrets out of the files of text in a folder and below."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in _TEXTS:
            _redact_file(path)


def _redact_file(path: Path) -> None:
    from gzip import compress, decompress

    said, packed = path.read_bytes(), path.suffix == ".gz"
    text = (decompress(said) if packed else said).decode("utf-8", "surrogateescape")
    if (clean := redacted(text)) != text:
        kept = clean.encode("utf-8", "surrogateescape")
        scratch = path.with_name(f".{path.name}.new")
        scratch.write_bytes(compress(kept, 1, mtime=1) if packed else kept)
        scratch.replace(path)


def escaped(text: str) -> str:
    """What a terminal would obey rather than show, such as may stand in a class's name, as escapes.

    Example:
        >>> print(escaped("cat" + chr(27) + "[2J"))
        cat\\x1b[2J
    """
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class RedactedText(io.TextIOWrapper):
    """A stream of text that others may read, such as standard error."""

    def write(self, text: str) -> int:
        """Write all of it but secrets, and escaped, unless it begins a line anew: so do progress bars."""
        self.draw(text if text.startswith("\r") else escaped(text))
        return len(text)

    def draw(self, text: str) -> int:
        """Write what may move the cursor."""
        super().write(redacted(text))
        return len(text)


class Canvas:
    """A stream for what draws on a terminal with every write."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.write: Callable[[str], int] = getattr(stream, "draw", stream.write)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _is_secret(name: str, value: Any) -> bool:
    return (
        isinstance(value, str)
        and len(value) >= _SHORTEST
        and bool(_NAMED.search(name))
        and not _PLAIN.fullmatch(value)
        and value != HIDDEN
    )


def _spelled() -> list[str]:
    """Each secret known by name, as it is, as in a page and as in an address; the longest first."""
    known = {*_told, *(value for name, value in os.environ.items() if _is_secret(name, value))}
    if not known:
        return []
    from html import escape
    from json import dumps
    from urllib.parse import quote

    ways = {way(each) for each in known for way in (str, escape, quote, lambda text: dumps(text)[1:-1])}
    return sorted(ways, key=len, reverse=True)
