"""The block that nets are built of: padding, convolution, BatchNorm, activation, pooling and dropout, by name."""

from collections.abc import Callable
from typing import Any, TypedDict

import keras
from keras import layers

from tlkit.errors import ModelError, nearest
from tlkit.layers.maxout import Maxout
from tlkit.nets.arithmetic import checked_padding

LARGE_DEVIATION = 1.0  # standard deviation of "large_normal": far above He's sqrt(2 / fan_in), so that training suffers
LEAKY_SLOPE = 0.1
MAXOUT_PIECES = 2
BATCH_NORM = ("none", "before", "after")

CONVOLUTIONS = {1: layers.Conv1D, 2: layers.Conv2D, 3: layers.Conv3D}
PADDINGS = {1: layers.ZeroPadding1D, 2: layers.ZeroPadding2D, 3: layers.ZeroPadding3D}
POOLINGS: dict[str, dict[int, Callable[..., Any]]] = {
    "max": {1: layers.MaxPooling1D, 2: layers.MaxPooling2D, 3: layers.MaxPooling3D},
    "average": {1: layers.AveragePooling1D, 2: layers.AveragePooling2D, 3: layers.AveragePooling3D},
}


class LayerArguments(TypedDict, total=False):
    """What the layers of a block are given beside their activation, each left to its default where it is not said."""

    batch_norm: str
    initializer: str


class BlockArguments(LayerArguments, total=False):
    """What the layers of a block are given, whatever their sizes."""

    activation: str


def convolution(
    x: keras.KerasTensor,
    filters: int,
    kernel: int,
    *,
    name: str,
    number: int | str = "",
    stride: int = 1,
    padding: str | int = "same",
    groups: int = 1,
    activation: str | None = "relu",
    batch_norm: str = "none",
    initializer: str = "he_normal",
    bias: bool | None = None,
) -> keras.KerasTensor:
    """Convolve a signal, picture or volume, with BatchNorm before or after the activation, or none.

    Args:
        number: goes behind each layer's name where a block has several convolutions: block1_conv2, block1_bn2.
        bias: None for a bias where one is of use.

    Example:
        >>> x = convolution(keras.Input((32, 32, 3)), 8, 5, name="conv1", padding=2)
        >>> x.shape
        (None, 32, 32, 8)
    """
    x, padding = pad(x, padding, name=f"{name}_pad{number}")
    convolve = CONVOLUTIONS[rank(x)](
        widened(filters, activation),
        kernel,
        strides=stride,
        padding=padding,
        groups=groups,
        use_bias=needs_bias(batch_norm) if bias is None else bias,
        kernel_initializer=weights(initializer),
        name=f"{name}_conv{number}",
    )
    return finish(convolve(x), name=name, number=number, activation=activation, batch_norm=batch_norm)


def finish(
    x: keras.KerasTensor,
    *,
    name: str,
    number: int | str = "",
    activation: str | None = "relu",
    batch_norm: str = "none",
) -> keras.KerasTensor:
    """What follows the weights of a block: BatchNorm and activation in the order asked for.

    Example:
        >>> x = finish(keras.Input((4, 4, 8)), name="conv1", batch_norm="before")
        >>> x.shape
        (None, 4, 4, 8)
    """
    if batch_norm == "before":
        x = normalize(x, name=f"{name}_bn{number}")
    x = activate(x, activation, name=f"{name}_activation{number}")
    return normalize(x, name=f"{name}_bn{number}") if batch_norm == "after" else x


def normalize(x: keras.KerasTensor, *, name: str) -> keras.KerasTensor:
    """BatchNorm whose statistics settle within tens of steps, as small data sets need.

    Example:
        >>> normalize(keras.Input((8,)), name="conv1_bn").shape
        (None, 8)
    """
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def activate(x: keras.KerasTensor, activation: str | None, *, name: str) -> keras.KerasTensor:
    """Apply an activation by its name; "none" leaves x as it is.

    Example:
        >>> activate(keras.Input((8,)), "maxout", name="dense1_activation").shape
        (None, 4)
    """
    if activation in (None, "none", "linear"):
        return x
    if activation == "maxout":
        return Maxout(MAXOUT_PIECES, name=name)(x)
    if activation == "leaky_relu":
        return layers.LeakyReLU(negative_slope=LEAKY_SLOPE, name=name)(x)
    return layers.Activation(_known_activation(activation), name=name)(x)


