"""VoxNet: 3-D convolutions over a grid of voxels."""

from collections.abc import Iterator, Sequence

import keras

from tlkit.errors import ModelError
from tlkit.nets import blocks
from tlkit.nets.arithmetic import Sizes, Window, check, checked_padding, per_stage, pool_windows
from tlkit.nets.stack import stages

HEADS = {
    "voxnet": {
        "pooling": "flatten",
        "units": (128,),
        "activation": "relu",
        "dropout": 0.4,
        "classes": 10,
        "input_shape": (32, 32, 32, 1),
    }
}


def voxnet(
    input_shape: Sequence[int | None],
    *,
    filters: Sizes = (32, 32),
    kernel: Sizes = (5, 3),
    stride: Sizes = (2, 1),
    padding: str | int = "valid",
    pooling: str | None = "max",
    pool_size: int = 2,
    pool_stride: int | None = None,
    activation: str = "leaky_relu",
    batch_norm: str = "none",
    dropout: float | Sequence[float] | None = None,
    initializer: str = "he_normal",
) -> keras.Model:
    """3-D convolutions and one pooling at the end, over (depth, height, width, channels); dropout after each stage.

    Args:
        dropout: one number, or one for each stage; by default the paper's, 0.2 behind the first and 0.3 behind others.

    Reference: Maturana and Scherer, 2015, "VoxNet: a 3D convolutional neural network for real-time object recognition".

    Example:
        >>> voxnet((32, 32, 32, 1)).output_shape
        (None, 6, 6, 6, 32)
    """
    filters = stages(filters)
    kernels, strides = per_stage(kernel, len(filters), "kernel"), per_stage(stride, len(filters), "stride")
    check("voxnet", input_shape, _windows(kernels, strides, padding, pooling, pool_size, pool_stride), rank=3)
    rates = _rates(dropout, len(filters))
    look: blocks.BlockArguments = {"activation": activation, "batch_norm": batch_norm, "initializer": initializer}
    inputs = x = keras.Input(input_shape, name="input")
    for index, count in enumerate(filters):
        block = f"block{index + 1}"
        x = blocks.convolution(x, count, kernels[index], name=block, stride=strides[index], padding=padding, **look)
        if index == len(filters) - 1:
            x = blocks.pool(x, pooling, pool_size, name=f"{block}_pool", stride=pool_stride)
        x = blocks.drop(x, rates[index], name=f"{block}_dropout")
    return keras.Model(inputs, x, name="voxnet")


def _rates(dropout: float | Sequence[float] | None, count: int) -> list[float]:
    if dropout is None:
        return [0.2, *[0.3] * (count - 1)]
    rates = [dropout] * count if isinstance(dropout, int | float) else list(dropout)
    if len(rates) != count:
        raise ModelError(f"dropout: expected one number or {count}, one for each stage. Received: {rates}.")
    return rates


def _windows(
    kernels: Sequence[int],
    strides: Sequence[int],
    padding: str | int,
    pooling: str | None,
    pool_size: int,
    pool_stride: int | None,
) -> Iterator[Window]:
    for number, (kernel, stride) in enumerate(zip(kernels, strides, strict=True), start=1):
        yield Window(f"block{number}_conv", kernel, stride, checked_padding(padding))
    yield from pool_windows(f"block{len(kernels)}_pool", pooling, pool_size, pool_stride)
