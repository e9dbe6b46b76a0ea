"""Several blocks of a backbone as one vector of features."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from tlkit.errors import ModelError, nearest
from tlkit.model.freezing import find_blocks
from tlkit.model.heads import pooled

TOP = "top"  # the backbone's own output
LAST = "last"  # the last block before it


def with_joined_features(backbone: keras.Model, names: Sequence[str]) -> keras.Model:
    """A backbone whose output is the averages of these blocks, each brought to length 1: they are of unlike sizes.

    Example:
        >>> with_joined_features(cnn((32, 32, 3)), ["block2", "top"]).output_shape  # doctest: +SKIP
        (None, 192)
    """
    ends = {block.name: block.end for block in find_blocks(backbone)}
    before = [end for end in ends.values() if backbone.get_layer(end).output is not backbone.output]
    ends.update({LAST: before[-1]} if before else {})
    for name in names:
        if name not in (TOP, *ends):
            hint = nearest(name, [TOP, *ends]) or f"There are {', '.join(ends)} and {TOP}."
            raise ModelError(f"model.features: the backbone has no block '{name}'. {hint}")
    outputs = {name: backbone.output if name == TOP else backbone.get_layer(ends[name]).output for name in names}
    parts = [
        layers.UnitNormalization(name=f"unit_{name}", dtype="float32")(pooled(each, "average", name=f"average_{name}"))
        for name, each in outputs.items()
    ]
    joined = layers.Concatenate(name="features", dtype="float32")(parts) if len(parts) > 1 else parts[0]
    return keras.Model(backbone.input, joined, name=backbone.name)
