"""DNA letters inside a model: from codes to one-hot rows."""

import keras
import numpy as np
from keras import ops

from tlkit.compat.tensors import Shape, Tensor
from tlkit.layers.alphabet import ALPHABET, BASES


@keras.saving.register_keras_serializable("tlkit")
class OneHotLetters(keras.Layer):
    """Codes of DNA letters as rows over A, C, G and T: (batch, length) -> (batch, length, 4).

    A letter that may be several bases is spread evenly over them, N over all four; a gap is four zeros.

    Example:
        >>> OneHotLetters()(np.array([[1, 15, 0]], "uint8")).numpy()[0].tolist()
        [[1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25], [0.0, 0.0, 0.0, 0.0]]
    """

    def call(self, inputs: Tensor) -> Tensor:
        return ops.take(ops.cast(_table(), self.compute_dtype), ops.cast(inputs, "int32"), axis=0)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape, len(BASES))


def _table() -> np.ndarray:
    rows = [[1 / len(bases) if base in bases else 0.0 for base in BASES] for bases in ALPHABET.values()]
    return np.array(rows, np.float32)
