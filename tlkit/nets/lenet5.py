"""LeNet-5: the first convolutional net in daily use, for handwritten digits."""

from collections.abc import Sequence

import keras

from tlkit.nets.arithmetic import Sizes
from tlkit.nets.stack import stack

HEADS = {
    "lenet5": {
        "pooling": "flatten",
        "units": (120, 84),
        "activation": "tanh",
        "dropout": 0.0,
        "classes": 10,
        "input_shape": (32, 32, 3),
    }
}


def lenet5(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (6, 16),
    kernel: Sizes = 5,
    stride: Sizes = 1,
    padding: str | int = "valid",
    pooling: str | None = "average",
    pool_size: int = 2,
    pool_stride: int | None = None,
    activation: str = "tanh",
    batch_norm: str = "none",
    dropout: float = 0.0,
    initializer: str = "glorot_uniform",
) -> keras.Model:
    """LeNet-5 up to its last pooling; the head flattens and adds 120 and 84 units.

    Reference: LeCun et al., 1998, "Gradient-based learning applied to document recognition".

    Example:
        >>> lenet5((32, 32, 3)).output_shape
        (None, 5, 5, 16)
    """
    return stack(
        "lenet5",
        input_shape,
        rank=2,
        filters=filters,
        kernel=kernel,
        stride=stride,
        padding=padding,
        pooling=pooling,
        pool_size=pool_size,
        pool_stride=pool_stride,
        activation=activation,
        batch_norm=batch_norm,
        dropout=dropout,
        initializer=initializer,
    )
