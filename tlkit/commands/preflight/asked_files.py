"""The files that a recipe's `export:` asks for, as far as they can be had here."""

from __future__ import annotations

from tlkit.errors import ModelError, RecipeError
from tlkit.exporting.exporter import format_of
from tlkit.exporting.jobs import Wanted
from tlkit.recipe.schema import Export


def asked_files(asked: Export) -> list[Wanted]:
    """Each format in each precision; a `RecipeError` where a format lacks one, or a package is missing."""
    any_size = asked.resize == "inside"
    pairs = dict.fromkeys((name, precision) for name in asked.formats for precision in asked.precisions)
    wanted = [Wanted(*each, any_size=any_size) for each in pairs]
    try:
        for each in wanted:
            format_of(each.format).check(each.precision, any_size=any_size)
    except ModelError as error:
        raise RecipeError([f"export: {error}"]) from error
    return wanted
