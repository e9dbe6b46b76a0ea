"""The page inside a model file that says what its inputs and outputs mean; read without Keras."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, NotRequired, TypedDict, cast

from tlkit import catalog
from tlkit.data.splits import Info
from tlkit.errors import ModelError

_NAME = "tlkit.json"
DAMAGED = (OSError, ValueError, EOFError, RuntimeError, NotImplementedError, zlib.error, zipfile.BadZipFile)


class BesideColumns(TypedDict):
    """The table columns that a model takes beside its input, each with its words (None: numbers); the names' column."""

    columns: dict[str, list[str] | None]
    name: str | None


class UnknownPage(TypedDict):
    """From which mean distance to so many neighbours on an input is unknown, and 21 quantiles of validation's."""

    threshold: float
    neighbours: int
    quantiles: NotRequired[list[float]]


class Metadata(TypedDict):
    """What a model file says of itself: what goes in, how new examples are read, and what comes out.

    What a task has learned stands there under names of its own; those of tlkit's tasks are the last ones.
    """

    task: str
    kind: str
    class_names: list[str]
    input_shape: list[int]
    input_dtype: str
    preparation: NotRequired[dict[str, Any]]
    reading: NotRequired[dict[str, Any]]
    beside: NotRequired[BesideColumns]
    recipe: NotRequired[str]
    thresholds: NotRequired[dict[str, float]]
    thresholds_not_chosen: NotRequired[list[str]]
    deviations: NotRequired[list[float]]
    temperature: NotRequired[float]
    unknown: NotRequired[UnknownPage]
    set_limits: NotRequired[list[float]]


def page_of(info: Info, *, name: str = "") -> Metadata:
    """What a model file says of itself; `name` is the recipe's."""
    page = {
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
    return cast(Metadata, page)  # with what the task has learned


def add_page(path: Path, page: Mapping[str, Any], beside: Mapping[str, bytes] | None = None) -> None:
    """Put the page into a file that Keras has written, and members beside it."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(_NAME, json.dumps(page))
        for name, content in (beside or {}).items():
            archive.writestr(name, content)


def read_page(path: Path) -> Any:
    """What stands in a model file, whoever wrote it; an empty page if it came from elsewhere.

    Example:
        >>> read_page(Path("model.keras"))["class_names"]  # doctest: +SKIP
        ['cats', 'dogs']
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read(_NAME)) if _NAME in archive.namelist() else {}
    except DAMAGED as error:
        said = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise ModelError(f"{path}: not a model that can be loaded ({said})") from error


def read_metadata(path: Path) -> Metadata:
    """What a model file says of itself, refused where anything is missing or other than tlkit writes it."""
    page = read_page(path)
    if page == {}:
        raise ModelError(f"{path}: a Keras file without tlkit's page ({_NAME}), which says what its inputs and outputs "
                         "mean. Give the model of a run, or load it with keras.saving.load_model")  # fmt: skip
    if not isinstance(page, dict):
        raise ModelError(f"{path}: {_NAME}: expected a page of fields, found a {type(page).__name__}")
    if wrong := faults(page):
        raise ModelError(f"{path}: {_NAME}: {', '.join(wrong)}: missing, or not as tlkit writes it")
    told = {name: value for name, value in page.items() if value is not None}
    return cast(Metadata, {"preparation": {}, "reading": {}, **told})  # as old files lack them


def faults(page: Mapping[str, Any]) -> list[str]:
    """The fields that are missing from a page, or are other than tlkit writes them."""
    return [name for name, fits in _FIELDS.items() if not fits(page.get(name))]


def _is_list(kind: type | UnionType) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(isinstance(each, kind) for each in value)


def _is_beside(value: Any) -> bool:
    columns = value.get("columns") if isinstance(value, dict) else None
    return (
        isinstance(columns, dict)
        and all(words is None or _is_list(str)(words) for words in columns.values())
        and isinstance(value.get("name"), str | None)
    )


def _are_costs(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(row, dict) and _are_numbers(row.values()) for row in value.values()
    )


def _says_unknown(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("neighbours"), int)
        and _are_numbers([value.get("threshold")])
        and _is_list(int | float)(value.get("quantiles", []))
    )


def _are_numbers(values: Iterable[Any]) -> bool:
    return all(isinstance(each, int | float) for each in values)


_FIELDS: dict[str, Callable[[Any], bool]] = {
    "task": lambda value: isinstance(value, str) and value in catalog.TASKS,
    "kind": lambda value: isinstance(value, str),
    "class_names": _is_list(str),
    "input_shape": _is_list(int | None),
    "input_dtype": lambda value: isinstance(value, str),
    "preparation": lambda value: value is None or isinstance(value, dict),
    "reading": lambda value: value is None or isinstance(value, dict),
    "beside": lambda value: value is None or _is_beside(value),
    "thresholds": lambda value: value is None or (isinstance(value, dict) and _are_numbers(value.values())),
    "costs": lambda value: value is None or _are_costs(value),
    "deviations": lambda value: value is None or (isinstance(value, list) and _are_numbers(value)),
    "temperature": lambda value: value is None or _are_numbers([value]),
    "set_limits": lambda value: value is None or _is_list(int | float)(value),
    "unknown": lambda value: value is None or _says_unknown(value),
}
