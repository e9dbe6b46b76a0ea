"""YAML as plain values together with the line on which each key stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tlkit.errors import RecipeError

Place = str  # "recipes/cats.yaml:8"


@dataclass
class Page:
    """Values of one recipe file (or several, layered) and where each dotted path was said."""

    values: dict[str, Any]
    places: dict[str, Place] = field(default_factory=dict)

    def place(self, path: str) -> Place:
        """Where a path, or the nearest one around it, was said."""
        while path and path not in self.places:
            path = path.rpartition(".")[0]
        return self.places.get(path, "")


def read_page(path: Path) -> Page:
    """Read a YAML file safely; every problem of its form names the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RecipeError([f"{path}: cannot be read ({error.strerror})"]) from error
    except UnicodeDecodeError as error:
        raise RecipeError([f"{path}: expected UTF-8 text, found other bytes at {error.start}"]) from error
    return _parse(text, str(path))


def _parse(text: str, name: str) -> Page:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line + 1) if error.problem_mark else 1
        raise RecipeError([f"{name}:{line}: not valid YAML: {error.problem or error.context}"]) from error
    except yaml.YAMLError as error:
        raise RecipeError([f"{name}: not valid YAML: {error}"]) from error
    except (RecursionError, ValueError) as error:
        raise RecipeError([f"{name}: not valid YAML: {type(error).__name__}: {error}"]) from error
    if not isinstance(node, yaml.MappingNode):
        raise RecipeError([f"{name}:1: expected `key: value` lines, found {_kind(node)}"])
    page = Page(values, {"": f"{name}:1"})
    problems: list[str] = []
    try:
        _note_places(node, "", name, page.places, problems)
    except RecursionError as error:
        raise RecipeError([f"{name}: not valid YAML: an alias (*name) stands inside what it names"]) from error
    if problems:
        raise RecipeError(problems)
    return page


def _kind(node: yaml.Node | None) -> str:
    return {yaml.SequenceNode: "a list", yaml.ScalarNode: "plain text"}.get(type(node), "nothing")


def _note_places(node: yaml.Node, prefix: str, name: str, places: dict[str, Place], problems: list[str]) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            path = f"{prefix}.{key.value}" if prefix else str(key.value)
            here = f"{name}:{key.start_mark.line + 1}"
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
