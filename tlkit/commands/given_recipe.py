"""The recipe that a program means: one in hand, a page of YAML, or a folder of data."""

from __future__ import annotations

from pathlib import Path

from tlkit.recipe.loading import build_recipe, load_recipe
from tlkit.recipe.schema import Recipe
from tlkit.recipe.yaml_lines import parse_page


def recipe_of(given: Recipe | str | Path, *, trust: bool = False) -> Recipe:
    """A recipe as it is, from its file, or the one that `tlkit init` writes for a folder of data.

    Example:
        >>> recipe_of("recipes/cats.yaml").name
        'cats'
    """
    if isinstance(given, Recipe):
        return given
    if not Path(given).is_dir():
        return load_recipe(given, trust=trust)
    from tlkit.commands.init import start_recipe

    text = start_recipe(Path(given))
    return build_recipe(parse_page(text, str(given)), source=text)
