"""Voxels as numbers around 0, which stands first in their models."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers


def occupancy(input_shape: Sequence[int]) -> keras.Model:
    """Voxels of 0 and 1 as -1 and 1.

    Example:
        >>> occupancy((30, 30, 30, 1)).output_shape
        (None, 30, 30, 30, 1)
    """
    inputs = keras.Input(input_shape, dtype="uint8")
    outputs = layers.Rescaling(2.0, offset=-1.0, dtype="float32", name="scale")(inputs)
    return keras.Model(inputs, outputs, name="preprocessing")
