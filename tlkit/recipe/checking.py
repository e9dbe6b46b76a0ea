"""Checks of a recipe against the catalog: names of nets and sources, and the arguments these take."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tlkit import catalog
from tlkit.errors import NotFoundError, nearest
from tlkit.recipe.schema import Data, Export, Model, Recipe
from tlkit.source_text import Argument

# words of Keras, known without importing it; a test holds them to the installed Keras
ACTIVATIONS = (
    "relu", "gelu", "tanh", "sigmoid", "linear", "elu", "selu", "silu", "leaky_relu", "relu6", "softmax", "celu",
    "softplus", "softsign", "squareplus", "soft_shrink", "sparse_plus", "glu", "tanh_shrink", "threshold",
    "sparse_sigmoid", "exponential", "hard_sigmoid", "hard_silu", "hard_tanh", "hard_shrink", "mish", "log_softmax",
    "log_sigmoid", "sparsemax", "swish", "hard_swish",
)  # fmt: skip
INITIALIZERS = (
    "he_normal", "he_uniform", "glorot_normal", "glorot_uniform", "lecun_normal", "lecun_uniform", "orthogonal",
    "random_normal", "random_uniform", "truncated_normal", "variance_scaling", "zeros", "ones", "constant", "identity",
    "normal", "uniform", "zero", "one",
)  # fmt: skip
PRECISIONS = ("float32", "float16", "bfloat16", "int8")
_POOLING = {"kind": "pooling", "size": "pool_size", "stride": "pool_stride"}
OWN_DATA = {"source", "path", "sample", "fetch", "class_weights", "max_bad", "allow_leaks", "quarantine", "beside"}
OWN_MODEL = {"net", "weights", "head", "features"}
_COUNTS = {"length", "sample_rate", "mel_bins", "window", "hop", "vocabulary", "width", "size", "count", "apart"}
_SIZES = {"image_size", "channels", *_COUNTS}
_LENGTHS = {"seconds", "highest"}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "str": (str, int), "Path": (str,), "int": (int,), "float": (int, float), "bool": (bool,), "None": (type(None),),
}  # fmt: skip
_SAID = {
    "str": "a word", "int": "a whole number", "float": "a number", "bool": "true or false",
    "Sequence[str]": "a list of words", "Sequence[int]": "a list of whole numbers",
    "Sequence[float]": "a list of numbers",
}  # fmt: skip
_WORDS = {
    "activation": (*ACTIVATIONS, "maxout"),  # a layer of ours, for nets alone
    "head.activation": ACTIVATIONS,
    "initializer": INITIALIZERS,
}
_MOST, _MOST_OF_DATA = 2**31, 2**63  # sizes are 32-bit numbers in Keras's backends; what data hold may be larger


def net_arguments(model: Model) -> dict[str, Any]:
    """The named arguments that a recipe gives its net; `pooling: {size: 3}` becomes `pool_size=3`."""
    given = model.model_dump(exclude_none=True, exclude=OWN_MODEL)
    pooling = given.pop("pooling", {})
    return given | {_POOLING[key]: value for key, value in pooling.items()}


def source_arguments(data: Data) -> dict[str, Any]:
    """The named arguments that a recipe gives its source."""
    return data.model_dump(exclude_none=True, exclude=OWN_DATA)


def argument_problems(recipe: Recipe, folder: Path) -> Iterator[tuple[str, str]]:
    """(dotted path, what is wrong) for every name or argument that the catalog does not bear out."""
    nets = {**catalog.NETS, **catalog.BACKBONES}
    if recipe.is_open:
        yield from _open_problems(recipe)
    else:
        yield from _call_problems("model", "net", recipe.model.net, net_arguments(recipe.model), nets, folder)
    yield from _name_problems(recipe.model)
    if recipe.model.net == "multiview":
        yield from _view_problems(net_arguments(recipe.model), nets)
    data = recipe.data
    yield from _call_problems("data", "source", data.source, source_arguments(data), catalog.SOURCES, folder)
    yield from _step_problems(recipe, folder)
    if data.sample is not None and data.sample not in catalog.SAMPLES:
        yield "data.sample", f"unknown sample '{data.sample}'. {nearest(data.sample, catalog.SAMPLES)}".rstrip()
    if recipe.export is not None:
        yield from _export_problems(recipe.export)


def _export_problems(asked: Export) -> Iterator[tuple[str, str]]:
    """Formats and precisions that nobody knows; what is installed is looked at by `tlkit check`."""
    for field, one, names, known in (
        ("formats", "format", asked.formats, tuple(catalog.EXPORTERS)),
        ("precisions", "precision", asked.precisions, PRECISIONS),
    ):
        for name in names:
            if name not in known and ":" not in name:
                hint = nearest(name, known) or f"Known: {', '.join(known)}."
                yield f"export.{field}", f"unknown {one} '{name}'. {hint}"


def _open_problems(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """What a recipe says of a net and its training that are yet to be chosen."""
    for name in net_arguments(recipe.model):
        yield f"model.{_as_written(name)}", "is an argument of a net, and `model: auto` leaves the net open. Name one"


def range_problems(values: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(dotted path, what is wrong) for numbers that nothing can count to."""
    section, _, field = path.partition(".")
    most = _MOST_OF_DATA if section == "data" and field.partition(".")[0] not in _SIZES else _MOST
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield from range_problems(value, f"{path}.{key}" if path else str(key))
    elif isinstance(values, list):
        for index, value in enumerate(values):
            yield from range_problems(value, f"{path}.{index}")
    elif type(values) is int and abs(values) >= most and path != "seed":
        yield path, f"expected a whole number below {most}, found {str(values)[:40]}"
    elif type(values) is float and not math.isfinite(values) and not path.startswith("data."):
        yield path, f"expected a finite number, found {values}"


