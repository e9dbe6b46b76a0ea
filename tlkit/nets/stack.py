"""Stages of convolution and pooling one after another: the body of `cnn`, `cnn1d` and their kin."""

from collections.abc import Sequence

import keras

from tlkit.errors import ModelError
from tlkit.nets import blocks
from tlkit.nets.arithmetic import (
    ConvolutionArguments,
    PoolingArguments,
    Sizes,
    check,
    per_stage,
    positive,
    stack_windows,
)


def stack(
    name: str,
    input_shape: Sequence[int | None],
    *,
    rank: int,
    filters: Sizes,
    kernel: Sizes,
    stride: Sizes,
    padding: str | int,
    pooling: str | None,
    pool_size: int,
    pool_stride: int | None,
    activation: str,
    batch_norm: str,
    dropout: float,
    initializer: str,
) -> keras.Model:
    """A headless model of one block for each number in `filters`, checked against the input first.

    Example:
        >>> look = {"activation": "relu", "batch_norm": "none", "dropout": 0.0, "initializer": "he_normal"}
        >>> sizes = {"kernel": 3, "stride": 1, "padding": "same", "pool_size": 2, "pool_stride": None}
        >>> stack("signal", (16, 1), rank=1, filters=[4, 8], pooling="max", **sizes, **look).output_shape
        (None, 4, 8)
    """
    filters = stages(filters)
    sizes: ConvolutionArguments = {"kernel": kernel, "stride": stride, "padding": padding}
    pools: PoolingArguments = {"pooling": pooling, "pool_size": pool_size, "pool_stride": pool_stride}
    check(name, input_shape, stack_windows(len(filters), **sizes, **pools), rank=rank)
    kernels, strides = per_stage(kernel, len(filters), "kernel"), per_stage(stride, len(filters), "stride")
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    inputs = x = keras.Input(input_shape, name="input")
    for index, count in enumerate(filters):
        block = f"block{index + 1}"
        x = blocks.convolution(x, count, kernels[index], name=block, stride=strides[index], padding=padding, **look)
        x = blocks.pool(x, pooling, pool_size, name=f"{block}_pool", stride=pool_stride)
        x = blocks.drop(x, dropout, name=f"{block}_dropout")
    return keras.Model(inputs, x, name=name)


def stages(filters: Sizes, argument: str = "filters") -> tuple[int, ...]:
    """The sizes of the stages as a tuple; one number is one stage.

    Example:
        >>> stages([32, 64]), stages(16)
        ((32, 64), (16,))
    """
    filters = (filters,) if isinstance(filters, int) else tuple(filters)
    if not filters:
        raise ModelError(f"{argument}: expected at least one number. Received: an empty list.")
    return tuple(positive(count, argument) for count in filters)