def pool(
    x: keras.KerasTensor,
    pooling: str | None,
    size: int,
    *,
    name: str,
    stride: int | None = None,
    padding: str | int = "valid",
) -> keras.KerasTensor:
    """Pool by "max" or "average"; "none" leaves x as it is.

    Example:
        >>> pool(keras.Input((8, 8, 3)), "max", 2, name="conv1_pool").shape
        (None, 4, 4, 3)
    """
    if pooling in (None, "none"):
        return x
    if pooling not in POOLINGS:
        raise ModelError(f"pooling: expected 'max', 'average' or 'none'. Received: {pooling!r}.")
    return POOLINGS[pooling][rank(x)](size, strides=stride, padding=padding, name=name)(x)


def drop(x: keras.KerasTensor, rate: float, *, name: str) -> keras.KerasTensor:
    """Dropout, or x itself at rate 0.

    Example:
        >>> drop(keras.Input((8,)), 0.5, name="dense1_dropout").shape
        (None, 8)
    """
    return layers.Dropout(rate, name=name)(x) if rate else x


def pad(x: keras.KerasTensor, padding: str | int, *, name: str) -> tuple[keras.KerasTensor, str]:
    """Zeros around x for padding by a number; returns x and what Keras is to be told.

    Example:
        >>> x, padding = pad(keras.Input((8, 8, 3)), 2, name="conv1_pad")
        >>> x.shape, padding
        ((None, 12, 12, 3), 'valid')
    """
    border = checked_padding(padding)
    if isinstance(border, str):
        return x, border
    return (PADDINGS[rank(x)](border, name=name)(x) if border else x), "valid"


def weights(initializer: str) -> keras.initializers.Initializer:
    """A fresh initialiser by Keras's name, or "large_normal": the one that shows what too large weights do.

    Example:
        >>> weights("large_normal").stddev
        1.0
    """
    if initializer == "large_normal":
        return keras.initializers.RandomNormal(stddev=LARGE_DEVIATION)
    try:
        return keras.initializers.get(initializer)
    except ValueError as error:
        hint = nearest(str(initializer), [*filter(str.islower, dir(keras.initializers)), "large_normal"])
        raise ModelError(f"initializer: Keras knows no '{initializer}'. {hint}".rstrip()) from error


def widened(filters: int, activation: str | None) -> int:
    """Filters to compute so that `filters` are left after the activation: maxout keeps one of its pieces.

    Example:
        >>> widened(8, "relu"), widened(8, "maxout")
        (8, 16)
    """
    return filters * MAXOUT_PIECES if activation == "maxout" else filters


def needs_bias(batch_norm: str) -> bool:
    """Whether weights need a bias: not where BatchNorm follows at once, for its own shift does the same.

    Example:
        >>> needs_bias("before"), needs_bias("none")
        (False, True)
    """
    if batch_norm not in BATCH_NORM:
        raise ModelError(f"batch_norm: expected one of {', '.join(BATCH_NORM)}. Received: {batch_norm!r}.")
    return batch_norm != "before"


def rank(x: keras.KerasTensor) -> int:
    """How many axes a window slides over: 1 for signals, 2 for pictures, 3 for volumes.

    Example:
        >>> rank(keras.Input((8, 8, 3)))
        2
    """
    return len(x.shape) - 2


def _known_activation(activation: str) -> str:
    try:
        keras.activations.get(activation)
    except ValueError as error:
        known = [*filter(str.islower, dir(keras.activations)), "maxout"]
        raise ModelError(f"activation: Keras knows no '{activation}'. {nearest(str(activation), known)}") from error
    return activation
