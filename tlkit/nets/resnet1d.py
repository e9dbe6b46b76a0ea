"""A residual net for signals: the strong plain choice for time series."""

from collections.abc import Sequence
from typing import Unpack

import keras

from tlkit.nets import blocks
from tlkit.nets.arithmetic import PoolingArguments, Sizes, check, stack_windows
from tlkit.nets.residual import join
from tlkit.nets.stack import stages

HEADS = {
    "resnet1d": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 5,
        "input_shape": (140, 1),
    }
}


def resnet1d(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (64, 128, 128),
    kernels: Sizes = (8, 5, 3),
    pooling: str | None = "none",
    pool_size: int = 2,
    pool_stride: int | None = None,
    shortcut: bool = True,
    activation: str = "relu",
    batch_norm: str = "before",
    dropout: float = 0.0,
    initializer: str = "he_normal",
) -> keras.Model:
    """Blocks of three convolutions (`kernels`) with a shortcut; pooling after each block shortens long signals.

    Reference: Wang et al., 2017, "Time series classification from scratch with deep neural networks".

    Example:
        >>> resnet1d((140, 1), filters=[16, 32]).output_shape
        (None, 140, 32)
    """
    filters = stages(filters)
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    pools: PoolingArguments = {"pooling": pooling, "pool_size": pool_size, "pool_stride": pool_stride}
    check("resnet1d", input_shape, stack_windows(len(filters), **pools), rank=1)
    inputs = x = keras.Input(input_shape, name="input")
    for number, count in enumerate(filters, start=1):
        block = f"block{number}"
        x = _block(x, count, stages(kernels, "kernels"), name=block, shortcut=shortcut, **look)
        x = blocks.pool(x, pooling, pool_size, name=f"{block}_pool", stride=pool_stride)
        x = blocks.drop(x, dropout, name=f"{block}_dropout")
    return keras.Model(inputs, x, name="resnet1d")


def _block(
    x: keras.KerasTensor,
    filters: int,
    kernels: Sequence[int],
    *,
    name: str,
    shortcut: bool,
    activation: str,
    **look: Unpack[blocks.LayerArguments],
) -> keras.KerasTensor:
    path = x
    for number, kernel in enumerate(kernels, start=1):
        last = number == len(kernels)
        shape = "none" if last else activation  # the last one is activated after the addition
        path = blocks.convolution(path, filters, kernel, name=name, number=number, activation=shape, **look)
    return join(x, path, name=name, shortcut=shortcut, activation=activation, **look)