def _name_problems(model: Model) -> Iterator[tuple[str, str]]:
    """Activations and initializers that Keras does not know; a net of one's own has its own words."""
    own = {"activation": model.activation, "initializer": model.initializer} if model.net in catalog.NETS else {}
    for key, name in {**own, "head.activation": model.head.activation}.items():
        known = _WORDS[key]
        if name is not None and not {name, _snake(name)} & {*known}:
            hint = nearest(name, known) or f"Known: {', '.join(known)}."
            yield f"model.{key}", f"unknown {key.rpartition('.')[2]} '{name}'. {hint}"


def _snake(name: str) -> str:
    """`he_normal` for `HeNormal`, as Keras has it both ways."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _view_problems(given: Mapping[str, Any], nets: Mapping[str, catalog.Entry]) -> Iterator[tuple[str, str]]:
    """The net that sees each view, one of the catalog, and its own arguments."""
    name, options = given.get("backbone", "cnn"), given.get("options") or {}
    if not isinstance(name, str):
        yield "model.backbone", f"expected the name of a net or of a pretrained backbone, found {name!r}"
    elif not isinstance(options, Mapping):
        yield "model.options", f"expected the arguments of '{name}' as key: value, found {options!r}"
    else:
        for path, text in _call_problems("options", "backbone", name, options, nets, None):
            yield "model." + ("backbone" if path == "options.backbone" else path), text


def _call_problems(
    section: str,
    kind: str,
    name: str,
    given: Mapping[str, Any],
    entries: Mapping[str, catalog.Entry],
    folder: Path | None,
) -> Iterator[tuple[str, str]]:
    try:
        found = catalog.signature(name, entries, kind=kind, folder=folder)
    except NotFoundError as error:
        yield f"{section}.{kind}", str(error)
        return
    if found is None:
        return
    known = {key: argument for key, argument in found.items() if not argument.annotation.startswith("Callable")}
    for key, value in given.items():
        path = f"{section}.{_as_written(key)}"
        if key not in known:
            yield path, f"unknown key for {kind} '{name}'. {_hint(key, value, known)}"
        elif kind == "source" and name in entries and (wanted := _too_small(key, value)):
            yield path, f"expected {wanted}, found {value!r}"
        elif not _fits(value, known[key]):
            yield path, f"expected {_described(known[key])}, found {value!r}"


def _hint(key: str, value: Any, known: Mapping[str, Any]) -> str:
    if key == "backbone":
        return f"A backbone is named by net: {value}"
    return nearest(str(key), known) or (f"Known: {', '.join(known)}." if known else "It takes none.")


def _step_problems(recipe: Recipe, folder: Path) -> Iterator[tuple[str, str]]:
    """Augmentation steps of one's own; those of the table are checked where they are read."""
    own = [(index, str(name)) for index, step in enumerate(recipe.augment.steps) for name in step if ":" in str(name)]
    for index, name in own:
        try:
            catalog.arguments(name, {}, kind="augmentation", folder=folder)
        except NotFoundError as error:
            yield f"augment.{index}", str(error)


def _as_written(key: str) -> str:
    back = {argument: f"pooling.{field}" for field, argument in _POOLING.items()}
    return back.get(key, key)


def _fits(value: Any, argument: Argument) -> bool:
    """Whether a value is of the default's kind; numbers may stand for lists of numbers and the other way round."""
    default = argument.default
    if value is None:
        return True
    if default is None or default is ... or argument.annotation == "str | Sequence[str]":
        return any(_is(value, each) for each in argument.annotation.split(" | "))
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, str):
        return isinstance(value, str | int)
    if isinstance(default, int | float):
        items = value if isinstance(value, list | tuple) else [value]
        return all(isinstance(item, int | float) and not isinstance(item, bool) for item in items)
    return not isinstance(value, str) if isinstance(default, list | tuple) else True


def _is(value: Any, annotation: str) -> bool:
    """Whether a value is what an annotation says, as far as that can be told from its text."""
    if annotation.startswith("Sequence["):
        inner = annotation.removeprefix("Sequence[").removesuffix("]")
        return isinstance(value, list) and len(value) > 0 and all(_is(each, inner) for each in value)
    return annotation not in _TYPES or type(value) in _TYPES[annotation]


def _too_small(key: str, value: Any) -> str:
    """What a source of ours wants of this key where the value is no size at all."""
    if key in _COUNTS and not (type(value) is int and value >= 1):
        return "a whole number of at least 1"
    return "a number above 0" if key in _LENGTHS and not (type(value) in (int, float) and value > 0) else ""


def _described(argument: Argument) -> str:
    default, words = argument.default, [_SAID[each] for each in argument.annotation.split(" | ") if each in _SAID]
    if default is None or default is ...:
        return " or ".join(words)
    kinds = {bool: "true or false", str: "a word", int: "a number", float: "a number"}
    return kinds.get(type(default), "a list") + f" such as {_yaml(default)}"


def _yaml(default: Any) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return str(list(default)) if isinstance(default, tuple) else str(default)
