"""A model taken apart into calls of single layers, with the window of the input that each one sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras

from tlkit.compat.keras_graph import functional, nodes, origin
from tlkit.errors import ModelError
from tlkit.layers.views import PerView
from tlkit.model.receptive_field import ReceptiveField, start, through

PREPARED = "preprocessing"  # fields are counted from what the backbone gets, not from before it


@dataclass(frozen=True)
class LayerCall:
    """One use of one layer: part of the model, shapes without the batch, and what its output sees of the input.

    `times` is how often it is used for an example: once for each view of a multi-view net. `source` is the layer, input
    or model beside it that its first input comes from.
    """

    layer: Any
    part: str
    inputs: tuple[tuple[int | None, ...], ...]
    output: tuple[int | None, ...]
    field: ReceptiveField
    source: Any
    times: int = 1
    first: bool = True  # whether this call is the one to count the layer's weights at


def calls(model: keras.Model) -> list[LayerCall]:
    """Every call of a layer in a model, in order; models inside it and the views' shared model are opened.

    Example:
        >>> inputs = keras.Input((8, 8, 3))
        >>> [call.output for call in calls(keras.Model(inputs, keras.layers.Conv2D(4, 3)(inputs)))]
        [(6, 6, 4)]
    """
    seen: set[int] = set()
    found = []
    for call in _walk(model, [start(each.shape[1:]) for each in graph_of(model).inputs], "")[0]:
        found.append(replace(call, first=id(call.layer) not in seen))
        seen.add(id(call.layer))
    return found


def _walk(
    model: keras.Model, fields: Sequence[ReceptiveField], part: str, times: int = 1
) -> tuple[list[LayerCall], ReceptiveField]:
    """The calls inside a model, and the field of its output."""
    graph = graph_of(model)
    known = {id(tensor): field for tensor, field in zip(graph.inputs, fields, strict=True)}
    found: list[LayerCall] = []
    for node in nodes(graph):
        before = [known[id(each)] for each in node.input_tensors if id(each) in known]
        inside, field = _visit(node, before, part, times)
        found += inside
        known |= {id(each): field for each in node.outputs}
    return found, known[id(graph.outputs[0])]


def _visit(node: Any, before: list[ReceptiveField], part: str, times: int) -> tuple[list[LayerCall], ReceptiveField]:
    layer = node.operation
    shapes = tuple(tuple(each.shape[1:]) for each in node.input_tensors)
    output = tuple(node.outputs[0].shape[1:])
    if isinstance(layer, keras.layers.InputLayer):
        return [], start(output)
    if _opens(layer):
        inside, field = _walk(layer, before, layer.name, times)
        return inside, start(output) if layer.name == PREPARED else field
    if isinstance(layer, PerView) and _opens(layer.layer):
        inside, field = _walk(layer.layer, [each.per_view() for each in before], part, times * shapes[0][0])
        return inside, field.of_views()
    field = through(layer, before, shapes, output)
    source = origin(node.input_tensors[0])
    return [LayerCall(layer, part, shapes, output, field, source, times)], field


def graph_of(model: keras.Model) -> keras.Model:
    """The functional model that a model is, or that stands behind a sequential one."""
    graph = functional(model)
    if graph is not None:
        return graph
    if isinstance(model, keras.Sequential):
        raise ModelError("the model has no input shape yet: call it once, or begin it with keras.Input")
    raise ModelError(f"{type(model).__name__}: only functional and sequential models can be looked into")


def _opens(layer: keras.Layer) -> bool:
    return isinstance(layer, keras.Model) and functional(layer) is not None
