"""A recipe written out as a page of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from tlkit.recipe.schema import Recipe


def write_recipe(recipe: Recipe, path: Path) -> None:
    """A recipe as a page of its own; the Python files that it names are copied beside it."""
    values = recipe.model_dump(mode="json", exclude_unset=True)
    values.pop("tune", None)
    path.write_text(yaml.safe_dump(values, sort_keys=False, allow_unicode=True), encoding="utf-8")
    for own in recipe.own_files.values():
        copy = path.parent / own.relative_to(recipe.folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(own, copy)
