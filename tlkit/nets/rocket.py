"""Random filters for signals: thousands that nobody learns, and a linear answer on what they find."""

from collections.abc import Sequence

import keras
from keras import layers

from tlkit.errors import ModelError
from tlkit.layers.random_kernels import RandomKernels
from tlkit.nets.arithmetic import Sizes, Window, check, positive
from tlkit.nets.stack import stages

_MOST = 100_000

HEADS = {
    "rocket": {
        "pooling": "none",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 5,
        "input_shape": (140, 1),
    }
}


def rocket(
    input_shape: Sequence[int | None],
    *,
    kernels: int = 2000,
    lengths: Sizes = (7, 9, 11),
    kernel_seed: int = 0,
    relative: bool = False,
) -> keras.Model:
    """Largest response and share above 0 of random dilated filters, each feature standardised; the strong quick choice.

    Args:
        relative: shares above so many deviations of a filter's responses, not above a number: for smooth signals.

    Reference: Dempster et al., 2020, "ROCKET: exceptionally fast and accurate time series classification using random
    convolutional kernels".

    Example:
        >>> rocket((140, 1), kernels=500).output_shape
        (None, 1000)
    """
    if positive(kernels, "kernels") > _MOST:
        raise ModelError(
            f"kernels: expected at most {_MOST:,}, ten times as many as the paper has. Received: {kernels:,}."
        )
    lengths = stages(lengths, "lengths")
    check("rocket", input_shape, [Window("kernels1_random", min(lengths), 1, "valid")], rank=1)
    inputs = keras.Input(input_shape, name="input")
    bank = RandomKernels(kernels, lengths, kernel_seed, relative, name="kernels1_random")
    outputs = layers.BatchNormalization(momentum=0.98, epsilon=1e-5, center=False, scale=False, name="kernels1_bn")(
        bank(inputs)
    )
    return keras.Model(inputs, outputs, name="rocket")
