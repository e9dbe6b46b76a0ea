"""AlexNet: the net that made deep learning the way to classify photographs."""

from collections.abc import Sequence

import keras

from tlkit.layers.local_response_normalization import LocalResponseNormalization
from tlkit.nets import blocks
from tlkit.nets.arithmetic import Sizes, check, per_stage
from tlkit.nets.stack import stages
from tlkit.nets.windows import ALEXNET_POOLED, alexnet_padding, alexnet_windows

HEADS = {
    "alexnet": {
        "pooling": "flatten",
        "units": (4096, 4096),
        "activation": "relu",
        "dropout": 0.5,
        "classes": 1000,
        "input_shape": (227, 227, 3),
    }
}
GROUPED = (2, 4, 5)  # the paper's third convolution sees both towers
NORMALIZED = (1, 2)


def alexnet(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (96, 256, 384, 384, 256),
    kernel: Sizes = (11, 5, 3, 3, 3),
    stride: Sizes = (4, 1, 1, 1, 1),
    groups: int = 1,
    response_norm: bool = True,
    pooling: str | None = "max",
    pool_size: int = 3,
    pool_stride: int | None = 2,
    activation: str = "relu",
    batch_norm: str = "none",
    dropout: float = 0.0,
    initializer: str = "he_normal",
) -> keras.Model:
    """AlexNet in one tower, or with `groups=2` as in the paper, whose net lay on two graphics cards.

    Reference: Krizhevsky et al., 2012, "ImageNet classification with deep convolutional neural networks".

    Example:
        >>> alexnet((227, 227, 3), groups=2).output_shape
        (None, 6, 6, 256)
    """
    filters = stages(filters)
    kernels, strides = per_stage(kernel, len(filters), "kernel"), per_stage(stride, len(filters), "stride")
    check("alexnet", input_shape, alexnet_windows(filters, kernel, stride, pooling, pool_size, pool_stride))
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    inputs = x = keras.Input(input_shape, name="input")
    for number, count in enumerate(filters, start=1):
        x = blocks.convolution(
            x,
            count,
            kernels[number - 1],
            name=f"conv{number}",
            stride=strides[number - 1],
            padding=alexnet_padding(number),
            groups=groups if number in GROUPED else 1,
            **look,
        )
        if response_norm and number in NORMALIZED:
            x = LocalResponseNormalization(name=f"conv{number}_lrn")(x)
        if number in ALEXNET_POOLED:
            x = blocks.pool(x, pooling, pool_size, name=f"conv{number}_pool", stride=pool_stride)
        x = blocks.drop(x, dropout, name=f"conv{number}_dropout")
    return keras.Model(inputs, x, name="alexnet")
