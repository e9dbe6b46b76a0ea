"""From a file, its bases and `--set` values to a checked recipe; all problems at once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from tlkit.errors import RecipeError, nearest
from tlkit.own_files import own_files_named, require_trust, trusting
from tlkit.recipe.checking import argument_problems, range_problems
from tlkit.recipe.finetuning import expanded
from tlkit.recipe.overriding import layered, override, parse_setting
from tlkit.recipe.packaged import recipe_file
from tlkit.recipe.schema import Recipe
from tlkit.recipe.yaml_lines import YamlPage, read_page
from tlkit.redaction import learn_secrets


def load_recipe(path: str | Path, settings: Sequence[str] = (), *, trust: bool = False) -> Recipe:
    """Read a recipe, lay it on its `base:` and apply `--set` values.

    Args:
        path: its file, or the name of one that comes with tlkit.
        trust: its own Python files may run, also where they lie outside the working folder.

    Example:
        >>> load_recipe("recipes/cats.yaml", ["model.head.dropout=0.3"]).model.head.dropout
        0.3
    """
    with trusting(trust):
        return trusted(read_recipe(path, settings))


def trusted(recipe: Recipe) -> Recipe:
    """The recipe, once its own Python files may run; see `own_files.require_trust`."""
    require_trust(own_files_named(recipe.model_dump(mode="json"), recipe.folder))
    return recipe


def read_recipe(path: str | Path, settings: Sequence[str] = ()) -> Recipe:
    """A recipe of which nothing is to run."""
    path = recipe_file(path)
    page = _with_bases(path, ())
    page.values.setdefault("name", path.stem)
    source = path.read_text(encoding="utf-8")
    return build_recipe(with_settings(page, settings), folder=path.parent, source=source, settings=settings)


def with_settings(page: YamlPage, settings: Sequence[str]) -> YamlPage:
    """A page with `--set` values applied."""
    changes = dict(parse_setting(text) for text in settings)
    if "data.path" in changes:
        changes = {"data.sample": None, "data.fetch": None, **changes}  # a path of one's own is never filled
    for key, value in changes.items():
        page = YamlPage(expanded(override(page.values, key, value)), {**page.places, key: f"--set {key}"})
    return page


def changed_recipe(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """The recipe with fields overridden by dotted path, checked again."""
    values = recipe.model_dump(exclude_unset=True, mode="json")
    for path, value in changes.items():
        values = override(values, path, value)
    return build_recipe(YamlPage(values), folder=recipe.folder, source=recipe.source, settings=recipe.settings)


def build_recipe(page: YamlPage, *, folder: Path = Path(), source: str = "", settings: Sequence[str] = ()) -> Recipe:
    """Check values against the schema and the catalog; a `RecipeError` carries every problem."""
    learn_secrets(page.values)
    try:
        recipe = Recipe.model_validate(page.values)
        problems: list[str] = []
    except ValidationError as error:
        problems = [_problem(each, page) for each in error.errors()]
        recipe = _sound_part(page.values, error)
    except RecursionError as error:
        raise RecipeError(["recipe: lists within lists without end"]) from error
    problems += [_line(page, path, text) for path, text in range_problems(page.values)]
    problems += [_line(page, path, text) for path, text in argument_problems(recipe, folder)]
    if problems:
        raise RecipeError(problems)
    recipe._folder, recipe._source, recipe._settings = folder, source, tuple(settings)
    return recipe


def _sound_part(values: Mapping[str, Any], error: ValidationError) -> Recipe:
    """What is left of model and data without their faulty fields, so that the rest is checked all the same."""
    faulty = {tuple(str(part) for part in each["loc"][:2]) for each in error.errors()}
    kept: dict[str, Any] = {}
    for section in ("model", "data"):
        given = values.get(section)
        if isinstance(given, Mapping):
            kept[section] = {key: value for key, value in given.items() if (section, str(key)) not in faulty}
    return Recipe.model_validate({"name": "unsound", **kept})


def _with_bases(path: Path, seen: tuple[Path, ...]) -> YamlPage:
    if path.resolve() in seen:
        raise RecipeError([f"{path}: base: goes in a circle through {seen[-1]}"])
    page = read_page(path)
    base = page.values.pop("base", None)
    page.values = expanded(page.values)
    if base is None:
        return page
    if not isinstance(base, str):
        raise RecipeError([f"{page.place('base')}: base: expected the path of a recipe, found {base!r}"])
    if not os.path.isfile(path.parent / base):  # also false for a name that none can have
        raise RecipeError([f"{page.place('base')}: base: no such recipe '{base}' (looked in {path.parent})"])
    below = _with_bases(path.parent / base, (*seen, path.resolve()))
    return YamlPage(layered(below.values, page.values), {**below.places, **page.places})


def _problem(error: Any, page: YamlPage) -> str:
    location = _as_written(error, page.values)
    path = ".".join(location)
    if error["type"] == "extra_forbidden":
        return _line(page, path, f"unknown key. {nearest(location[-1], _known_keys(location[:-1]))}".rstrip(" "))
    if error["type"] == "missing":
        return _line(page, path, "missing; it must be given")
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return _line(page, path, f"expected {message.removeprefix('expected ')}, found {_shown(error['input'])}")


def _as_written(error: Any, values: Any) -> list[str]:
    """The keys and numbers of list items that lead to a value; pydantic's names of types between them are left out."""
    path, spot = list[str](), values
    for part in error["loc"]:
        inside = part in spot if isinstance(spot, Mapping) else isinstance(spot, list) and part in range(len(spot))
        if inside or part in _known_keys(path):
            path.append(str(part))
            spot = spot[part] if inside else None
    return path


def _line(page: YamlPage, path: str, text: str) -> str:
    place = page.place(path)
    return ": ".join(part for part in (place, "" if place == f"--set {path}" else path, text) if part)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _known_keys(location: Sequence[str]) -> list[str]:
    model: Any = Recipe
    for key in location:
        field = model.model_fields.get(key) if isinstance(model, type) and issubclass(model, BaseModel) else None
        model = section_of(field.annotation) if field else model
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def section_of(annotation: Any) -> Any:
    """The section inside `Section | None` or `list[Section]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = section_of(inner)
        if found is not None:
            return found
    return None
