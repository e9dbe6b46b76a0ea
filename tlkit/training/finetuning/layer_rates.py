"""The share of the learning rate at which each block of a backbone learns."""

from __future__ import annotations

import keras

from tlkit.compat.keras_graph import layers_within
from tlkit.model.freezing import find_blocks


def layer_rates(backbone: keras.Model, decay: float) -> dict[str, float]:
    """By the path of each weight: `decay` for the last block, its square for the one before, and so on.

    Example:
        >>> layer_rates(backbone, 0.5)["block3_conv/kernel"]  # doctest: +SKIP
        0.5
    """
    blocks = find_blocks(backbone)
    return {
        weight.path: decay ** (len(blocks) - index)
        for index, block in enumerate(blocks)
        for name in block.layers
        for layer in layers_within(backbone.get_layer(name))
        for weight in layer.trainable_weights
    }
