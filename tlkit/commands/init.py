"""A first recipe for data that lies there, with every guess marked."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from tlkit import catalog
from tlkit.errors import DataError
from tlkit.kinds.detection.guess import Guess
from tlkit.kinds.detection.layouts import some_files

_log = logging.getLogger(__name__)


def start_recipe(path: Path) -> str:
    """The text of a recipe for the data at `path`.

    Example:
        >>> print(start_recipe(Path("data/flowers")))  # doctest: +SKIP
    """
    if not os.path.exists(path):  # also false for a name that none can have
        raise DataError(f"{path}: nothing there. Name a folder, a table or an archive")
    files = some_files(path)
    for text in (_guessed(path, files, target, kind) for _, target, kind in _guesses()):
        if text is not None:
            return text
    raise DataError(
        f"{path}: not recognised. Expected one folder of files a class, files with the class in their names, a "
        f"table with labels, or an archive; sources: {', '.join(catalog.SOURCES)} (docs/data.md: how to write one)"
    )


def _guesses() -> list[tuple[int, str, str]]:
    """Rank, function and kind of every guess, those that are asked for first in front."""
    kinds = catalog.each_of(catalog.KINDS, kind="kind of data")
    return sorted((rank, target, name) for name, kind in kinds for rank, target in kind.guesses.items())


def _guessed(path: Path, files: Sequence[Path], target: str, kind: str) -> str | None:
    """The recipe for what a guess takes the data for; a guess of another package that fails is named and passed by."""
    try:
        guess = catalog.loaded(target)(path, files)
        return None if guess is None else _text(path, guess)
    except Exception as error:
        if (origin := catalog.KINDS[kind].origin) == "tlkit":
            raise
        said = " ".join(f"{type(error).__name__}: {error}".split())
        _log.warning("%s: the guess of kind '%s' of %s is passed by, for it fails (%s)", path, kind, origin, said)
        return None


def write_recipe(path: Path, out: Path, *, opening: str = "") -> str:
    """Write a recipe for the data at `path`, behind an opening line, and give it; a file there is left alone."""
    text = opening + start_recipe(path)
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
        return text
    except FileExistsError as error:
        raise DataError(f"{out}: stands there already; name another file with --out") from error
    except OSError as error:
        raise DataError(f"{out}: cannot be written ({error.strerror})") from error


def _text(path: Path, guess: Guess) -> str:
    data = {"source": guess.data["source"], "path": str(path), **guess.data}
    name = re.sub(r"\W+", "_", path.name.split(".")[0]).strip("_") or "mine"
    lines = [
        f"# Written by `tlkit init {path}`. What was guessed is marked: look at it, then",
        "#   tlkit check RECIPE --data    reads every example and says what is wrong with it",
        "#   tlkit run RECIPE             trains and evaluates",
        *([f"# Found: {guess.seen}."] if guess.seen else []),
        f"name: {name}",
        "seed: 7",
        "",
        "data:",
        *_fields(data, guess.why),
        *_shares(guess),
        "",
        *(["augment:", *(f"  - {line.strip()}" for each in guess.augment for line in _fields(each, {})), ""]
          if guess.augment else []),
        "model:",
        *_fields(guess.model, {}),
        "",
        "train:",
        *_fields(guess.train, {}),
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _shares(guess: Guess) -> Iterator[str]:
    """How much of the examples goes into each part that the data do not give, and which parts they give."""
    if "split" in guess.data:
        return
    for part, name in (("val", "validation"), ("test", "the test")):
        if guess.parts and part in guess.parts:
            yield f"  # {part}: as the data give it ({guess.parts[part]} files)"
        elif part not in guess.data:
            whence = "cut out of train, as the data give none" if guess.parts else "of all examples, by their content"
            whence = "where the data give none" if guess.parts is None else whence
            line = f"  {part}: 0.15"
            yield f"{line:<23} # share for {name}, {whence}"


def _fields(values: dict[str, object], why: dict[str, str]) -> Iterator[str]:
    for key, value in values.items():
        written = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1000).removesuffix("...\n")
        line = f"  {key}: {written.strip()}"
        yield f"{line:<23} # {why[key]}" if key in why else line
