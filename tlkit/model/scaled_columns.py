"""The first part of models of tables."""

from __future__ import annotations

from collections.abc import Sequence

import keras


def normalised(input_shape: Sequence[int | None], *, mean: Sequence[float], deviation: Sequence[float]) -> keras.Model:
    """Columns less their mean and divided by their deviation, as these were in training.

    Example:
        >>> normalised((2,), mean=[0.0, 1.0], deviation=[1.0, 2.0]).output_shape
        (None, 2)
    """
    inputs = keras.Input(input_shape, dtype="float32")
    return keras.Model(inputs, scaling(mean, deviation, name="normalise")(inputs), name="preprocessing")


def scaling(mean: Sequence[float], deviation: Sequence[float], *, name: str) -> keras.layers.Layer:
    """Less the mean, divided by the deviation; Keras's `Normalization` takes deviations under 1e-7 for none.

    Example:
        >>> float(scaling([3e-9], [1e-9], name="scale")(keras.ops.array([[5e-9]]))[0, 0])
        2.0
    """
    offsets = [-middle / each for middle, each in zip(mean, deviation, strict=True)]
    return keras.layers.Rescaling([1 / each for each in deviation], offsets, dtype="float32", name=name)
