"""DNA letters as one-hot rows, which stands first in their models."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from tlkit.layers.letters import OneHotLetters


def letters(input_shape: Sequence[int]) -> keras.Model:
    """DNA codes (length,) as one-hot rows (length, 4).

    Example:
        >>> letters((60,)).output_shape
        (None, 60, 4)
    """
    inputs = keras.Input(input_shape, dtype="uint8")
    return keras.Model(inputs, OneHotLetters(name="one_hot")(inputs), name="preprocessing")
