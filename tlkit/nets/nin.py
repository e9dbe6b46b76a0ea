"""Network in network: 1 x 1 convolutions after each convolution, a small perceptron at every position."""

from collections.abc import Sequence
from typing import Unpack

import keras

from tlkit.errors import ModelError
from tlkit.nets import blocks
from tlkit.nets.arithmetic import Sizes, check, per_stage
from tlkit.nets.stack import stages

HEADS = {
    "nin": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 10,
        "input_shape": (32, 32, 3),
    }
}


def nin(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (192, 192, 192),
    kernel: Sizes = (5, 5, 3),
    mixing: Sequence[Sequence[int]] = ((160, 96), (192, 192), (192,)),
    pooling: str | None = "max",
    pool_size: int = 3,
    pool_stride: int | None = 2,
    activation: str = "relu",
    batch_norm: str = "none",
    dropout: float = 0.5,
    initializer: str = "he_normal",
) -> keras.Model:
    """Network in network up to its last 1 x 1 convolution, which is the default head: averaging and dense commute.

    Args:
        mixing: filters of the 1 x 1 convolutions after each convolution.

    Reference: Lin et al., 2013, "Network in network".

    Example:
        >>> nin((32, 32, 3)).output_shape
        (None, 8, 8, 192)
    """
    filters = stages(filters)
    if len(mixing) != len(filters):
        raise ModelError(f"mixing: expected {len(filters)} lists, one for each stage. Received: {mixing!r}.")
    kernels = per_stage(kernel, len(filters), "kernel")
    check("nin", input_shape, [])  # "same" padding throughout: any size works
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    inputs = x = keras.Input(input_shape, name="input")
    for index, count in enumerate(filters):
        block = f"block{index + 1}"
        x = _stage(x, count, kernels[index], mixing[index], name=block, **look)
        if index < len(filters) - 1:
            x = blocks.pool(x, pooling, pool_size, name=f"{block}_pool", stride=pool_stride, padding="same")
            x = blocks.drop(x, dropout, name=f"{block}_dropout")
    return keras.Model(inputs, x, name="nin")


def _stage(
    x: keras.KerasTensor,
    filters: int,
    kernel: int,
    mixing: Sequence[int],
    *,
    name: str,
    **look: Unpack[blocks.BlockArguments],
) -> keras.KerasTensor:
    x = blocks.convolution(x, filters, kernel, name=name, number=1, **look)
    for number, count in enumerate(mixing, start=2):
        x = blocks.convolution(x, count, 1, name=name, number=number, **look)
    return x
