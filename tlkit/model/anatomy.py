"""Layers found by name in models within models, and a model taken apart at one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from tlkit.compat.keras_graph import is_graph, last_node, layers_within, origin
from tlkit.compat.tensors import Tensor
from tlkit.errors import ModelError, nearest
from tlkit.model.freezing import single_paths
from tlkit.model.graph import graph_of

_CONVOLUTION = ("Conv", "LocallyConnected")  # as the names of such layers begin or go on


@dataclass(frozen=True)
class NestedLayer:
    """A layer, and the models around it, the outermost left out."""

    layer: keras.Layer
    within: tuple[keras.Model, ...]
    on_every_path: bool

    @property
    def shape(self) -> tuple[int | None, ...]:
        """What one example gives there: positions, then channels."""
        return tuple(self.layer.output.shape[1:])


def nested_layers(model: keras.Model) -> Iterator[NestedLayer]:
    """Every layer of a functional model and of the models nested in it, from input to output.

    Example:
        >>> [each.layer.name for each in nested_layers(model)][-1]  # doctest: +SKIP
        'output'
    """
    yield from _places(model, (), True)


def find_nested_layer(model: keras.Model, name: str) -> NestedLayer:
    """The layer of this name, however deep; `backbone/conv1` says in which model it is looked for."""
    *around, last = name.split("/")
    known = list(nested_layers(model))
    for each in known:
        if each.layer.name == last and [inner.name for inner in each.within][-len(around) :] == around[-len(around) :]:
            return each
        if each.layer.name == last and not around:
            return each
    names = [each.layer.name for each in known]
    raise ModelError(f"layer '{name}': the model has none of this name. {_hint(last, names)}")


def before_activation(model: keras.Model, nested: NestedLayer) -> NestedLayer:
    """What an activation layer is applied to, since a filter that is silent there has no gradient behind it."""
    if not isinstance(nested.layer, keras.layers.ReLU | keras.layers.Activation):
        return nested
    source = last_node(graph_of(nested.within[-1] if nested.within else model), nested.layer).arguments.keras_tensors[0]
    return next(each for each in nested_layers(model) if each.layer is origin(source))


def last_map(model: keras.Model) -> NestedLayer:
    """The last layer, behind a convolution, that still keeps positions and that all paths go through."""
    found: list[NestedLayer] = []
    convolved = False
    for each in nested_layers(model):
        convolved = convolved or is_convolution(each.layer)
        if convolved and each.on_every_path and keeps_positions(model, each):
            found.append(each)
    if not found:
        raise ModelError(
            "this model has no convolution whose positions could be shown; the methods that still work: "
            "occlusion, invariance"
        )
    most = max(len(each.shape) for each in found)
    return [each for each in found if len(each.shape) == most][-1]


def keeps_positions(model: keras.Model, nested: NestedLayer) -> bool:
    """Whether what a layer gives can be laid over the input: a row of tokens cannot be laid over a picture."""
    return len(nested.shape) >= min(3, max(2, len(model.inputs[0].shape) - 1))


def first_convolution(model: keras.Model) -> keras.Layer:
    """The first layer with windows of weights."""
    for each in nested_layers(model):
        for layer in layers_within(each.layer):
            if _has_windows(layer):
                return layer
    raise ModelError("this model has no convolution, so no filters to show; the methods that still work: "
                     "occlusion, invariance")  # fmt: skip


def is_convolution(layer: keras.Layer) -> bool:
    """Whether a layer, or one inside it, slides windows of weights over its input."""
    return any(_has_windows(each) for each in layers_within(layer))


def split_at(model: keras.Model, nested: NestedLayer) -> tuple[keras.Model, keras.Model]:
    """The model up to a layer that all paths go through, and the model behind it; both share its weights."""
    if not nested.on_every_path:
        ends = [each.layer.name for each in nested_layers(model) if each.on_every_path and len(each.shape) > 1]
        raise ModelError(
            f"layer '{nested.layer.name}': some paths go around it. Take one that all go through. "
            f"{nearest(nested.layer.name, ends) or 'Such are ' + ', '.join(ends[-5:]) + '.'}"
        )
    return up_to(model, nested), _behind(model, nested.within, nested.layer)


def up_to(model: keras.Model, nested: NestedLayer) -> keras.Model:
    """The model from its raw input to the output of a layer, on whatever path."""
    return _up_to(model, nested.within, nested.layer)


def forward(model: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """What a model gives for a few inputs at once, untraced: tracing a part that is asked only once takes longer."""
    found = model(keras.ops.convert_to_tensor(inputs), training=False)
    return np.asarray(keras.ops.convert_to_numpy(found), np.float32)


def logits(model: keras.Model) -> keras.Model:
    """A model without the squashing function at its end, where it has one."""
    graph = graph_of(model)
    last = origin(graph.outputs[0])
    before = last_node(graph, last).arguments.keras_tensors[0]
    if is_graph(last):
        return keras.Model(graph.inputs, logits(last)(before))
    if isinstance(last, keras.layers.Softmax) or getattr(last, "activation", None) is keras.activations.softmax:
        dense = isinstance(last, keras.layers.Dense)
        return keras.Model(graph.inputs, _Linear(last, name="logits")(before) if dense else before)
    if isinstance(last, keras.layers.Dense) and last.activation is keras.activations.sigmoid:
        return keras.Model(graph.inputs, _Linear(last, name="logits")(before))
    return graph


class _Linear(keras.layers.Layer):
    """A dense layer's sum, without its activation; the weights stay those of the layer."""

    def __init__(self, dense: keras.layers.Dense, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **kwargs)
        self._kernel_of = dense

    def call(self, inputs: Tensor) -> Tensor:
        dense = self._kernel_of
        sums = keras.ops.matmul(keras.ops.cast(inputs, "float32"), dense.kernel)
        return sums if dense.bias is None else sums + dense.bias


