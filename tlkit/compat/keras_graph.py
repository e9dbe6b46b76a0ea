"""How a Keras model hangs together: what Keras 3 keeps to itself of its graphs, read in this one place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import keras


def is_graph(layer: Any) -> bool:
    """Whether a layer is a model of layers that can be walked through: functional or sequential, not code alone."""
    return isinstance(layer, keras.Sequential) or (isinstance(layer, keras.Model) and hasattr(layer, "_nodes_by_depth"))


def functional(model: keras.Model) -> keras.Model | None:
    """The functional model, also the one behind a sequential model; None for code alone, or before it is built."""
    if isinstance(model, keras.Sequential):
        return getattr(model, "_functional", None)
    return model if is_graph(model) else None


def origin(tensor: Any) -> Any:
    """The layer that a symbolic tensor comes from."""
    return tensor._keras_history.operation


def nodes(graph: keras.Model) -> Iterator[Any]:
    """Every call of a layer in a functional model, from the inputs to the outputs, layers in the model's order."""
    order = {id(layer): index for index, layer in enumerate(graph.operations)}
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        yield from sorted(graph._nodes_by_depth[depth], key=lambda node: order.get(id(node.operation), 0))


def last_node(graph: keras.Model, layer: keras.Layer) -> Any:
    """Where a layer is called in a functional model; nearest to the output, if it is so more than once."""
    return next(node for nodes in graph._nodes_by_depth.values() for node in nodes if node.operation is layer)


def readers(layer: keras.Layer) -> list[Any]:
    """The layers that take this one's output, in whatever model."""
    return [node.operation for node in layer._outbound_nodes]


def layers_within(layer: keras.Layer, *, itself: bool = True) -> Iterable[keras.Layer]:
    """A layer and all layers inside it."""
    return layer._flatten_layers(include_self=itself)
