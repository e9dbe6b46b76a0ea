"""The page inside a model file that says what its inputs and outputs mean; read without Keras."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from types import UnionType
from typing import Any

from tlkit import catalog
from tlkit.data.splits import Info
from tlkit.errors import ModelError

_NAME = "tlkit.json"
_DAMAGED = (OSError, ValueError, EOFError, RuntimeError, NotImplementedError, zlib.error, zipfile.BadZipFile)


def page_of(info: Info, *, name: str = "") -> dict[str, Any]:
    """What a model file says of itself; `name` is the recipe's."""
    return {
        "task": info.task,
        "kind": info.kind,
        "class_names": list(info.class_names),
        "input_shape": list(info.input_shape),
        "input_dtype": info.input_dtype,
        "preparation": dict(info.preparation),
        "reading": dict(info.reading),
        **({"beside": dict(info.beside)} if info.beside else {}),
        **info.learned,
        "recipe": name,
    }


def add_page(path: Path, facts: dict[str, Any]) -> None:
    """Put the page into a file that Keras has written."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(_NAME, json.dumps(facts))


def read_page(path: Path) -> dict[str, Any]:
    """The facts of a model file; none if it came from elsewhere.

    Example:
        >>> read_page(Path("model.keras"))["class_names"]  # doctest: +SKIP
        ['cats', 'dogs']
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read(_NAME)) if _NAME in archive.namelist() else {}
    except _DAMAGED as error:
        said = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise ModelError(f"{path}: not a model that can be loaded ({said})") from error


def facts_of(path: Path) -> dict[str, Any]:
    """The facts of a model file, where they are all that reading its inputs and naming its outputs needs."""
    page = read_page(path)
    if page == {}:
        raise ModelError(f"{path}: a Keras file without tlkit's page ({_NAME}), which says what its inputs and outputs "
                         "mean. Give the model of a run, or load it with keras.saving.load_model")  # fmt: skip
    if not isinstance(page, dict):
        raise ModelError(f"{path}: {_NAME}: expected a page of fields, found a {type(page).__name__}")
    wrong = [name for name, fits in _FIELDS.items() if not fits(page.get(name))]
    if wrong:
        raise ModelError(f"{path}: {_NAME}: {', '.join(wrong)}: missing, or not as tlkit writes it")
    return page


def _is_list(kind: type | UnionType) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(isinstance(each, kind) for each in value)


def _are_numbers(values: Iterable[Any]) -> bool:
    return all(isinstance(each, int | float) for each in values)


_FIELDS: dict[str, Callable[[Any], bool]] = {
    "task": lambda value: isinstance(value, str) and value in catalog.TASKS,
    "kind": lambda value: isinstance(value, str),
    "class_names": _is_list(str),
    "input_shape": _is_list(int | None),
    "input_dtype": lambda value: isinstance(value, str),
    "reading": lambda value: value is None or isinstance(value, dict),
    "thresholds": lambda value: value is None or (isinstance(value, dict) and _are_numbers(value.values())),
    "deviations": lambda value: value is None or (isinstance(value, list) and _are_numbers(value)),
}
