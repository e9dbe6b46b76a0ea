"""The recipe reference: every field of the schema, every argument of sources and nets, as Markdown tables."""

from __future__ import annotations

import ast
import inspect
import re
import types
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tlkit import catalog
from tlkit.recipe.fields import section_of
from tlkit.recipe.schema import Data, Model, Recipe
from tlkit.source_text import module_file

_WORDS = {int: "whole number", float: "number", str: "text", bool: "true or false", type(None): "null", Any: "anything"}


def field_reference() -> str:
    """A section for each part of a recipe, then the arguments of sources and nets."""
    parts = ["## Every field\n", _table(Recipe, "")]
    for path, section in _sections(Recipe, ""):
        parts += [f"### `{path}`\n", _sentence(section.__doc__), _table(section, f"{path}.")]
    parts += ["## Arguments of sources\n", "Under `data`, beside the fields above.\n", *_arguments(catalog.SOURCES)]
    parts += ["## Arguments of nets\n", "Under `model`, beside the fields above.\n", *_arguments(catalog.NETS)]
    return "\n".join(parts)


def _sections(section: type[BaseModel], prefix: str) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in section.model_fields.items():
        inner = section_of(field.annotation)
        if inner and issubclass(inner, BaseModel):
            many = "[]" if "list[" in str(field.annotation) else ""
            yield f"{prefix}{name}{many}", inner
            yield from _sections(inner, f"{prefix}{name}{many}.")


def _table(section: type[BaseModel], prefix: str) -> str:
    rows = ["| field | type | default | what it says | for example |", "|---|---|---|---|---|"]
    for name, field in section.model_fields.items():
        shown = " or ".join(f"`{flow(each)}`" for each in field.examples or [])
        cells = (f"`{prefix}{name}`", _type(field), _default(field), _cell(field.description or ""), _cell(shown))
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def flow(value: Any) -> str:
    """A value as YAML would have it on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, width=1000, sort_keys=False).strip()
    return text.removesuffix("\n...").strip()


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "*needed*"
    if isinstance(field.default, BaseModel):
        return "*see there*"
    return "" if field.default is None else _cell(f"`{flow(field.default)}`")


def _type(field: FieldInfo) -> str:
    limits = [_limit(each) for each in field.metadata]
    return _cell(_words(field.annotation) + "".join(f", {each}" for each in limits if each))


def _limit(given: Any) -> str:
    signs = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below", "min_length": "not fewer than"}
    return next((f"{word} {getattr(given, sign)}" for sign, word in signs.items() if hasattr(given, sign)), "")


def _words(kind: Any) -> str:
    origin, inner = get_origin(kind), get_args(kind)
    if kind in _WORDS:
        return _WORDS[kind]
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in inner)
    if origin in (Union, types.UnionType):
        return " or ".join(_words(each) for each in inner if each is not type(None))
    if origin is list:
        return f"list of {_plural(_words(inner[0]))}"
    if origin is dict:
        return f"mapping to {_plural(_words(inner[1]))}"
    if hasattr(kind, "__metadata__"):
        return _words(inner[0])
    return "fields" if inspect.isclass(kind) and issubclass(kind, BaseModel) else str(kind)


def _plural(words: str) -> str:
    return {
        "whole number": "whole numbers",
        "number": "numbers",
        "text": "texts",
        "mapping to anything": "mappings",
    }.get(words, words)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _sentence(text: str | None) -> str:
    return re.sub(r"docs/([\w-]+)\.md", r"[\1](\1.md)", inspect.cleandoc(text or "").split("\n\n")[0]) + "\n"


def _arguments(table: Mapping[str, catalog.Entry]) -> Iterator[str]:
    for name, line in table.items():
        found = catalog.signature(name, table, kind="name") or {}
        text, said = _docstring(line.target)
        yield f"### `{name}`\n"
        yield f"{line.summary[0].upper()}{line.summary[1:]}.\n\n{text}\n"
        shown = {key: argument for key, argument in found.items() if not key.startswith("on_")}  # those are callbacks
        if not shown:
            continue
        yield "| argument | type | default | what it says |\n|---|---|---|---|"
        for key, argument in shown.items():
            default = "" if argument.default in (..., None) else f"`{flow(_plain(argument.default))}`"
            kind = f"`{argument.annotation}`" if argument.annotation else ""
            yield f"| `{key}` | {_cell(kind)} | {_cell(default)} | {_cell(said.get(key) or _said_of_field(key))} |"
        yield ""


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _said_of_field(name: str) -> str:
    """What the schema says of a field that sources take as well."""
    field = Data.model_fields.get(name) or Model.model_fields.get(name) or Recipe.model_fields.get(name)
    return (field.description or "") if field else ""


def _docstring(target: str) -> tuple[str, dict[str, str]]:
    """A function's docstring behind its first line, and what it says under `Args:`; the function is not imported."""
    module, _, name = target.partition(":")
    tree = ast.parse(module_file(module).read_text(encoding="utf-8"))
    node = next((each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == name), None)
    doc = (ast.get_docstring(node) or "") if node else ""
    block = re.search(r"^Args:\n((?:    .*\n?|\n)+)", doc, re.MULTILINE)
    found = re.findall(r"^    (\w+): (.*(?:\n     +.*)*)", block[1], re.MULTILINE) if block else []
    text = re.split(r"^(?:Args|Example|Reference):", doc, flags=re.MULTILINE)[0].partition("\n\n")[2].strip()
    return text, {key: " ".join(value.split()) for key, value in found}
