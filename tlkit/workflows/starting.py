"""A first recipe for data that lies there, with every guess marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tlkit import catalog
from tlkit.errors import DataError
from tlkit.workflows.guesses import Guess, guesses

_SHARES = {
    "val": "  val: 0.15             # share for validation, where the data gives none",
    "test": "  test: 0.15            # share for the test, where the data gives none",
}


def start_recipe(path: Path) -> str:
    """The text of a recipe for the data at `path`.

    Example:
        >>> print(start_recipe(Path("data/flowers")))  # doctest: +SKIP
    """
    if not path.exists():
        raise DataError(f"{path}: nothing there. Name a folder, a table or an archive")
    guess = next(guesses(path), None)
    if guess is None:
        raise DataError(
            f"{path}: not recognised. Expected one folder of pictures a class, a table with paths and labels, or an "
            f"archive; sources: {', '.join(catalog.SOURCES)} (docs/data.md shows how to write one)"
        )
    return _text(path, guess)


def write_recipe(path: Path, out: Path) -> None:
    """Write a recipe for the data at `path`; a file that stands there is left alone."""
    text = start_recipe(path)
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise DataError(f"{out}: stands there already; name another file with --out") from error
    except OSError as error:
        raise DataError(f"{out}: cannot be written ({error.strerror})") from error


def _text(path: Path, guess: Guess) -> str:
    data = {"source": guess.data["source"], "path": str(path), **guess.data}
    name = re.sub(r"\W+", "_", path.name.split(".")[0]).strip("_") or "mine"
    shares = [] if "split" in data else [line for key, line in _SHARES.items() if key not in data]
    return "\n".join(
        [
            f"# Written by `tlkit init {path}`. What was guessed is marked: look at it, then",
            "#   tlkit check RECIPE --data    reads every example and says what is wrong with it",
            "#   tlkit run RECIPE             trains and evaluates",
            f"name: {name}",
            "seed: 7",
            "",
            "data:",
            *_fields(data, guess.why),
            *shares,
            "",
            "model:",
            *_fields(guess.model, {}),
            "",
            "train:",
            *_fields(guess.train, {}),
            "",
        ]
    )


def _fields(values: dict[str, Any], why: dict[str, str]) -> Iterator[str]:
    for key, value in values.items():
        written = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1000).removesuffix("...\n")
        line = f"  {key}: {written.strip()}"
        yield f"{line:<23} # {why[key]}" if key in why else line
