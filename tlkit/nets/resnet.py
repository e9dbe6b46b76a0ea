"""ResNet for photographs: 18, 34 and 50 layers, each with its plain twin without shortcuts."""

from collections.abc import Callable, Sequence
from typing import Unpack

import keras

from tlkit.nets import blocks
from tlkit.nets.arithmetic import Sizes, check, per_stage
from tlkit.nets.residual import basic, bottleneck, chain
from tlkit.nets.stack import stages

HEADS = {
    "resnet18": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 1000,
        "input_shape": (224, 224, 3),
    },
    "resnet34": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 1000,
        "input_shape": (224, 224, 3),
    },
    "resnet50": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 1000,
        "input_shape": (224, 224, 3),
    },
}


def resnet18(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (64, 128, 256, 512),
    repeats: Sizes = (2, 2, 2, 2),
    stem_filters: int = 64,
    shortcut: bool = True,
    activation: str = "relu",
    batch_norm: str = "before",
    initializer: str = "he_normal",
) -> keras.Model:
    """ResNet with 18 layers with weights, of two-convolution blocks; `shortcut=False` gives the plain twin.

    Reference: He et al., 2015, "Deep residual learning for image recognition", table 1.

    Example:
        >>> resnet18((64, 64, 3), filters=[8, 16], repeats=2).output_shape
        (None, 8, 8, 16)
    """
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    return _resnet("resnet18", input_shape, basic, filters, repeats, stem_filters, shortcut, **look)


def resnet34(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (64, 128, 256, 512),
    repeats: Sizes = (3, 4, 6, 3),
    stem_filters: int = 64,
    shortcut: bool = True,
    activation: str = "relu",
    batch_norm: str = "before",
    initializer: str = "he_normal",
) -> keras.Model:
    """ResNet with 34 layers with weights, of two-convolution blocks; `shortcut=False` gives the plain twin.

    Reference: He et al., 2015, "Deep residual learning for image recognition", table 1.

    Example:
        >>> resnet34((64, 64, 3), filters=[8, 16], repeats=[3, 4]).output_shape
        (None, 8, 8, 16)
    """
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    return _resnet("resnet34", input_shape, basic, filters, repeats, stem_filters, shortcut, **look)


def resnet50(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (64, 128, 256, 512),
    repeats: Sizes = (3, 4, 6, 3),
    stem_filters: int = 64,
    shortcut: bool = True,
    activation: str = "relu",
    batch_norm: str = "before",
    initializer: str = "he_normal",
) -> keras.Model:
    """ResNet with 50 layers with weights, of bottleneck blocks four times as wide as `filters` says.

    Reference: He et al., 2015, "Deep residual learning for image recognition", table 1.

    Example:
        >>> resnet50((64, 64, 3), filters=[8, 16], repeats=1).output_shape
        (None, 8, 8, 64)
    """
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    return _resnet("resnet50", input_shape, bottleneck, filters, repeats, stem_filters, shortcut, **look)


def _resnet(
    name: str,
    input_shape: Sequence[int | None],
    block: Callable[..., keras.KerasTensor],
    filters: Sizes,
    repeats: Sizes,
    stem_filters: int,
    shortcut: bool,
    **look: Unpack[blocks.BlockArguments],
) -> keras.Model:
    filters = stages(filters)
    repeats = per_stage(repeats, len(filters), "repeats")
    check(name, input_shape, [])  # "same" padding throughout: any size works
    inputs = keras.Input(input_shape, name="input")
    x = blocks.convolution(inputs, stem_filters, 7, name="stem0", stride=2, **look)
    x = blocks.pool(x, "max", 3, name="stem0_pool", stride=2, padding="same")
    x = chain(x, block, filters, repeats, shortcut=shortcut, **look)
    return keras.Model(inputs, x, name=name)
