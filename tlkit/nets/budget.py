"""What a stack of convolutions would take, by arithmetic alone: its weights and what it keeps of an example."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tlkit.nets.arithmetic import Window, check, output_size, stack_windows

STACKS = {"cnn": 2, "cnn1d": 1}  # nets of this kind, with the axes that their windows slide over
_WINDOWS = ("kernel", "stride", "padding", "pooling", "pool_size", "pool_stride")
_KEPT = 3  # arrays that training keeps of each convolution: its output, normalised and activated


class Budget(NamedTuple):
    """Numbers of weights, of values that training keeps of one example, and of values that come out."""

    weights: int
    activations: int
    outputs: int


def stack_budget(net: str, input_shape: Sequence[int], arguments: Mapping[str, Any]) -> Budget:
    """The budget of a net of `STACKS`; a `ModelError` where a window finds no place.

    Example:
        >>> sizes = {"kernel": 3, "stride": 1, "padding": "same", "pooling": "max", "pool_size": 2}
        >>> stack_budget("cnn", (8, 8, 3), {"filters": [4], "pool_stride": None, **sizes})
        Budget(weights=112, activations=832, outputs=64)
    """
    filters = arguments["filters"]
    filters = [filters] if isinstance(filters, int) else list(filters)
    windows = stack_windows(len(filters), **{name: arguments[name] for name in _WINDOWS})
    check(net, tuple(input_shape), windows, rank=STACKS[net])
    return _counted(list(input_shape[:-1]), input_shape[-1], filters, windows)


def _counted(sides: list[int], channels: int, filters: Sequence[int], windows: Sequence[Window]) -> Budget:
    widths = iter(filters)
    weights = kept = 0
    for window in windows:
        convolves = window.layer.endswith("_conv")
        sides = [output_size(side, window) for side in sides]
        if convolves:
            width = next(widths)
            weights += (window.kernel ** len(sides) * channels + 1) * width
            channels = width
        kept += math.prod(sides) * channels * (_KEPT if convolves else 1)
    return Budget(weights, kept, math.prod(sides) * channels)
