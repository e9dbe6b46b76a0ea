"""GoogLeNet (Inception v1): windows of several sizes side by side, made cheap by 1 x 1 convolutions before them."""

from collections.abc import Iterator, Sequence
from typing import Unpack

import keras
from keras import layers

from tlkit.errors import ModelError
from tlkit.layers.local_response_normalization import LocalResponseNormalization
from tlkit.nets import blocks
from tlkit.nets.arithmetic import above_zero, check

_BRANCHED = 6  # numbers of filters in a module
HEADS = {
    "inception": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.4,
        "classes": 1000,
        "input_shape": (224, 224, 3),
    }
}


def inception(
    input_shape: Sequence[int | None],
    *,
    modules: Sequence[Sequence[int]] = (
        (64, 96, 128, 16, 32, 32),
        (128, 128, 192, 32, 96, 64),
        (192, 96, 208, 16, 48, 64),
        (160, 112, 224, 24, 64, 64),
        (128, 128, 256, 24, 64, 64),
        (112, 144, 288, 32, 64, 64),
        (256, 160, 320, 32, 128, 128),
        (256, 160, 320, 32, 128, 128),
        (384, 192, 384, 48, 128, 128),
    ),
    pooled: Sequence[int] = (2, 7),
    stem_filters: Sequence[int] = (64, 64, 192),
    stem_stride: int = 2,
    width: float = 1.0,
    bottleneck: bool = True,
    response_norm: bool = True,
    activation: str = "relu",
    batch_norm: str = "none",
    dropout: float = 0.0,
    initializer: str = "he_normal",
) -> keras.Model:
    """GoogLeNet without its auxiliary heads; `bottleneck=False` is the paper's naive module without 1 x 1 reductions.

    Args:
        modules: filters of each module: 1 x 1, reduction before 3 x 3, 3 x 3, reduction before 5 x 5, 5 x 5, and the
            projection after pooling.
        pooled: the modules that are followed by pooling.
        width: factor on all numbers of filters.

    Reference: Szegedy et al., 2014, "Going deeper with convolutions", table 1.

    Example:
        >>> inception((64, 64, 3), width=0.125).output_shape
        (None, 2, 2, 128)
    """
    check("inception", input_shape, [])  # "same" padding throughout: any size works
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    inputs = keras.Input(input_shape, name="input")
    x = _stem(inputs, _scaled(stem_filters, width), stem_stride, response_norm, **look)
    for number, filters in enumerate(_sizes(modules), start=1):
        name = f"inception{number}"
        x = module(x, _scaled(filters, width), name=name, bottleneck=bottleneck, **look)
        if number in pooled:
            x = blocks.pool(x, "max", 3, name=f"{name}_pool", stride=2, padding="same")
        x = blocks.drop(x, dropout, name=f"{name}_dropout")
    return keras.Model(inputs, x, name="inception")


def module(
    x: keras.KerasTensor,
    filters: Sequence[int],
    *,
    name: str,
    bottleneck: bool = True,
    **look: Unpack[blocks.BlockArguments],
) -> keras.KerasTensor:
    """Four branches side by side: 1 x 1, 3 x 3, 5 x 5 and pooling.

    Example:
        >>> module(keras.Input((8, 8, 192)), (64, 96, 128, 16, 32, 32), name="inception1").shape
        (None, 8, 8, 256)
    """
    one, reduce_three, three, reduce_five, five, project = filters
    thin, thinner, pooled = x, x, blocks.pool(x, "max", 3, name=f"{name}_branch_pool", stride=1, padding="same")
    if bottleneck:
        thin = blocks.convolution(x, reduce_three, 1, name=f"{name}_three_reduce", **look)
        thinner = blocks.convolution(x, reduce_five, 1, name=f"{name}_five_reduce", **look)
        pooled = blocks.convolution(pooled, project, 1, name=f"{name}_project", **look)
    branches = [
        blocks.convolution(x, one, 1, name=f"{name}_one", **look),
        blocks.convolution(thin, three, 3, name=f"{name}_three", **look),
        blocks.convolution(thinner, five, 5, name=f"{name}_five", **look),
        pooled,
    ]
    return layers.Concatenate(name=f"{name}_concat")(branches)


def _sizes(modules: Sequence[Sequence[int]]) -> Iterator[Sequence[int]]:
    for filters in modules if isinstance(modules, list | tuple) else [modules]:
        if not isinstance(filters, list | tuple) or len(filters) != _BRANCHED:
            raise ModelError(
                f"modules: expected a list of lists of {_BRANCHED} numbers, filters. Received: {filters!r}."
            )
        yield filters


def _stem(
    x: keras.KerasTensor,
    filters: Sequence[int],
    stride: int,
    response_norm: bool,
    **look: Unpack[blocks.BlockArguments],
) -> keras.KerasTensor:
    x = blocks.convolution(x, filters[0], 7, name="stem1", stride=stride, **look)
    x = blocks.pool(x, "max", 3, name="stem1_pool", stride=2, padding="same")
    if response_norm:
        x = LocalResponseNormalization(name="stem1_lrn")(x)
    x = blocks.convolution(x, filters[1], 1, name="stem2", **look)
    x = blocks.convolution(x, filters[2], 3, name="stem3", **look)
    if response_norm:
        x = LocalResponseNormalization(name="stem3_lrn")(x)
    return blocks.pool(x, "max", 3, name="stem3_pool", stride=2, padding="same")


def _scaled(filters: Sequence[int], width: float) -> tuple[int, ...]:
    factor = above_zero(width, "width")
    return tuple(max(1, int(count * factor)) for count in filters)
