"""Several models of one shape, or one asked about several views of an input, as one model of three parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import keras
import numpy as np

from tlkit.compat.tensors import Tensor
from tlkit.model.heads import Head, build_head

Parts = tuple[keras.Model, keras.Model, keras.Model]  # preprocessing, backbone, head
View = Callable[[Tensor], Tensor]  # of a batch of prepared inputs, such as all of them mirrored


def combined(members: Sequence[Parts], head: Head, views: Sequence[View] = ()) -> tuple[Parts, Head]:
    """One model whose sums before the output are the means of its members', each over the input and its views.

    Its backbone is all that members have before their last layer, their values side by side; its head is that layer.
    """
    preprocessing = members[0][0]
    prepares_alike = not any(each.trainable_weights for each, _, _ in members)
    inputs = keras.Input(preprocessing.input_shape[1:], dtype=preprocessing.inputs[0].dtype)
    prepared = keras.Input(preprocessing.output_shape[1:], dtype=preprocessing.outputs[0].dtype)
    if not prepares_alike:  # each by what it has learned of it
        preprocessing, prepared = keras.Model(inputs, keras.layers.Identity()(inputs), name="preprocessing"), inputs
    values = [
        _before_output(each, prepared, number, views, prepare=not prepares_alike)
        for number, each in enumerate(members, 1)
    ]
    joined = keras.layers.Concatenate(name="members", dtype="float32")(values) if len(values) > 1 else values[0]
    backbone = keras.Model(prepared, joined, name="backbone")
    last = replace(head, pooling="none", units=(), dropout=0.0)
    top = build_head(backbone.output_shape[1:], last)
    kernels, biases = zip(*(each.get_layer("output").get_weights() for _, _, each in members), strict=True)
    top.get_layer("output").set_weights([np.concatenate(kernels) / len(members), np.mean(biases, axis=0)])
    return (preprocessing, backbone, top), last


def _before_output(
    member: Parts, prepared: keras.KerasTensor, number: int, views: Sequence[View], *, prepare: bool
) -> keras.KerasTensor:
    """What a member gives its last layer, the mean over the views of the input."""
    preprocessing, backbone, head = member
    front = keras.Model(head.inputs, head.get_layer("output").input, name=f"member{number}_front")
    backbone.name, x = f"member{number}", prepared
    if prepare:
        preprocessing.name = f"member{number}_preprocessing"
        x = preprocessing(prepared)
    values = [front(backbone(each)) for each in (x, *(view(x) for view in views))]
    return keras.layers.Average(name=f"member{number}_views", dtype="float32")(values) if views else values[0]
