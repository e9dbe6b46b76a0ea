"""The plain convolutional net: the one to begin with, and the one to tune."""

from collections.abc import Sequence

import keras

from tlkit.nets.arithmetic import Sizes
from tlkit.nets.stack import stack

HEADS = {
    "cnn": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 10,
        "input_shape": (32, 32, 3),
    }
}


def cnn(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (32, 64, 128),
    kernel: Sizes = 3,
    stride: Sizes = 1,
    padding: str | int = "same",
    pooling: str | None = "max",
    pool_size: int = 2,
    pool_stride: int | None = None,
    activation: str = "relu",
    batch_norm: str = "before",
    dropout: float = 0.0,
    initializer: str = "he_normal",
) -> keras.Model:
    """Stages of convolution, BatchNorm, activation and pooling; kernel and stride are one number, or one a stage.

    Reference: the layout of VGG with one convolution a stage (Simonyan and Zisserman, 2014), BatchNorm as in Ioffe and
    Szegedy, 2015.

    Example:
        >>> cnn((32, 32, 3), filters=[16, 32], kernel=[5, 3]).output_shape
        (None, 8, 8, 32)
    """
    return stack(
        "cnn",
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
