"""What the fields of a recipe are made of: paths, names, times, and a section that refuses unknown keys."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from tlkit import catalog

_LONGEST_NAME, _LONGEST_PATH = 255, 4095  # bytes, as file systems have it


def _possible_path(text: str) -> str:
    parts = text.split("/")
    if "\0" in text or len(text.encode()) > _LONGEST_PATH or any(len(each.encode()) > _LONGEST_NAME for each in parts):
        raise ValueError(f"a path, with names of at most {_LONGEST_NAME} bytes")
    return text


def _possible_name(text: str) -> str:
    parts = text.split("/")
    long = len(text.encode()) > _LONGEST_NAME - 55  # files and folders are called by it, with something behind
    if long or not text.isprintable() or any(each in ("", ".", "..") for each in parts):
        raise ValueError("a name of at most 200 bytes that a folder can have")
    return text


def _known_task(name: str) -> str:
    if name not in catalog.TASKS:
        raise ValueError(f"one of {', '.join(catalog.TASKS)}")
    return name


def seconds_of(value: object) -> float:
    """Seconds, written as 90, 90s, 10m or 1h.

    Example:
        >>> seconds_of("10m")
        600.0
    """
    found = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)([smh]?)", str(value).strip())
    if not found or float(found[1]) == 0:
        raise ValueError("expected a time such as 90s, 10m or 1h")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


Cost = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Fraction = float
Sizes = int | list[int]
TaskName = Annotated[str, AfterValidator(_known_task)]
Duration = Annotated[float, BeforeValidator(seconds_of)]
PathText = Annotated[str, AfterValidator(_possible_path)]
Name = Annotated[str, AfterValidator(_possible_name)]


class Section(BaseModel):
    """A part of a recipe: frozen, and strict about its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_flag_as_number(cls, value: Any, info: ValidationInfo) -> Any:
        annotation = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and "bool" not in str(annotation):
            word = ", as which YAML reads yes, no, on and off: put a word in quotes" if "str" in str(annotation) else ""
            raise ValueError(f"something other than true or false{word}")
        return value
