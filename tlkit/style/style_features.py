"""What style and content are measured on: layers of a pretrained backbone, from coarse strokes to fine ones."""

from __future__ import annotations

from dataclasses import dataclass

import keras

from tlkit import catalog
from tlkit.errors import ModelError, nearest
from tlkit.pretrained.backbones import build_pretrained, scaled
from tlkit.pretrained.folding import folded


@dataclass(frozen=True)
class StyleLayers:
    """Names of layers of one backbone."""

    style: tuple[str, ...]
    content: tuple[str, ...]


LAYERS = {
    "efficientnet-lite0": StyleLayers(
        style=(
            "stem0_relu", "block1_expand_relu", "block2_expand_relu", "block3_expand_relu",
            "block4_expand_relu", "block5_expand_relu", "block6_expand_relu", "block9_expand_relu",
        ),
        content=("block4_expand_relu", "block6_expand_relu"),
    ),
    "VGG19": StyleLayers(
        style=("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1"),
        content=("block4_conv2",),
    ),
}  # fmt: skip


def feature_model(backbone: str = "efficientnet-lite0", weights: str = "imagenet") -> keras.Model:
    """Float pixels from 0 to 255 of any size to the features of all style layers, then of all content layers."""
    layers = layers_of(backbone)
    line = catalog.entry(backbone, catalog.BACKBONES)
    net = build_pretrained(backbone, (None, None, 3), weights)
    found = [net.get_layer(name).output for name in (*layers.style, *layers.content)]
    cut = folded(keras.Model(net.input, found))
    inputs = keras.Input((None, None, 3), dtype="float32")
    model = keras.Model(inputs, cut(scaled(inputs, line.scaling if line else "none")), name="features")
    model.trainable = False
    return model


def layers_of(backbone: str) -> StyleLayers:
    """The layers that are looked at in a backbone."""
    if backbone not in LAYERS:
        hint = nearest(backbone, LAYERS) or f"Known: {', '.join(LAYERS)}."
        raise ModelError(f"backbone '{backbone}': not known for painting. {hint}")
    return LAYERS[backbone]
