"""Every field of the recipe's schema, for tests."""

from pydantic import BaseModel

from tlkit.recipe.fields import section_of
from tlkit.recipe.schema import Recipe


def fields(section=Recipe, prefix=""):
    """(dotted name, section, field) of every field, those of list items among them, as `train.phases[].epochs`."""
    for name, field in section.model_fields.items():
        yield f"{prefix}{name}", section, field
        inner = section_of(field.annotation)
        if inner and issubclass(inner, BaseModel):
            yield from fields(inner, f"{prefix}{name}{'[]' if 'list[' in str(field.annotation) else ''}.")


def field_paths():
    """The dotted names of all fields."""
    return [path for path, _, _ in fields()]
