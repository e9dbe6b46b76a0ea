"""An inception net for signals: long and short windows side by side."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from tlkit.nets import blocks
from tlkit.nets.arithmetic import PoolingArguments, Sizes, check, positive, stack_windows
from tlkit.nets.residual import join
from tlkit.nets.stack import stages

HEADS = {
    "inception1d": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 5,
        "input_shape": (140, 1),
    }
}


def inception1d(
    input_shape: Sequence[int | None],
    *,
    modules: int = 6,
    filters: int = 32,
    kernels: Sizes = (40, 20, 10),
    bottleneck: bool = True,
    bottleneck_filters: int = 32,
    shortcut: bool = True,
    shortcut_every: int = 3,
    pooling: str | None = "none",
    pool_size: int = 2,
    pool_stride: int | None = None,
    activation: str = "relu",
    batch_norm: str = "before",
    dropout: float = 0.0,
    initializer: str = "he_normal",
) -> keras.Model:
    """InceptionTime's net: `modules` of parallel windows, a shortcut around every three; block ends lie there.

    Reference: Fawaz et al., 2020, "InceptionTime: finding AlexNet for time series classification".

    Example:
        >>> inception1d((140, 1), modules=3, filters=8).output_shape
        (None, 140, 32)
    """
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    groups = [range(modules)[start : start + shortcut_every] for start in range(0, modules, shortcut_every)]
    pools: PoolingArguments = {"pooling": pooling, "pool_size": pool_size, "pool_stride": pool_stride}
    check("inception1d", input_shape, stack_windows(len(groups), **pools), rank=1)
    filters = positive(filters, "filters")
    thin = positive(bottleneck_filters, "bottleneck_filters") if bottleneck else None
    inputs = x = keras.Input(input_shape, name="input")
    for number, group in enumerate(groups, start=1):
        block, around = f"block{number}", x
        for index, _ in enumerate(group, start=1):
            x = _module(x, filters, stages(kernels, "kernels"), thin, name=f"{block}_part{index}", **look)
        if shortcut and len(group) == shortcut_every:
            x = join(around, x, name=block, **look)
        x = blocks.pool(x, pooling, pool_size, name=f"{block}_pool", stride=pool_stride)
        x = blocks.drop(x, dropout, name=f"{block}_dropout")
    return keras.Model(inputs, x, name="inception1d")


def _module(
    x: keras.KerasTensor,
    filters: int,
    kernels: Sequence[int],
    thin: int | None,
    *,
    name: str,
    activation: str,
    batch_norm: str,
    initializer: str,
) -> keras.KerasTensor:
    bare: dict[str, Any] = {"activation": "none", "initializer": initializer, "bias": blocks.needs_bias(batch_norm)}
    pooled = blocks.pool(x, "max", 3, name=f"{name}_branch_pool", stride=1, padding="same")
    if thin and x.shape[-1] > 1:
        x = blocks.convolution(x, thin, 1, name=f"{name}_reduce", **bare)
    branches = [blocks.convolution(x, filters, size, name=f"{name}_window", number=size, **bare) for size in kernels]
    branches.append(blocks.convolution(pooled, filters, 1, name=f"{name}_project", **bare))
    x = layers.Concatenate(name=f"{name}_concat")(branches)
    return blocks.finish(x, name=name, activation=activation, batch_norm=batch_norm)
