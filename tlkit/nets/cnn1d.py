"""The plain convolutional net for signals, sequences and sound."""

from collections.abc import Sequence

import keras

from tlkit.nets.arithmetic import Sizes
from tlkit.nets.stack import stack

HEADS = {
    "cnn1d": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 5,
        "input_shape": (140, 1),
    }
}


def cnn1d(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (32, 64, 128),
    kernel: Sizes = 7,
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
    """Stages of 1-D convolution, BatchNorm, activation and pooling over (length, channels).

    Reference: Kiranyaz et al., 2021, "1D convolutional neural networks and applications: a survey".

    Example:
        >>> cnn1d((140, 1), filters=[16, 32]).output_shape
        (None, 35, 32)
    """
    return stack(
        "cnn1d",
        input_shape,
        rank=1,
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
