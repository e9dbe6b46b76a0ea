"""What is exported of a model: its float32 copy, and behind it how far an input is from what was learned."""

from __future__ import annotations

from pathlib import Path

import keras

from tlkit.exporting.float_copy import float_copy
from tlkit.model.known import read_known, with_unknown


def exported_graph(model: keras.Model, path: Path) -> keras.Model:
    """The float32 copy of the model in a file, telling the unknown beside its outputs where the file can tell it."""
    known = read_known(path)
    copy = float_copy(without_texts(model))
    return with_unknown(copy, known) if known else copy


def without_texts(model: keras.Model) -> keras.Model:
    """A model of texts as one of the numbers of their words, any other as it is; it shares the weights."""
    if model.inputs[0].dtype != "string":
        return model
    first = model.get_layer("preprocessing")
    numbers = keras.Input(first.get_layer("words").output.shape[1:], dtype="int32", name="inputs")
    tail = keras.Model(numbers, first.get_layer("embedding")(numbers), name="preprocessing")
    x = tail(numbers)
    for name in ("backbone", "head"):
        x = model.get_layer(name)(x)
    return keras.Model(numbers, x, name=model.name)
