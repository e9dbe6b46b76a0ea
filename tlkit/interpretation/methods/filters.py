"""What the first layer looks for: its windows of weights, as pictures or curves."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from tlkit.errors import ModelError
from tlkit.model.anatomy import first_convolution


def first_filters(model: keras.Model, most: int = 96) -> np.ndarray:
    """The first convolution's weights: (filters, height, width, channels), or (filters, length, channels) in 1-D.

    Example:
        >>> first_filters(alexnet).shape  # doctest: +SKIP
        (96, 11, 11, 3)
    """
    layer = first_convolution(model)
    kernels = [each for each in layer.weights if each.path.rpartition("/")[2].endswith("kernel")] or layer.weights
    weights = np.asarray(ops.convert_to_numpy(kernels[0]), np.float32)
    rank = len(getattr(layer, "kernel_size", ())) or weights.ndim - 2
    if weights.ndim != rank + 2:
        raise ModelError(f"layer '{layer.name}': its windows share no weights, so there is no one picture of a filter")
    if "Depthwise" in type(layer).__name__:
        weights = weights.reshape(*weights.shape[:rank], 1, -1)
    return np.moveaxis(weights, -1, 0)[:most]


def shades(filters: np.ndarray) -> np.ndarray:
    """Weights as 0 to 1, each filter by itself, no weight as middle grey.

    Three channels are a colour; any other number is shown as the mean over them. Of a cube, the middle slice is shown.
    """
    if filters.ndim == 5:
        filters = filters[:, filters.shape[1] // 2]
    if filters.shape[-1] != 3:
        filters = filters.mean(axis=-1, keepdims=True)
    most = np.abs(filters).max(axis=tuple(range(1, filters.ndim)), keepdims=True)
    return 0.5 + 0.5 * filters / np.maximum(most, 1e-12)
