"""The windows that nets slide over their input, without Keras: what a recipe's sizes are checked by."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tlkit.nets.arithmetic import Sizes, Window, checked_padding, per_stage, pool_windows, stack_windows

ALEXNET_POOLED = (1, 2, 5)


def windows_of(net: str, arguments: Mapping[str, Any]) -> list[Window] | None:
    """The windows of a net of the catalog with all its arguments; None where any size works or it is not known.

    Example:
        >>> windows_of("filter-bank", {"scales": [1.0], "angles": 6})
        [Window(layer='bank1_responses', kernel=7, stride=1, padding='valid')]
    """
    listed = _WINDOWS.get(net)
    if listed is None:
        return None
    return list(listed(**{name: arguments[name] for name in inspect.signature(listed).parameters}))


def alexnet_windows(
    filters: Sizes, kernel: Sizes, stride: Sizes, pooling: str | None, pool_size: int, pool_stride: int | None
) -> Iterator[Window]:
    """Only the first convolution has no padding; pooling stands behind three of them.

    Example:
        >>> sizes = {"kernel": [11, 5, 3, 3, 3], "stride": [4, 1, 1, 1, 1]}
        >>> len(list(alexnet_windows([96, 256, 384, 384, 256], **sizes, pooling="max", pool_size=3, pool_stride=2)))
        8
    """
    count = _count(filters)
    pairs = zip(per_stage(kernel, count, "kernel"), per_stage(stride, count, "stride"), strict=True)
    for number, (size, step) in enumerate(pairs, start=1):
        yield Window(f"conv{number}_conv", size, step, alexnet_padding(number))
        if number in ALEXNET_POOLED:
            yield from pool_windows(f"conv{number}_pool", pooling, pool_size, pool_stride)


def alexnet_padding(number: int) -> str:
    """The padding of AlexNet's convolution of this number, from 1.

    Example:
        >>> alexnet_padding(1), alexnet_padding(2)
        ('valid', 'same')
    """
    return "valid" if number == 1 else "same"


def vgg_windows(
    filters: Sizes,
    repeats: Sizes,
    kernel: int,
    padding: str | int,
    pooling: str | None,
    pool_size: int,
    pool_stride: int | None,
) -> Iterator[Window]:
    """Several convolutions a block, then pooling.

    Example:
        >>> pools = {"pooling": "max", "pool_size": 2, "pool_stride": None}
        >>> len(list(vgg_windows([8, 16], [1, 2], kernel=3, padding="same", **pools)))
        5
    """
    for number, repeat in enumerate(per_stage(repeats, _count(filters), "repeats"), start=1):
        for index in range(repeat):
            yield Window(f"block{number}_conv{index + 1}", kernel, 1, checked_padding(padding))
        yield from pool_windows(f"block{number}_pool", pooling, pool_size, pool_stride)


def filter_bank_windows(scales: float | Sequence[float]) -> Iterator[Window]:
    """One window, as large as the largest filter of the bank.

    Example:
        >>> next(filter_bank_windows([2.0])).kernel
        13
    """
    scales = (scales,) if isinstance(scales, int | float) else tuple(scales)
    yield Window("bank1_responses", max([3, *(2 * math.ceil(3 * scale) + 1 for scale in scales)]), 1, "valid")


def _stack(
    filters: Sizes,
    kernel: Sizes,
    stride: Sizes,
    padding: str | int,
    pooling: str | None,
    pool_size: int,
    pool_stride: int | None,
) -> list[Window]:
    return stack_windows(
        _count(filters), kernel=kernel, stride=stride, padding=padding, pooling=pooling, pool_size=pool_size,
        pool_stride=pool_stride,
    )  # fmt: skip


def _count(filters: Sizes) -> int:
    return 1 if isinstance(filters, int) else len(filters)


_WINDOWS: Mapping[str, Callable[..., Iterable[Window]]] = {
    "cnn": _stack, "cnn1d": _stack, "lenet5": _stack, "local": _stack, "alexnet": alexnet_windows,
    "vgg16": vgg_windows, "vgg19": vgg_windows, "filter-bank": filter_bank_windows,
}  # fmt: skip