def _places(model: keras.Model, within: tuple[keras.Model, ...], on_every_path: bool) -> Iterator[NestedLayer]:
    graph = graph_of(model)
    meeting = single_paths(graph)
    for layer in graph.layers:
        inside = on_every_path and layer.name in meeting
        if is_graph(layer):
            yield from _places(layer, (*within, layer), inside)
        elif not isinstance(layer, keras.layers.InputLayer):
            yield NestedLayer(layer, within, inside)


def _up_to(model: keras.Model, within: tuple[keras.Model, ...], layer: keras.Layer) -> keras.Model:
    graph = graph_of(model)
    if not within:
        return keras.Model(graph.inputs, last_node(graph, layer).outputs[0])
    inner = _up_to(within[0], within[1:], layer)
    return keras.Model(graph.inputs, inner(last_node(graph, within[0]).arguments.keras_tensors[0]))


def _behind(model: keras.Model, within: tuple[keras.Model, ...], layer: keras.Layer) -> keras.Model:
    graph = graph_of(model)
    if not within:
        return _from_to(last_node(graph, layer).outputs[0], graph.outputs[0])
    inner = _behind(within[0], within[1:], layer)
    rest = _from_to(last_node(graph, within[0]).outputs[0], graph.outputs[0])
    inputs = keras.Input(inner.input_shape[1:], dtype=inner.inputs[0].dtype)
    return keras.Model(inputs, rest(inner(inputs)))


def _from_to(start: keras.KerasTensor, end: keras.KerasTensor) -> keras.Model:
    """The part of a graph between two of its tensors, which may be one and the same."""
    if start is not end:
        return keras.Model(start, end)
    inputs = keras.Input(start.shape[1:], dtype=start.dtype)
    return keras.Model(inputs, keras.layers.Identity(dtype=start.dtype)(inputs))


def _has_windows(layer: keras.Layer) -> bool:
    return any(each in type(layer).__name__ for each in _CONVOLUTION) and bool(layer.weights)


def _hint(name: str, names: list[str]) -> str:
    return nearest(name, names) or f"It has {', '.join(names[:3])}, …, {', '.join(names[-5:])}."
