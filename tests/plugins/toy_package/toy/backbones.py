"""A backbone with weights, which are drawn by a seed."""

import keras

BACKBONES = {"seeded": {"size": 16, "scaling": "centred"}}


def seeded(input_shape, weights):
    """random filters, always the same"""
    first = keras.initializers.GlorotUniform(seed=1 if weights == "imagenet" else None)
    inputs = keras.Input(input_shape)
    x = keras.layers.Conv2D(8, 3, kernel_initializer=first, activation="relu", name="conv")(inputs)
    return keras.Model(inputs, x, name="seeded")
