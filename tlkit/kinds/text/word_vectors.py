"""Texts as rows of learned word vectors, which stands first in their models."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers


def words(
    input_shape: Sequence[int], *, vocabulary: Sequence[str], length: int | None = 200, width: int = 64
) -> keras.Model:
    """A text as a row of words (length, width): each word of the vocabulary has a learned vector, any other one more.

    Example:
        >>> words((), vocabulary=["the", "cat"], length=8, width=4).output_shape
        (None, 8, 4)
    """
    inputs = keras.Input(input_shape, dtype="string")
    indices = layers.TextVectorization(vocabulary=list(vocabulary), output_sequence_length=length, name="words")(inputs)
    outputs = layers.Embedding(len(vocabulary) + 2, width, name="embedding")(indices)  # 0: no word, 1: unknown
    return keras.Model(inputs, outputs, name="preprocessing")
