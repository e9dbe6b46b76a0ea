"""Every field that a recipe can have, by dotted path: those of the schema and the arguments of its net and source."""

from __future__ import annotations

from pydantic import BaseModel

from tlkit import catalog
from tlkit.errors import NotFoundError
from tlkit.recipe.loading import section_of
from tlkit.recipe.schema import Recipe


def field_paths(recipe: Recipe) -> list[str]:
    """All dotted paths that mean something in this recipe.

    Example:
        >>> "model.head.dropout" in field_paths(Recipe(name="leaves"))
        True
    """
    return list(dict.fromkeys([*_paths(Recipe, ""), *(f"model.{name}" for name in net_keywords(recipe))]))


def net_keywords(recipe: Recipe) -> list[str]:
    """The arguments of the recipe's net, as its function names them."""
    try:
        nets = {**catalog.NETS, **catalog.BACKBONES}
        return list(catalog.arguments(recipe.model.net, nets, kind="net", folder=recipe.folder) or {})
    except NotFoundError:
        return []


def _paths(section: type[BaseModel], prefix: str) -> list[str]:
    found = []
    for name, field in section.model_fields.items():
        inner = None if "list[" in str(field.annotation) else section_of(field.annotation)
        found += [f"{prefix}{name}", *(_paths(inner, f"{prefix}{name}.") if inner else [])]
    return found
