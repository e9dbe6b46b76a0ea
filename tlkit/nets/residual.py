"""Residual blocks, with the shortcut that makes deep nets trainable or, for comparison, without it."""

from collections.abc import Callable, Sequence
from typing import Any, Unpack

import keras
from keras import layers

from tlkit.errors import ModelError
from tlkit.nets import blocks


def basic(
    x: keras.KerasTensor,
    filters: int,
    *,
    name: str,
    stride: int = 1,
    shortcut: bool = True,
    widen: str = "projection",
    activation: str = "relu",
    **look: Unpack[blocks.LayerArguments],
) -> keras.KerasTensor:
    """Two 3 x 3 convolutions beside a shortcut.

    Reference: He et al., 2015, "Deep residual learning for image recognition", figure 5, left.

    Example:
        >>> basic(layers.Input((8, 8, 4)), 8, name="block1", stride=2).shape
        (None, 4, 4, 8)
    """
    path = blocks.convolution(x, filters, 3, name=name, number=1, stride=stride, activation=activation, **look)
    path = blocks.convolution(path, filters, 3, name=name, number=2, activation="none", **look)
    return join(x, path, name=name, stride=stride, shortcut=shortcut, widen=widen, activation=activation, **look)


def bottleneck(
    x: keras.KerasTensor,
    filters: int,
    *,
    name: str,
    stride: int = 1,
    expansion: int = 4,
    shortcut: bool = True,
    activation: str = "relu",
    **look: Unpack[blocks.LayerArguments],
) -> keras.KerasTensor:
    """1 x 1, 3 x 3 and 1 x 1 convolution beside a shortcut; the stride is on the 3 x 3, as in most later code.

    Reference: He et al., 2015, "Deep residual learning for image recognition", figure 5, right.

    Example:
        >>> bottleneck(layers.Input((8, 8, 4)), 8, name="block1").shape
        (None, 8, 8, 32)
    """
    path = blocks.convolution(x, filters, 1, name=name, number=1, activation=activation, **look)
    path = blocks.convolution(path, filters, 3, name=name, number=2, stride=stride, activation=activation, **look)
    path = blocks.convolution(path, filters * expansion, 1, name=name, number=3, activation="none", **look)
    return join(x, path, name=name, stride=stride, shortcut=shortcut, widen="projection", activation=activation, **look)


def join(
    x: keras.KerasTensor,
    path: keras.KerasTensor,
    *,
    name: str,
    stride: int = 1,
    shortcut: bool = True,
    widen: str = "projection",
    activation: str = "relu",
    **look: Unpack[blocks.LayerArguments],
) -> keras.KerasTensor:
    """Add the shortcut to the path and activate; without shortcut, only activate.

    Example:
        >>> x = layers.Input((8, 8, 4))
        >>> join(x, x, name="block1").shape
        (None, 8, 8, 4)
    """
    if activation == "maxout":
        raise ModelError("activation: maxout halves the channels, which a residual block must keep. Use another one.")
    if shortcut:
        around = _around(x, path.shape[-1], name=name, stride=stride, widen=widen, **look)
        path = layers.Add(name=f"{name}_add")([path, around])
    return blocks.activate(path, activation, name=f"{name}_activation")


def _around(
    x: keras.KerasTensor, filters: int, *, name: str, stride: int, widen: str, **look: Unpack[blocks.LayerArguments]
) -> keras.KerasTensor:
    """The shortcut: x itself, or x brought to the path's shape by a 1 x 1 convolution or by zeros."""
    if stride == 1 and x.shape[-1] == filters:
        return x
    if widen == "projection":
        return blocks.convolution(x, filters, 1, name=f"{name}_shortcut", stride=stride, activation="none", **look)
    if stride > 1:
        x = layers.MaxPooling2D(1, strides=stride, name=f"{name}_shortcut_pool")(x)
    before = (filters - x.shape[-1]) // 2
    border = ((0, 0), (before, filters - x.shape[-1] - before))
    # "channels_first" makes it pad the last two axes: the channels get the zeros
    return layers.ZeroPadding2D(border, data_format="channels_first", name=f"{name}_shortcut_pad")(x)


def chain(
    x: keras.KerasTensor,
    block: Callable[..., keras.KerasTensor],
    filters: Sequence[int],
    repeats: Sequence[int],
    **look: Any,
) -> keras.KerasTensor:
    """All blocks of a net, numbered from 1; each stage after the first begins by halving the picture.

    Example:
        >>> chain(layers.Input((8, 8, 4)), basic, filters=[4, 8], repeats=[2, 2]).shape
        (None, 4, 4, 8)
    """
    number = 0
    for stage, (count, repeat) in enumerate(zip(filters, repeats, strict=True)):
        for index in range(repeat):
            number += 1
            stride = 2 if stage and index == 0 else 1
            x = block(x, count, name=f"block{number}", stride=stride, **look)
    return x
