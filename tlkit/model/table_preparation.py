"""The first part of models of tables."""

from __future__ import annotations

import keras


def normalised(input_shape, *, mean, deviation) -> keras.Model:
    """Columns less their mean and divided by their deviation, as these were in training.

    Example:
        >>> normalised((2,), mean=[0.0, 1.0], deviation=[1.0, 2.0]).output_shape
        (None, 2)
    """
    inputs = keras.Input(input_shape, dtype="float32")
    variance = [each**2 for each in deviation]
    scaled = keras.layers.Normalization(mean=mean, variance=variance, dtype="float32", name="normalise")(inputs)
    return keras.Model(inputs, scaled, name="preprocessing")
