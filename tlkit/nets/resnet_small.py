"""ResNet for pictures of 32 x 32: 20, 56 and 110 layers, each with its plain twin without shortcuts."""

from collections.abc import Sequence
from typing import Unpack

import keras

from tlkit.nets import blocks
from tlkit.nets.arithmetic import Sizes, check, per_stage
from tlkit.nets.residual import basic, chain
from tlkit.nets.stack import stages

HEADS = {
    "resnet20": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 10,
        "input_shape": (32, 32, 3),
    },
    "resnet56": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 10,
        "input_shape": (32, 32, 3),
    },
    "resnet110": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 10,
        "input_shape": (32, 32, 3),
    },
}


def resnet20(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (16, 32, 64),
    repeats: Sizes = 3,
    shortcut: bool = True,
    activation: str = "relu",
    batch_norm: str = "before",
    initializer: str = "he_normal",
) -> keras.Model:
    """Three stages of `repeats` blocks, shortcuts without weights; `shortcut=False` gives the plain twin.

    Reference: He et al., 2015, "Deep residual learning for image recognition", section 4.2.

    Example:
        >>> resnet20((32, 32, 3)).output_shape
        (None, 8, 8, 64)
    """
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    return _resnet("resnet20", input_shape, filters, repeats, shortcut, **look)


def resnet56(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (16, 32, 64),
    repeats: Sizes = 9,
    shortcut: bool = True,
    activation: str = "relu",
    batch_norm: str = "before",
    initializer: str = "he_normal",
) -> keras.Model:
    """Deep enough that the plain twin (`shortcut=False`) trains worse than a shallower net.

    Reference: He et al., 2015, "Deep residual learning for image recognition", section 4.2.

    Example:
        >>> resnet56((32, 32, 3), filters=[4, 8, 16]).output_shape
        (None, 8, 8, 16)
    """
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    return _resnet("resnet56", input_shape, filters, repeats, shortcut, **look)


def resnet110(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (16, 32, 64),
    repeats: Sizes = 18,
    shortcut: bool = True,
    activation: str = "relu",
    batch_norm: str = "before",
    initializer: str = "he_normal",
) -> keras.Model:
    """The deepest of the family that the paper trains with gain; begin it with a small learning rate.

    Reference: He et al., 2015, "Deep residual learning for image recognition", section 4.2.

    Example:
        >>> resnet110((32, 32, 3), filters=[4, 8, 16], repeats=2).output_shape
        (None, 8, 8, 16)
    """
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    return _resnet("resnet110", input_shape, filters, repeats, shortcut, **look)


def _resnet(
    name: str,
    input_shape: Sequence[int | None],
    filters: Sizes,
    repeats: Sizes,
    shortcut: bool,
    **look: Unpack[blocks.BlockArguments],
) -> keras.Model:
    filters = stages(filters)
    check(name, input_shape, [])  # "same" padding throughout: any size works
    inputs = keras.Input(input_shape, name="input")
    x = blocks.convolution(inputs, filters[0], 3, name="stem0", **look)
    x = chain(x, basic, filters, per_stage(repeats, len(filters), "repeats"), shortcut=shortcut, widen="zeros", **look)
    return keras.Model(inputs, x, name=name)
