"""YAML as plain values together with the line on which each key stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from tlkit.errors import RecipeError

Place = str  # "recipes/cats.yaml:8"
_MOST_BYTES = 1 << 18
_MOST_VALUES = 50_000
_SHOWN = 40  # characters of a value
_TEXT = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")
_OWN_VALUES = re.compile(r"(data|model)\.")  # within values for functions of one's own, keys are theirs to name


@dataclass
class YamlPage:
    """Values of one recipe file (or several, layered) and where each dotted path was said."""

    values: dict[str, Any]
    places: dict[str, Place] = field(default_factory=dict)

    def place(self, path: str) -> Place:
        """Where a path, or the nearest one around it, was said."""
        while path and path not in self.places:
            path = path.rpartition(".")[0]
        return self.places.get(path, "")


class _Loader(yaml.SafeLoader):
    """Says of a value that PyYAML stumbles over, such as `!!int ''`, where it stands."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, ArithmeticError, LookupError, AttributeError, TypeError) as error:
            why = f" ({str(error)[:_SHOWN]})" if isinstance(error, ValueError) else ""
            problem = f"'{str(node.value)[:_SHOWN]}' is no {node.tag.rpartition(':')[2]}{why}"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error


def read_page(path: Path) -> YamlPage:
    """Read a YAML file safely; every problem of its form names the line."""
    try:
        if path.exists() and not path.is_file():
            raise RecipeError([f"{path}: expected a recipe, found {'a folder' if path.is_dir() else 'no plain file'}"])
        if path.stat().st_size > _MOST_BYTES:
            raise RecipeError([f"{path}: expected a page of at most {_MOST_BYTES:,} bytes"])
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RecipeError([f"{path}: cannot be read ({error.strerror})"]) from error
    except UnicodeDecodeError as error:
        raise RecipeError([f"{path}: expected UTF-8 text, found other bytes at {error.start}"]) from error
    return parse_page(text, str(path))


def read_value(text: str) -> Any:
    """The value of a few words of YAML, as `--set` takes it; `ValueError` if they are none."""
    try:
        _composed(text)
        return yaml.load(text, _Loader)  # noqa: S506  (a safe one)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError("not valid YAML") from error


def parse_page(text: str, name: str) -> YamlPage:
    """The page that a text is; `name` says in problems where it came from."""
    try:
        node, values = _composed(text), yaml.load(text, _Loader)  # noqa: S506  (a safe one)
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line + 1) if error.problem_mark else 1
        raise RecipeError([f"{name}:{line}: not valid YAML: {error.problem or error.context}"]) from error
    except yaml.YAMLError as error:
        raise RecipeError([f"{name}: not valid YAML: {error}"]) from error
    except RecursionError as error:
        raise RecipeError([f"{name}: not valid YAML: lists within lists without end"]) from error
    except ValueError as error:
        raise RecipeError([f"{name}: not valid YAML: {error}"]) from error
    if not isinstance(node, yaml.MappingNode):
        raise RecipeError([f"{name}:1: expected `key: value` lines, found {_kind(node)}"])
    page = YamlPage(values, {"": f"{name}:1"})
    problems: list[str] = []
    _note_places(node, "", name, page.places, problems)
    if problems:
        raise RecipeError(problems)
    return page


def _composed(text: str) -> yaml.Node | None:
    """The page as nodes; `ValueError` where its aliases make it endless, or too large to be gone through."""
    node = yaml.compose(text, Loader=_Loader)
    if node is not None and _size(node, {}) > _MOST_VALUES:
        raise ValueError(f"expected at most {_MOST_VALUES:,} values, its aliases (*name) written out")
    return node


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node is when all aliases are written out; each is gone through once."""
    if known.get(id(node)) == 0:
        raise ValueError("an alias (*name) stands inside what it names")
    if id(node) not in known:
        known[id(node)] = 0
        below = chain(*node.value) if isinstance(node, yaml.MappingNode) else node.value
        inner = below if isinstance(node, yaml.CollectionNode) else ()
        known[id(node)] = 1 + sum(_size(each, known) for each in inner)
    return known[id(node)]


def _kind(node: yaml.Node | None) -> str:
    return {yaml.SequenceNode: "a list", yaml.ScalarNode: "plain text"}.get(type(node), "nothing")


def _note_places(node: yaml.Node, prefix: str, name: str, places: dict[str, Place], problems: list[str]) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            path = f"{prefix}.{key.value}" if prefix else str(key.value)
            here = f"{name}:{key.start_mark.line + 1}"
            if key.tag not in _TEXT and not _OWN_VALUES.match(prefix):
                problems.append(f"{here}: {path}: expected a word as key; put it in quotes if that is what is meant")
            if path in seen:
                problems.append(f"{here}: {path}: said twice; keep one")
            seen.add(path)
            places[path] = here
            _note_places(value, path, name, places, problems)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            path = f"{prefix}.{index}" if prefix else str(index)
            places[path] = f"{name}:{value.start_mark.line + 1}"
            _note_places(value, path, name, places, problems)
