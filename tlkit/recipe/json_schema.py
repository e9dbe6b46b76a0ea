"""The JSON schema of recipes, by which editors complete them and mark mistakes; made of the models in `schema.py`.

It says what pydantic knows, the short forms that a section may have, and which keys the nets and sources of the catalog
take. What only the values together can tell, `tlkit check` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from tlkit import catalog
from tlkit.recipe.checking import ACTIVATIONS, OWN_DATA, OWN_MODEL, PRECISIONS
from tlkit.recipe.schema import AUTO, Recipe
from tlkit.source_text import Argument

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Node: TypeAlias = dict[str, Any]

_OWN_FUNCTION = {"pattern": r"\.py:\w+$", "description": "a function in a Python file beside the recipe"}
_WORD, _WORDS = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
# section -> the types that it may have beside an object, and what each of them is then held to
_SHORT: Mapping[str, Mapping[str, Node]] = {
    "Augment": {"array": {"items": {"$ref": "#/$defs/Step"}}},
    "Model": {"string": {"$ref": "#/$defs/Net"}},
    "Optimizer": {"string": {"$ref": "#/$defs/Optimizer/properties/name"}},
    "Teacher": {"string": {"minLength": 1}},
    "Train": {"string": {"const": "finetune"}},
    "Beside": {"string": _WORD, "array": _WORDS},
    "Export": {"string": {"$ref": "#/$defs/Format"}, "array": {"items": {"$ref": "#/$defs/Format"}}},
}
_ALWAYS = {"Model": OWN_MODEL, "Data": OWN_DATA}  # whatever the net or source
_POOLING = {"pool_size", "pool_stride"}  # said as pooling: {size, stride}


def recipe_schema(steps: Mapping[str, str]) -> Node:
    """The schema as plain values; `steps` are the augmentations by name, with what each does.

    Example:
        >>> recipe_schema({})["properties"]["seed"]["minimum"]
        0
    """
    schema = _plain(Recipe.model_json_schema())
    parts = schema["$defs"]
    parts |= {
        "Net": _named({AUTO: "what suits the data best", **_told(catalog.NETS), **_told(catalog.BACKBONES)}, "^hub:"),
        "Source": _named(_told(catalog.SOURCES)),
        "Format": _named(_told(catalog.EXPORTERS)),
        "Step": {"type": "object", "minProperties": 1, "maxProperties": 1, "propertyNames": _named(steps)},
    }
    fields = {name: part["properties"] for name, part in parts.items() if "properties" in part}
    _refer(fields["Model"], "net", "Net")
    _refer(fields["Data"], "source", "Source")
    fields["Data"]["task"] = {**_named(_told(catalog.TASKS), own=False), "type": ["string", "null"]}
    fields["Data"]["sample"]["anyOf"][0] = _named(_told(catalog.SAMPLES), own=False)
    fields["Augment"]["steps"]["items"] = {"$ref": "#/$defs/Step"}
    fields["Export"]["formats"]["items"] = {"$ref": "#/$defs/Format"}
    fields["Export"]["precisions"]["items"] = {"enum": list(PRECISIONS)}
    fields["Tune"]["budget"]["anyOf"][0] = {"type": ["number", "string"], "pattern": r"^\d{1,6}(\.\d+)?[smh]?$"}
    fields["Head"]["activation"]["examples"] = list(ACTIVATIONS)
    parts["Model"]["allOf"] = _taken("Model", "net", {**catalog.NETS, **catalog.BACKBONES}, fields["Model"])
    parts["Data"]["allOf"] = _taken("Data", "source", catalog.SOURCES, fields["Data"])
    for name, forms in _SHORT.items():
        _allow(parts[name], forms)
    schema["properties"]["base"] = {"type": "string", "description": "a recipe to lie on, from this file's folder"}
    schema.pop("required", None)  # a name is that of the file where none is given
    return {"$schema": DIALECT, "title": "tlkit recipe", **schema}


def _plain(value: Any) -> Any:
    """Without titles, which repeat the keys, examples in Python, and defaults that a section's own fields say."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    kept = {key: _plain(each) for key, each in value.items() if not _is_noise(key, each)}
    if isinstance(text := kept.get("description"), str):
        kept["description"] = text.partition("\n\nExample:")[0]
    return kept


def _is_noise(key: str, value: object) -> bool:
    return (key == "title" and isinstance(value, str)) or (
        key == "default" and (value is None or isinstance(value, dict))
    )


def _told(entries: Mapping[str, catalog.Entry]) -> dict[str, str]:
    return {name: entry.summary for name, entry in entries.items()}


def _named(known: Mapping[str, str], *patterns: str, own: bool = True) -> Node:
    """One of these names, each with what it stands for; or a function of one's own, or what a pattern allows."""
    names = [{"const": name, **({"description": text} if text else {})} for name, text in known.items()]
    return {"anyOf": [*names, *({"pattern": each} for each in patterns), *([_OWN_FUNCTION] if own else [])]}


def _refer(fields: Node, key: str, part: str) -> None:
    fields[key] = {"$ref": f"#/$defs/{part}", **{name: fields[key][name] for name in ("default", "description")}}


def _allow(part: Node, forms: Mapping[str, Node]) -> None:
    part["type"] = ["object", *forms]
    held = [{"if": {"type": form}, "then": rule} for form, rule in forms.items()]
    part["allOf"] = [*part.get("allOf", []), *held]


def _taken(section: str, key: str, entries: Mapping[str, catalog.Entry], fields: Node) -> list[Node]:
    """For each net or source: the keys that its section may have, with the types of the arguments that it adds.

    Any other may be null alone, which takes away what the recipe below says. Those that take the same share a rule.
    """
    other = {"type": "null", "errorMessage": f"Not taken by this {key}."}  # a keyword of VS Code's servers
    rules: dict[str, tuple[Node, list[str]]] = {}
    for name, entry in entries.items():
        found = None if entry.fault else catalog.signature(name, entries, kind=key)
        if found is not None:
            allowed = _keys(found, fields, _ALWAYS[section])
            rules.setdefault(repr(allowed), (allowed, []))[1].append(name)
    return [
        {"if": {"type": "object", "required": [key], "properties": {key: {"enum": names}}},
         "then": {"properties": allowed, "additionalProperties": other}}
        for allowed, names in rules.values()
    ]  # fmt: skip


def _keys(found: Mapping[str, Argument], fields: Node, always: Iterable[str]) -> Node:
    taken = {name for name, argument in found.items() if not argument.annotation.startswith("Callable")} - _POOLING
    added = {name: _type_of(found[name]) for name in sorted(taken) if name not in fields}
    return {name: True for name in fields if name in taken or name in always} | added


def _type_of(argument: Argument) -> Node:
    """What `checking` lets through for such a default."""
    default = argument.default
    if default is None or default is ...:
        return {}
    if isinstance(default, bool):
        return {"type": ["boolean", "null"], "default": default}
    if isinstance(default, str):
        return {"type": ["string", "integer", "null"], "default": default}
    if isinstance(default, int | float):
        return {"type": ["number", "array", "null"], "items": {"type": "number"}, "default": default}
    return {"type": ["array", "number", "null"], "default": default} if isinstance(default, list | tuple) else {}
