"""A net."""

from keras import Input, Model, layers


def dotty(input_shape, *, filters=4):
    """one convolution, strided"""
    inputs = Input(input_shape)
    return Model(inputs, layers.Conv2D(filters, 3, strides=2, activation="relu", name="conv")(inputs), name="dotty")
