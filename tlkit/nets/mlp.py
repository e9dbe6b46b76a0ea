"""The multilayer perceptron: the baseline that knows nothing of neighbourhoods."""

import keras
from keras import layers

from tlkit.nets import blocks
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
    input_shape,
    *,
    units=(512, 256),
    activation="relu",
    batch_norm="none",
    dropout=0.0,
    initializer="he_normal",
):
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


def _dense(x, units, *, name, activation, batch_norm, start):
    dense = layers.Dense(
        blocks.widened(units, activation),
        use_bias=blocks.needs_bias(batch_norm),
        kernel_initializer=blocks.weights(start),
        name=f"{name}_dense",
    )
    return blocks.finish(dense(x), name=name, activation=activation, batch_norm=batch_norm)
