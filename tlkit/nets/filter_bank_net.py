"""A texture descriptor made by hand: what nets learn in their first layer, without learning."""

from collections.abc import Sequence

import keras

from tlkit.layers.filter_bank import FilterBank
from tlkit.nets.arithmetic import check
from tlkit.nets.windows import filter_bank_windows

HEADS = {
    "filter-bank": {
        "pooling": "none",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 3,
        "input_shape": (64, 64, 1),
    }
}


def filter_bank(
    input_shape: Sequence[int | None],
    *,
    scales: float | Sequence[float] = (1.0, 2.0),
    angles: int = 6,
) -> keras.Model:
    """Mean absolute response to edges, Sobel, spots and bars: a frozen feature extractor without learned weights.

    Reference: Leung and Malik, 2001, "Representing the visual appearance of materials using three-dimensional textons".

    Example:
        >>> filter_bank((64, 64, 1)).output_shape
        (None, 18)
    """
    scales = (scales,) if isinstance(scales, int | float) else tuple(scales)
    check("filter-bank", input_shape, filter_bank_windows(scales))
    inputs = keras.Input(input_shape, name="input")
    outputs = FilterBank(scales, angles, name="bank1_responses")(inputs)
    return keras.Model(inputs, outputs, name="filter_bank")
