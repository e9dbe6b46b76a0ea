"""VGG: nothing but small convolutions, in blocks that halve the picture and double the filters."""

from collections.abc import Sequence
from typing import Unpack

import keras

from tlkit.nets import blocks
from tlkit.nets.arithmetic import PoolingArguments, Sizes, check, per_stage
from tlkit.nets.stack import stages
from tlkit.nets.windows import vgg_windows

HEADS = {
    "vgg16": {
        "pooling": "flatten",
        "units": (4096, 4096),
        "activation": "relu",
        "dropout": 0.5,
        "classes": 1000,
        "input_shape": (224, 224, 3),
    },
    "vgg19": {
        "pooling": "flatten",
        "units": (4096, 4096),
        "activation": "relu",
        "dropout": 0.5,
        "classes": 1000,
        "input_shape": (224, 224, 3),
    },
}


def vgg16(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (64, 128, 256, 512, 512),
    repeats: Sizes = (2, 2, 3, 3, 3),
    kernel: int = 3,
    padding: str | int = "same",
    pooling: str | None = "max",
    pool_size: int = 2,
    pool_stride: int | None = None,
    activation: str = "relu",
    batch_norm: str = "none",
    dropout: float = 0.0,
    initializer: str = "he_normal",
) -> keras.Model:
    """VGG with 13 convolutions (the paper's D); `repeats` says how many a block has.

    Reference: Simonyan and Zisserman, 2014, "Very deep convolutional networks for large-scale image recognition".

    Example:
        >>> vgg16((224, 224, 3)).output_shape
        (None, 7, 7, 512)
    """
    pools: PoolingArguments = {"pooling": pooling, "pool_size": pool_size, "pool_stride": pool_stride}
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    return _vgg("vgg16", input_shape, filters, repeats, pools, kernel=kernel, padding=padding, dropout=dropout, **look)


def vgg19(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (64, 128, 256, 512, 512),
    repeats: Sizes = (2, 2, 4, 4, 4),
    kernel: int = 3,
    padding: str | int = "same",
    pooling: str | None = "max",
    pool_size: int = 2,
    pool_stride: int | None = None,
    activation: str = "relu",
    batch_norm: str = "none",
    dropout: float = 0.0,
    initializer: str = "he_normal",
) -> keras.Model:
    """VGG with 16 convolutions (the paper's E); `repeats` says how many a block has.

    Reference: Simonyan and Zisserman, 2014, "Very deep convolutional networks for large-scale image recognition".

    Example:
        >>> vgg19((32, 32, 3), filters=[8, 16], repeats=[1, 2]).output_shape
        (None, 8, 8, 16)
    """
    pools: PoolingArguments = {"pooling": pooling, "pool_size": pool_size, "pool_stride": pool_stride}
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    return _vgg("vgg19", input_shape, filters, repeats, pools, kernel=kernel, padding=padding, dropout=dropout, **look)


def _vgg(
    name: str,
    input_shape: Sequence[int | None],
    filters: Sizes,
    repeats: Sizes,
    pools: PoolingArguments,
    *,
    kernel: int,
    padding: str | int,
    dropout: float,
    **look: Unpack[blocks.BlockArguments],
) -> keras.Model:
    filters = stages(filters)
    repeats = per_stage(repeats, len(filters), "repeats")
    check(name, input_shape, vgg_windows(filters, repeats, kernel, padding, **pools))
    inputs = x = keras.Input(input_shape, name="input")
    for number, (count, repeat) in enumerate(zip(filters, repeats, strict=True), start=1):
        block = f"block{number}"
        for index in range(repeat):
            x = blocks.convolution(x, count, kernel, name=block, number=index + 1, padding=padding, **look)
        x = blocks.pool(x, pools["pooling"], pools["pool_size"], name=f"{block}_pool", stride=pools["pool_stride"])
        x = blocks.drop(x, dropout, name=f"{block}_dropout")
    return keras.Model(inputs, x, name=name)
