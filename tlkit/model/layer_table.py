"""The table of a model's layers as plain rows: shapes, activations, parameters, multiply-adds, fields and memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras

from tlkit.model.counting import multiply_adds, split_multiply_adds
from tlkit.model.graph import PREPARED, LayerCall, calls
from tlkit.model.receptive_field import shown

_FOLDED = (
    keras.layers.Activation, keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.ELU, keras.layers.Softmax,
    keras.layers.Dropout, keras.layers.SpatialDropout1D, keras.layers.SpatialDropout2D, keras.layers.SpatialDropout3D,
)  # fmt: skip
_BYTES = {"float64": 8, "int64": 8, "float16": 2, "bfloat16": 2, "uint8": 1, "int8": 1, "bool": 1}  # else 4


_PLAIN = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "Softmax": "softmax"}


@dataclass(frozen=True)
class LayerRow:
    """One layer for one example. `activations` are the numbers it puts out, `split_multiply_adds` what would be left of
    its multiply-adds if it were split into depthwise and pointwise; None where a number is not known or does not apply.
    A layer shared by several views puts out one more axis, that of the views.
    """

    part: str
    layer: str
    kind: str
    details: str
    output: tuple[int | None, ...]
    activations: int
    trainable: int
    frozen: int
    multiply_adds: int | None
    receptive_field: str
    memory: int  # bytes: weights and output
    split_multiply_adds: int | None = None


@dataclass(frozen=True)
class Totals:
    """Sums over a table; `exact` is false where a layer's multiply-adds are not known and so are missing."""

    activations: int
    trainable: int
    frozen: int
    multiply_adds: int
    memory: int
    split_multiply_adds: int
    exact: bool


def layer_rows(model: keras.Model) -> list[LayerRow]:
    """A row for every layer of a model, also inside its parts; activation and dropout join the row of what they act on.

    Example:
        >>> inputs = keras.Input((32, 32, 3))
        >>> [row.trainable for row in layer_rows(keras.Model(inputs, keras.layers.Conv2D(6, 5)(inputs)))]
        [456]
    """
    rows: list[LayerRow] = []
    indices: dict[int, int] = {}  # of what gives each layer's output
    for call in calls(model):
        before = indices.get(id(call.source), len(rows) - 1)
        if rows and isinstance(call.layer, _FOLDED):
            rows[before] = replace(rows[before], details=_joined(rows[before].details, _activation(call.layer)))
        elif isinstance(call.layer, keras.Layer) or call.output != call.inputs[0]:
            rows.append(_row(call))
            before = len(rows) - 1
        indices[id(call.layer)] = before
    return rows


def totals(rows: Sequence[LayerRow]) -> Totals:
    """The sums of a table.

    Example:
        >>> totals([]).multiply_adds
        0
    """
    known = [row.multiply_adds for row in rows if row.multiply_adds is not None]
    left = [row.multiply_adds or 0 if row.split_multiply_adds is None else row.split_multiply_adds for row in rows]
    return Totals(
        activations=sum(row.activations for row in rows),
        trainable=sum(row.trainable for row in rows),
        frozen=sum(row.frozen for row in rows),
        multiply_adds=sum(known),
        memory=sum(row.memory for row in rows),
        split_multiply_adds=sum(left),
        exact=len(known) == len(rows),
    )


def _row(call: LayerCall) -> LayerRow:
    layer, counted = call.layer, call.first
    sizes = [(math.prod(each.shape), each) for each in (getattr(layer, "weights", ()) if counted else ())]
    trainable = sum(size for size, each in sizes if each.trainable and layer.trainable)
    activations = call.times * math.prod(each or 1 for each in call.output)
    return LayerRow(
        part=call.part,
        layer=layer.name,
        kind=type(layer).__name__,
        details=_details(layer),
        output=call.output if call.times == 1 else (call.times, *call.output),
        activations=activations,
        trainable=trainable,
        frozen=sum(size for size, _ in sizes) - trainable,
        multiply_adds=_per_example(multiply_adds(layer, call.inputs[0], call.output), call.times),
        receptive_field="" if call.part == PREPARED else shown(call.field),
        memory=activations * _width(layer.dtype_policy.compute_dtype if hasattr(layer, "dtype_policy") else "float32")
        + sum(size * _width(each.dtype) for size, each in sizes),
        split_multiply_adds=_per_example(split_multiply_adds(layer, call.output), call.times),
    )


def _per_example(number: int | None, times: int) -> int | None:
    return None if number is None else number * times


def _width(dtype: str) -> int:
    return _BYTES.get(dtype, 4)


def _details(layer: Any) -> str:
    """Window, stride, groups and activation in a few signs: `5x5 /2 tanh`."""
    window = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    words = "x".join(map(str, window)) if window else ""
    strides = getattr(layer, "strides", None) or (1,)
    words = _joined(words, f"/{strides[0]}" if max(strides) > 1 else "")
    groups = getattr(layer, "groups", 1) if window else 1
    words = _joined(words, f"groups {groups}" if groups > 1 else "")
    return _joined(words, _activation(layer))


def _activation(layer: Any) -> str:
    """The name of a layer's activation; nothing for a linear one, dropout is told by its rate."""
    if hasattr(layer, "rate") and "Dropout" in type(layer).__name__:
        return f"drop {layer.rate:g}"
    activation = getattr(layer, "activation", None)
    name = getattr(activation, "__name__", "") if activation is not None else _PLAIN.get(type(layer).__name__, "")
    return "" if name == "linear" else name


def _joined(*words: str) -> str:
    return " ".join(filter(None, words))
