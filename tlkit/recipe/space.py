"""What a search may vary: recipe fields by dotted path, each with its domain, checked before anything heavy loads."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tlkit.errors import RecipeError, nearest
from tlkit.recipe.fields import field_paths
from tlkit.recipe.loading import changed_recipe
from tlkit.recipe.schema import Recipe
from tlkit.recipe.spaces import READY, ready_space

KINDS = ("choice", "int", "float", "log")
_FORMS = "{choice: [...]}, {int: [low, high]}, {float: [low, high]} or {log: [low, high]}"
_SLACK = 1e-9  # by which a float may miss the end of its range
_NEVER = ("name", "description", "seed", "tune", "track", "data")


@dataclass(frozen=True)
class Domain:
    """The values that one field may take, and under which values of other fields it matters at all."""

    path: str
    kind: str
    values: tuple[Any, ...]  # every choice, or the lowest and the highest
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether a range holds whole numbers alone."""
        return self.kind == "int" or (self.kind == "log" and all(isinstance(each, int) for each in self.values))

    def holds(self, value: Any) -> bool:
        """Whether a value is one of the choices or lies in the range."""
        if self.kind == "choice":
            return value in self.values
        low, high = (each + sign * _SLACK * abs(each) for each, sign in zip(self.values, (-1, 1), strict=True))
        return _is_number(value) and low <= value <= high and (isinstance(value, int) or not self.whole)

    def as_json(self) -> dict[str, object]:
        """The domain as plain values, for a fingerprint."""
        return {self.kind: list(self.values), "when": {path: list(each) for path, each in self.when.items()}}


def read_space(recipe: Recipe) -> list[Domain]:
    """The domains of a recipe's `tune.space`; every problem at once as a `RecipeError`.

    Example:
        >>> recipe = Recipe(name="leaves", tune={"space": {"model.head.dropout": {"float": [0, 0.5]}}})
        >>> read_space(recipe)[0].values
        (0, 0.5)
    """
    problems: list[str] = []
    written = _written(recipe, problems)
    if not written and not problems:
        problems.append(f"tune.space: is empty. Name fields with domains, such as {_example()}, or one of: {_ready()}")
    domains = [each for path, given in written.items() for each in _domain(recipe, path, given, problems)]
    known = {each.path for each in domains}
    problems += [
        f"tune.space.{each.path}: when: '{path}' is no field of this space. {nearest(path, known)}".rstrip()
        for each in domains
        for path in each.when
        if path not in written
    ]
    problems += [text for each in domains for text in _refused(recipe, each)]
    if problems:
        raise RecipeError(problems)
    return _parents_first(domains)


def changes_of(domains: Iterable[Domain], values: Mapping[str, Any]) -> dict[str, object]:
    """The values of the fields that matter under them."""
    active: dict[str, Any] = {}
    for each in domains:
        if each.path in values and all(active.get(path) in allowed for path, allowed in each.when.items()):
            active[each.path] = values[each.path]
    return active


def _written(recipe: Recipe, problems: list[str]) -> dict[str, object]:
    space = recipe.tune.space
    if isinstance(space, dict):
        return dict(space)
    found: dict[str, Any] = {}
    for name in [space] if isinstance(space, str) else space:
        if name not in READY:
            hint = nearest(name, READY) or f"Known: {_ready()}."
            problems.append(f"tune.space: no ready space '{name}'. {hint}")
            continue
        part = ready_space(name, recipe)
        if not part:
            problems.append(f"tune.space: {name}: '{recipe.model.net}' takes none of its fields. Vary others")
        found |= part
    return found


def _domain(recipe: Recipe, path: str, given: Any, problems: list[str]) -> Iterator[Domain]:
    place = f"tune.space.{path}"
    fields = field_paths(recipe)
    if path.split(".")[0] in _NEVER or (path not in fields and not _inside_list(path, fields)):
        hint = nearest(path, [each for each in fields if each.split(".")[0] not in _NEVER])
        problems.append(f"{place}: no field that a search can vary. {hint}".rstrip())
        return
    kinds = [each for each in KINDS if isinstance(given, Mapping) and each in given]
    if len(kinds) != 1 or set(given) - {*KINDS, "when"}:
        problems.append(f"{place}: expected {_FORMS}, found {given!r}")
        return
    values, when = given[kinds[0]], given.get("when", {})
    values = [_number(each) for each in values] if isinstance(values, list) else values
    fault = _fault(kinds[0], values)
    if fault:
        problems.append(f"{place}: {kinds[0]}: {fault}, found {given[kinds[0]]!r}")
    elif not isinstance(when, Mapping) or [] in when.values():
        problems.append(f"{place}: when: expected path: value, or a list of values, found {when!r}")
    else:
        allowed = {name: tuple(each) if isinstance(each, list) else (each,) for name, each in when.items()}
        yield Domain(path, kinds[0], tuple(values), allowed)


def _fault(kind: str, values: Any) -> str:
    """What is wrong with a domain's values; empty if nothing is."""
    if kind == "choice":
        return "" if isinstance(values, list) and values else "expected a list of values"
    numbers = isinstance(values, list) and len(values) == 2 and all(_is_number(each) for each in values)
    if not numbers or not values[0] < values[1]:
        return "expected [low, high] with low below high"
    if kind == "int" and not all(isinstance(each, int) for each in values):
        return "expected whole numbers"
    return "expected numbers above 0" if kind == "log" and values[0] <= 0 else ""


def _refused(recipe: Recipe, domain: Domain) -> Iterator[str]:
    """Values that the field itself refuses; a range is asked at both ends."""
    conditions = {path: values[0] for path, values in domain.when.items()}
    for value in domain.values:
        try:
            changed_recipe(recipe, {**conditions, domain.path: value})
        except RecipeError as error:
            own = [text for text in error.problems if text.startswith(domain.path)] or error.problems
            yield f"tune.space.{domain.path}: {domain.kind} {value!r}: {own[0]}"


def _parents_first(domains: list[Domain]) -> list[Domain]:
    """Fields behind those that their conditions name; a circle is a mistake."""
    left, ordered = list(domains), list[Domain]()
    known: set[str] = set()
    while left:
        ready = [each for each in left if set(each.when) <= known]
        if not ready:
            raise RecipeError([f"tune.space.{left[0].path}: when: goes in a circle"])
        ordered += ready
        known |= {each.path for each in ready}
        left = [each for each in left if each.path not in known]
    return ordered


def _inside_list(path: str, fields: Iterable[str]) -> bool:
    parent, _, last = path.rpartition(".")
    return last.isdecimal() and parent in fields


def _number(value: Any) -> Any:
    """YAML takes 1e-4 for text; people mean the number."""
    if not isinstance(value, str):
        return value
    try:
        return float(value) if math.isfinite(float(value)) else value
    except ValueError:
        return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _ready() -> str:
    return ", ".join(READY)


def _example() -> str:
    return "model.head.dropout: {float: [0, 0.5]}"
