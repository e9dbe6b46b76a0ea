"""Real text at hand offline: the docstrings of installed libraries, without the libraries' names."""

from __future__ import annotations

import ast
import csv
import importlib.util
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from tlkit.errors import DataError

LIBRARIES = ("keras", "matplotlib", "mlflow", "numpy", "pandas")
_NAMES = re.compile(
    r"\w*(?:numpy|pandas|keras|matplotlib|mlflow|tensorflow|pyplot)\w*|\b(?:np|pd|tf|mpl|plt|ml)\b", re.I
)
_SKIPPED = {"tests", "testing", "test", "_vendor", "vendored", "protos"}
_FEWEST, _MOST = 15, 60  # words of a text


def draw(folder: Path, *, count: int = 1500, seed: int = 7, on_picture: Callable[[int], None] | None = None) -> None:
    """Write `docstrings.csv` with the columns text and label: which library's docstring is this?

    A text is the first 60 words of a docstring of at least 15, names of libraries taken out; which ones they are
    hangs on the versions installed.

    Example:
        >>> draw(Path("data/docstrings"), count=500)  # doctest: +SKIP
    """
    folder.mkdir(parents=True, exist_ok=True)
    each = max(1, count // len(LIBRARIES))
    with (folder / "docstrings.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for index, library in enumerate(LIBRARIES):
            writer.writerows((text, library) for text in _chosen(library, each, seed))
            if on_picture:
                on_picture((index + 1) * each - 1)


def texts_of(library: str) -> list[str]:
    """Every text that a library's docstrings give, each once, in a stable order.

    Example:
        >>> any("numpy" in text.lower() for text in texts_of("numpy"))
        False
    """
    return sorted({text for path in _files(library) for text in _texts(path)})


def _chosen(library: str, count: int, seed: int) -> list[str]:
    texts = texts_of(library)
    order = np.random.default_rng([seed, LIBRARIES.index(library)]).permutation(len(texts))
    return [texts[each] for each in order[:count]]


def _files(library: str) -> list[Path]:
    spec = importlib.util.find_spec(library)  # of a package at the top: nothing is imported
    if spec is None or not spec.submodule_search_locations:
        raise DataError(f"sample 'docstrings': the library {library} is not installed")
    home = Path(next(iter(spec.submodule_search_locations)))
    return sorted(path for path in home.rglob("*.py") if not _SKIPPED & set(path.relative_to(home).parts[:-1]))


def _texts(path: Path) -> Iterator[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other people's escapes
            tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return  # a template, or for another version of Python
    for node in _statements(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            words = _NAMES.sub(" ", ast.get_docstring(node) or "").split()
            if len(words) >= _FEWEST:
                yield " ".join(words[:_MOST])


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """A module and all its statements, which are a tenth of its nodes."""
    found: list[ast.AST] = [tree]
    for node in found:
        yield node
        for block in ("body", "orelse", "handlers", "finalbody", "cases"):
            found += getattr(node, block, ())
