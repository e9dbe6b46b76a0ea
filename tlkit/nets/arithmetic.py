"""Sizes of sliding windows without Keras: what comes out, what must go in, and which layer a small input fails at."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, TypedDict

from tlkit.errors import ModelError

SHAPES = {1: "(length, channels)", 2: "(height, width, channels)", 3: "(depth, height, width, channels)"}
_ALWAYS = 32  # a kernel under that costs no memory to speak of, however short the input
Sizes = int | Sequence[int]  # one number, or one for each stage


class Window(NamedTuple):
    """One sliding window of a net: the layer's name, kernel, stride and padding ("valid", "same" or a number)."""

    layer: str
    kernel: int
    stride: int = 1
    padding: str | int = "same"


class ConvolutionArguments(TypedDict):
    """How the convolutions of a net slide: each one number, or one for each stage."""

    kernel: Sizes
    stride: Sizes
    padding: str | int


class PoolingArguments(TypedDict):
    """How a net pools behind its stages."""

    pooling: str | None
    pool_size: int
    pool_stride: int | None


def output_size(size: int, window: Window) -> int:
    """Positions of a window along one axis: floor((W - F + 2P) / S) + 1, or ceil(W / S) for "same"; at least 0.

    Example:
        >>> output_size(32, Window("conv1", kernel=5, stride=1, padding=2))
        32
    """
    if window.padding == "same":
        return -(-size // window.stride)
    return max((size - window.kernel + 2 * _border(window)) // window.stride + 1, 0)


def input_size(size: int, window: Window) -> int:
    """The smallest input of which a window makes `size` positions.

    Example:
        >>> input_size(3, Window("pool1", kernel=2, stride=2, padding="valid"))
        6
    """
    kernel = 1 if window.padding == "same" else window.kernel - 2 * _border(window)
    return max((size - 1) * window.stride + kernel, 1)


def smallest_input(windows: Iterable[Window]) -> int:
    """The smallest size that leaves at least one position after all windows.

    Example:
        >>> smallest_input([Window("pool1", 2, 2, "valid"), Window("pool2", 2, 2, "valid")])
        4
    """
    size = 1
    for window in reversed(list(windows)):
        size = input_size(size, window)
    return size


def check(net: str, input_shape: Sequence[int | None], windows: Iterable[Window], *, rank: int = 2) -> None:
    """Refuse an input of the wrong rank, or too small for the windows; the error names the layer at fault.

    Example:
        >>> check("cnn", (8, 8, 3), [Window("block1_pool", 2, 2, "valid")])
    """
    check_rank(net, input_shape, rank=rank)
    windows = list(windows)
    for size in input_shape[:rank]:
        fault = None if size is None else _fault(size, windows)
        if fault is not None:
            raise ModelError(_too_small(net, input_shape[:rank], *fault, smallest=smallest_input(windows)))
    side = max((size for size in input_shape[:rank] if size is not None), default=math.inf)
    most = max(2 * side, _ALWAYS)
    if wide := next((each for each in windows if each.kernel >= most), None):
        raise ModelError(f"{net}: {wide.layer}: expected a kernel under {most} for input of {side}: beyond that it "
                         f"sees padding alone. Received: {wide.kernel}.")  # fmt: skip


def in_recipe(error: ModelError, arguments: Collection[str]) -> ModelError:
    """What a net refuses, with the field of the recipe that it is about.

    Example:
        >>> str(in_recipe(ModelError("kernel: expected a number above 0."), ["kernel", "stride"]))
        'model.kernel: expected a number above 0.'
    """
    argument = str(error).partition(":")[0]
    return ModelError(f"model.{error}" if argument in arguments else f"model: {error}")


def check_rank(net: str, input_shape: Sequence[int | None], *, rank: int) -> None:
    """Refuse an input that has not `rank` axes and channels.

    Example:
        >>> check_rank("cnn1d", (100, 4), rank=1)
    """
    if len(input_shape) != rank + 1:
        raise ModelError(f"{net}: takes input of shape {SHAPES[rank]}. Received: {tuple(input_shape)}.")


def per_stage(value: Sizes, count: int, argument: str) -> tuple[int, ...]:
    """One positive number for each of `count` stages, from a single number or a list of that length.

    Example:
        >>> per_stage(3, 2, "kernel"), per_stage([5, 3], 2, "kernel")
        ((3, 3), (5, 3))
    """
    values = (value,) * count if isinstance(value, int) else tuple(value)
    if len(values) != count:
        raise ModelError(f"{argument}: expected one number or {count}, one for each stage. Received: {list(values)}.")
    return tuple(positive(each, argument) for each in values)


def positive(value: int, argument: str) -> int:
    """A whole number of at least 1, or an error that names the argument.

    Example:
        >>> positive(3, "kernel")
        3
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ModelError(f"{argument}: expected a whole number of at least 1. Received: {value!r}.")
    return value


def above_zero(value: float, argument: str) -> float:
    """A number above 0, or an error that names the argument.

    Example:
        >>> above_zero(0.5, "width")
        0.5
    """
    if not value > 0:
        raise ModelError(f"{argument}: expected a number above 0. Received: {value!r}.")
    return value


def checked_padding(padding: str | int) -> str | int:
    """Padding as it came if it is "valid", "same" or a whole number, else an error.

    Example:
        >>> checked_padding("same")
        'same'
    """
    number = isinstance(padding, int) and not isinstance(padding, bool) and padding >= 0
    if padding not in ("valid", "same") and not number:
        raise ModelError(f"padding: expected 'valid', 'same' or a whole number. Received: {padding!r}.")
    return padding


def stack_windows(
    count: int,
    *,
    kernel: Sizes = 3,
    stride: Sizes = 1,
    padding: str | int = "same",
    pooling: str | None = "max",
    pool_size: int = 2,
    pool_stride: int | None = None,
) -> list[Window]:
    """The windows of `count` stages of convolution and pooling, named as `tlkit.nets.stack` names its layers.

    Example:
        >>> smallest_input(stack_windows(3))
        8
    """
    kernels, strides = per_stage(kernel, count, "kernel"), per_stage(stride, count, "stride")
    windows = []
    for index in range(count):
        block = f"block{index + 1}"
        windows.append(Window(f"{block}_conv", kernels[index], strides[index], checked_padding(padding)))
        windows += pool_windows(f"{block}_pool", pooling, pool_size, pool_stride)
    return windows


def pool_windows(layer: str, pooling: str | None, pool_size: int, pool_stride: int | None) -> list[Window]:
    """The window of a pooling layer, in a list that is empty where nothing is pooled.

    Example:
        >>> pool_windows("block1_pool", "max", 2, None)
        [Window(layer='block1_pool', kernel=2, stride=2, padding='valid')]
    """
    if pooling in (None, "none"):
        return []
    size = positive(pool_size, "pool_size")
    stride = size if pool_stride is None else positive(pool_stride, "pool_stride")
    return [Window(layer, size, stride, "valid")]


def _border(window: Window) -> int:
    return window.padding if isinstance(window.padding, int) else 0


def _fault(size: int, windows: Sequence[Window]) -> tuple[Window, int] | None:
    """The first window that finds no position, with the size it meets."""
    for window in windows:
        left = output_size(size, window)
        if left < 1:
            return window, size
        size = left
    return None


def _too_small(net: str, shape: Sequence[int | None], window: Window, size: int, *, smallest: int) -> str:
    received = " x ".join(str(each) for each in shape)
    needed = " x ".join([str(smallest)] * len(shape))
    return (
        f"{net}: {window.layer}: its input has size {size}, too small for a window of {window.kernel}. "
        f"The smallest input that works is {needed}. Received: {received}. Use larger input or fewer, smaller windows."
    )
