"""The one way a recipe changes: a value put under a dotted path."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tlkit.errors import RecipeError
from tlkit.recipe.yaml_lines import read_value

_NAMING = ("track.", "name", "description")
_MOST_NAMED, _LONGEST_VALUE = 6, 24
_BARE = {"model": "net", "optimizer": "name", "teacher": "run"}  # the field that a bare word is short for


def override(values: Mapping[str, Any], path: str, value: Any) -> dict[str, object]:
    """A copy of `values` with `value` under `path`; list items are named by their number.

    Example:
        >>> override({"model": {"net": "cnn"}}, "model.head.dropout", 0.3)
        {'model': {'net': 'cnn', 'head': {'dropout': 0.3}}}
    """
    changed = copy.deepcopy(dict(values))
    *parents, last = path.split(".")
    spot: Any = changed
    for key in parents:
        spot = _step(spot, key, path)
    _put(spot, last, value, path)
    return changed


def layered(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, object]:
    """`base` with every value of `over` laid on top; mappings are merged, lists are replaced."""
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = layered(merged[key], value) if both else value
    return merged


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of a recipe under its dotted name.

    Example:
        >>> dict(flat({"model": {"net": "cnn"}}))
        {'model.net': 'cnn'}
    """
    for key, value in values.items():
        path = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(value, Mapping) and value:
            yield from flat(value, path)
        else:
            yield path, value


def parse_setting(text: str) -> tuple[str, Any]:
    """`model.head.dropout=0.3` -> ("model.head.dropout", 0.3); the value is read as YAML."""
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise RecipeError([f"--set {text}: expected PATH=VALUE, for example model.head.dropout=0.3"])
    try:
        return path.strip(), _number(read_value(value))
    except ValueError as error:
        raise RecipeError([f"--set {text}: the value is {error}"]) from error


def shortened_settings(settings: Sequence[str]) -> list[str]:
    """Settings as they stand in a run's name: the last part of each path, or more where two would be the same.

    What only says how a run is recorded is left out.

    Example:
        >>> shortened_settings(["model.head.dropout=0.3", "track.experiment=x", "train.epochs=5"])
        ['dropout=0.3', 'epochs=5']
    """
    given = dict(text.partition("=")[::2] for text in settings)  # of one path, the last counts
    told = {path.strip(): value.strip() for path, value in given.items() if not path.startswith(_NAMING)}
    ends = [path.rpartition(".")[2] for path in told]
    names = [end if ends.count(end) == 1 else path for path, end in zip(told, ends, strict=True)]
    return [f"{name}={_cut(value)}" for name, value in zip(names, told.values(), strict=True)][:_MOST_NAMED]


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else f"{value[: _LONGEST_VALUE - 1]}…"


def _number(value: Any) -> Any:
    """YAML takes 1e-4 for text; people mean the number."""
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value


def _step(spot: Any, key: str, path: str) -> Any:
    """What stands under a key; a mapping in its place where that is none, for there is something to be put in it."""
    place: Any = _index(spot, key, path) if isinstance(spot, list) else key
    value = spot[place] if isinstance(spot, list) else spot.get(place)
    if not isinstance(value, dict | list):
        spot[place] = {_BARE[key]: value} if key in _BARE and isinstance(value, str) else {}
    return spot[place]


def _put(spot: Any, key: str, value: Any, path: str) -> None:
    if isinstance(spot, list):
        spot[_index(spot, key, path)] = value
    else:
        spot[key] = value


def _index(items: list[Any], key: str, path: str) -> int:
    if not key.isdecimal() or int(key) >= len(items):
        raise RecipeError([f"{path}: '{key}' is not an item of a list of {len(items)}; count from 0"])
    return int(key)
