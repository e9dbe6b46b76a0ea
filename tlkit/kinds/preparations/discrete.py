"""What stands first in a model where it is more than scaling: raw letters, words and grids made into numbers."""

from __future__ import annotations

import keras
from keras import layers

from tlkit.layers.letters import OneHotLetters

__all__ = ["letters", "occupancy", "words"]


def letters(input_shape) -> keras.Model:
    """DNA codes (length,) as one-hot rows (length, 4).

    Example:
        >>> letters((60,)).output_shape
        (None, 60, 4)
    """
    inputs = keras.Input(input_shape, dtype="uint8")
    return keras.Model(inputs, OneHotLetters(name="one_hot")(inputs), name="preprocessing")


def words(input_shape, *, vocabulary, length=200, width=64) -> keras.Model:
    """A text as a row of words (length, width): each word of the vocabulary has a learned vector, any other one more.

    Example:
        >>> words((), vocabulary=["the", "cat"], length=8, width=4).output_shape
        (None, 8, 4)
    """
    inputs = keras.Input(input_shape, dtype="string")
    places = layers.TextVectorization(vocabulary=list(vocabulary), output_sequence_length=length, name="words")(inputs)
    outputs = layers.Embedding(len(vocabulary) + 2, width, name="embedding")(places)  # 0: no word, 1: unknown
    return keras.Model(inputs, outputs, name="preprocessing")


def occupancy(input_shape) -> keras.Model:
    """Voxels of 0 and 1 as -1 and 1.

    Example:
        >>> occupancy((30, 30, 30, 1)).output_shape
        (None, 30, 30, 30, 1)
    """
    inputs = keras.Input(input_shape, dtype="uint8")
    outputs = layers.Rescaling(2.0, offset=-1.0, dtype="float32", name="scale")(inputs)
    return keras.Model(inputs, outputs, name="preprocessing")
