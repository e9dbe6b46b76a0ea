"""The multilayer perceptron: the baseline that knows nothing of neighbourhoods."""

from collections.abc import Sequence

import keras
from keras import layers

from tlkit.nets import blocks
from tlkit.nets.arithmetic import Sizes
from tlkit.nets.stack import stages

HEADS = {
    "mlp": {
        "pooling": "none",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 10,
        "input_shape": (28, 28, 1),
    }
}


def mlp(
    input_shape: Sequence[int | None],
    *,
    units: Sizes = (512, 256),
    activation: str = "relu",
    batch_norm: str = "none",
    dropout: float = 0.0,
    initializer: str = "he_normal",
) -> keras.Model:
    """Dense layers over the flattened input, whatever its shape; its output has no positions left to pool.

    Reference: Rumelhart et al., 1986, "Learning representations by back-propagating errors".

    Example:
        >>> mlp((28, 28, 1), units=[64, 32]).output_shape
        (None, 32)
    """
    inputs = keras.Input(input_shape, name="input")
    x = layers.Flatten(name="dense1_flatten")(inputs)
    for number, count in enumerate(stages(units, "units"), start=1):
        x = _dense(x, count, name=f"dense{number}", activation=activation, batch_norm=batch_norm, start=initializer)
        x = blocks.drop(x, dropout, name=f"dense{number}_dropout")
    return keras.Model(inputs, x, name="mlp")


def _dense(
    x: keras.KerasTensor, units: int, *, name: str, activation: str, batch_norm: str, start: str
) -> keras.KerasTensor:
    dense = layers.Dense(
        blocks.widened(units, activation),
        use_bias=blocks.needs_bias(batch_norm),
        kernel_initializer=blocks.weights(start),
        name=f"{name}_dense",
    )
    return blocks.finish(dense(x), name=name, activation=activation, batch_norm=batch_norm)
