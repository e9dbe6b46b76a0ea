"""What a layer sees: its maps for one example, beside each other."""

from __future__ import annotations

import math

import keras
import numpy as np

from tlkit.errors import ModelError
from tlkit.model.anatomy import NestedLayer, find_nested_layer, forward, is_convolution, nested_layers, up_to


def feature_maps(model: keras.Model, example: np.ndarray, layer: str) -> np.ndarray:
    """The output of a layer for one example: (positions..., channels).

    Example:
        >>> feature_maps(model, picture, "block1_conv").shape  # doctest: +SKIP
        (112, 112, 32)
    """
    nested = find_nested_layer(model, layer)
    if len(nested.shape) < 2:
        raise ModelError(f"layer '{layer}': keeps no positions (its output is {nested.shape}); take an earlier one")
    return forward(up_to(model, nested), example[None])[0]


def telling_layers(model: keras.Model, count: int = 4) -> list[str]:
    """Layers from early to late whose maps are worth a look: where all paths meet, at different sizes if possible."""
    met: list[NestedLayer] = []
    convolved = False
    for each in nested_layers(model):
        convolved = convolved or is_convolution(each.layer)
        if convolved and each.on_every_path and len(each.shape) > 1:
            met.append(each)
    by_size = {each.shape[:-1]: each.layer.name for each in met}  # the last of each size
    names = list(by_size.values())
    if not names:
        raise ModelError("this model has no convolution, so no feature maps; what works: occlusion, invariance")
    return [names[round(each)] for each in np.linspace(0, len(names) - 1, min(count, len(names)))]


def tiled(maps: np.ndarray, most: int = 64) -> np.ndarray:
    """Maps of (height, width, channels) beside each other as 0 to 1, each scaled by itself, livelier ones first."""
    order = np.argsort(-maps.std(axis=(0, 1)), kind="stable")[:most]
    chosen = np.moveaxis(maps[..., order], -1, 0)
    low, high = chosen.min((1, 2), keepdims=True), chosen.max((1, 2), keepdims=True)
    return arranged((chosen - low) / np.maximum(high - low, 1e-12), gap=max(1, maps.shape[0] // 28), background=np.nan)


def arranged(tiles: np.ndarray, *, gap: int = 1, background: float = 1.0) -> np.ndarray:
    """Tiles (count, height, width[, channels]) on a sheet that is about as wide as high."""
    count, height, width, *rest = tiles.shape
    columns = math.ceil(math.sqrt(count * height / width))
    rows = math.ceil(count / columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, *rest), background, np.float32)
    for index, tile in enumerate(tiles):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        sheet[top : top + height, left : left + width] = tile
    return sheet
