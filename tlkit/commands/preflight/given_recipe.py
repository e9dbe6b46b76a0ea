"""The recipe that a program means: one in hand, a page of YAML, or a folder of data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tlkit.recipe.loading import build_recipe, load_recipe, with_settings
from tlkit.recipe.schema import Recipe
from tlkit.recipe.yaml_lines import parse_page

_PAGES = (".yaml", ".yml")


def recipe_of(given: Recipe | str | Path, settings: Sequence[str] = (), *, trust: bool = False) -> Recipe:
    """A recipe as it is, from its file, or the one that `tlkit init` writes for data; with `--set` values.

    Example:
        >>> recipe_of("recipes/cats.yaml").name
        'cats'
    """
    if isinstance(given, Recipe):
        return given
    if Path(given).suffix.lower() in _PAGES or not Path(given).exists():
        return load_recipe(given, settings, trust=trust)
    from tlkit.commands.init import start_recipe

    text = start_recipe(Path(given))
    return build_recipe(with_settings(parse_page(text, str(given)), settings), source=text, settings=settings)
