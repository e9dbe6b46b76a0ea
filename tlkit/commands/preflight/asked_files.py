"""The files that a recipe's `export:` asks for, as far as they can be had here."""

from __future__ import annotations

from tlkit.errors import ModelError, RecipeError
from tlkit.exporting.exporter import format_of
from tlkit.exporting.jobs import Wanted
from tlkit.recipe.schema import Export


def asked_files(asked: Export) -> list[Wanted]:
    """Each format in each precision; a `RecipeError` where a format lacks one, or a package is missing."""
    wanted = [Wanted(*each) for each in dict.fromkeys((a, b) for a in asked.formats for b in asked.precisions)]
    try:
        for each in wanted:
            format_of(each.format).check(each.precision)
    except ModelError as error:
        raise RecipeError([f"export: {error}"]) from error
    return wanted
