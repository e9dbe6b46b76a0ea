"""A recipe written out as a page of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from tlkit.errors import DataError
from tlkit.recipe.schema import Recipe


def write_recipe(recipe: Recipe, path: Path) -> None:
    """A recipe as a page of its own; the Python files that it names are copied beside it."""
    values = recipe.model_dump(mode="json", exclude_unset=True)
    values.pop("tune", None)
    path.write_text(yaml.safe_dump(values, sort_keys=False, allow_unicode=True), encoding="utf-8")
    for own, copy in _copies(recipe, path):
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(own, copy)


def refuse_occupied(recipe: Recipe, path: Path) -> None:
    """Refuse a path for a recipe where writing it would write over anything, or where there is no folder for it."""
    if not path.absolute().parent.is_dir():
        raise DataError(f"{path.parent}: no such folder; make it, or name another file with --out")
    for file in (path, *(copy for own, copy in _copies(recipe, path) if not _same(own, copy))):
        if file.exists():
            raise DataError(f"{file}: stands there already; name another file with --out")


def _copies(recipe: Recipe, path: Path) -> list[tuple[Path, Path]]:
    """The Python files of a recipe that do not lie beside this path yet, and where they go."""
    pairs = [(own, path.parent / own.relative_to(recipe.folder)) for own in recipe.own_files.values()]
    return [(own, copy) for own, copy in pairs if own.resolve() != copy.resolve()]


def _same(own: Path, copy: Path) -> bool:
    return copy.is_file() and copy.read_bytes() == own.read_bytes()
