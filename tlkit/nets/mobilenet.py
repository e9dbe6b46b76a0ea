"""MobileNet v1: each convolution split into one per channel and one across channels, for small machines."""

from collections.abc import Sequence

import keras
from keras import layers

from tlkit.nets import blocks
from tlkit.nets.arithmetic import Sizes, above_zero, check, per_stage
from tlkit.nets.stack import stages

HEADS = {
    "mobilenet": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 1000,
        "input_shape": (224, 224, 3),
    }
}


def mobilenet(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024),
    stride: Sizes = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1),
    kernel: Sizes = 3,
    stem_filters: int = 32,
    stem_stride: int = 2,
    width: float = 1.0,
    separable: bool = True,
    activation: str = "relu",
    batch_norm: str = "before",
    dropout: float = 0.0,
    initializer: str = "he_normal",
) -> keras.Model:
    """MobileNet v1; `width` scales all filters, `separable=False` gives the same net of ordinary convolutions.

    Reference: Howard et al., 2017, "MobileNets: efficient convolutional networks for mobile vision".

    Example:
        >>> mobilenet((64, 64, 3), width=0.25).output_shape
        (None, 2, 2, 256)
    """
    filters = stages(filters)
    kernels, strides = per_stage(kernel, len(filters), "kernel"), per_stage(stride, len(filters), "stride")
    check("mobilenet", input_shape, [])  # "same" padding throughout: any size works
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    convolve = separable_convolution if separable else blocks.convolution
    inputs = keras.Input(input_shape, name="input")
    x = blocks.convolution(inputs, _scaled(stem_filters, width), 3, name="stem0", stride=stem_stride, **look)
    for index, count in enumerate(filters):
        block = f"block{index + 1}"
        x = convolve(x, _scaled(count, width), kernels[index], name=block, stride=strides[index], **look)
        x = blocks.drop(x, dropout, name=f"{block}_dropout")
    return keras.Model(inputs, x, name="mobilenet")


def separable_convolution(
    x: keras.KerasTensor,
    filters: int,
    kernel: int,
    *,
    name: str,
    stride: int = 1,
    activation: str = "relu",
    batch_norm: str = "none",
    initializer: str = "he_normal",
) -> keras.KerasTensor:
    """A depthwise convolution and a 1 x 1 convolution, each with BatchNorm and activation.

    Example:
        >>> separable_convolution(keras.Input((8, 8, 4)), 16, 3, name="block1").shape
        (None, 8, 8, 16)
    """
    depthwise = layers.DepthwiseConv2D(
        kernel,
        strides=stride,
        padding="same",
        depth_multiplier=blocks.widened(1, activation),
        use_bias=blocks.needs_bias(batch_norm),
        depthwise_initializer=blocks.weights(initializer),
        name=f"{name}_depthwise_conv",
    )
    x = blocks.finish(depthwise(x), name=f"{name}_depthwise", activation=activation, batch_norm=batch_norm)
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    return blocks.convolution(x, filters, 1, name=f"{name}_pointwise", **look)


def _scaled(filters: int, width: float) -> int:
    return max(1, int(filters * above_zero(width, "width")))
