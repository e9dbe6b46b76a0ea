"""A locally connected net: windows as in a `cnn`, but without sharing weights; what sharing saves shows here."""

from collections.abc import Sequence

import keras

from tlkit.errors import ModelError
from tlkit.layers.locally_connected import LocallyConnected1D, LocallyConnected2D
from tlkit.nets import blocks
from tlkit.nets.arithmetic import ConvolutionArguments, PoolingArguments, Sizes, check, per_stage, stack_windows
from tlkit.nets.stack import stages

HEADS = {
    "local": {
        "pooling": "flatten",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 10,
        "input_shape": (28, 28, 1),
    }
}
LAYERS = {1: LocallyConnected1D, 2: LocallyConnected2D}


def local(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (8, 16),
    kernel: Sizes = 3,
    stride: Sizes = 1,
    padding: str | int = "valid",
    pooling: str | None = "max",
    pool_size: int = 2,
    pool_stride: int | None = None,
    activation: str = "relu",
    batch_norm: str = "none",
    dropout: float = 0.0,
    initializer: str = "he_normal",
) -> keras.Model:
    """Stages of locally connected layers and pooling over signals or pictures; padding is "valid" or a number.

    Reference: LeCun, 1989, "Generalization and network design strategies".

    Example:
        >>> local((28, 28, 1)).output_shape
        (None, 5, 5, 16)
    """
    if padding == "same":
        raise ModelError("padding: a locally connected net takes 'valid' or a number. Received: 'same'.")
    filters = stages(filters)
    sizes: ConvolutionArguments = {"kernel": kernel, "stride": stride, "padding": padding}
    pools: PoolingArguments = {"pooling": pooling, "pool_size": pool_size, "pool_stride": pool_stride}
    axes = 1 if len(input_shape) == 2 else 2
    check("local", input_shape, stack_windows(len(filters), **sizes, **pools), rank=axes)
    kernels, strides = per_stage(kernel, len(filters), "kernel"), per_stage(stride, len(filters), "stride")
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    inputs = x = keras.Input(input_shape, name="input")
    for index, count in enumerate(filters):
        block = f"block{index + 1}"
        x = _connect(x, count, kernels[index], name=block, stride=strides[index], padding=padding, **look)
        x = blocks.pool(x, pooling, pool_size, name=f"{block}_pool", stride=pool_stride)
        x = blocks.drop(x, dropout, name=f"{block}_dropout")
    return keras.Model(inputs, x, name="local")


def _connect(
    x: keras.KerasTensor,
    filters: int,
    kernel: int,
    *,
    name: str,
    stride: int,
    padding: str | int,
    activation: str,
    batch_norm: str,
    initializer: str,
) -> keras.KerasTensor:
    x, _ = blocks.pad(x, padding, name=f"{name}_pad")
    connect = LAYERS[blocks.rank(x)](
        blocks.widened(filters, activation),
        kernel,
        strides=stride,
        use_bias=blocks.needs_bias(batch_norm),
        kernel_initializer=blocks.weights(initializer),
        name=f"{name}_conv",
    )
    return blocks.finish(connect(x), name=name, activation=activation, batch_norm=batch_norm)
