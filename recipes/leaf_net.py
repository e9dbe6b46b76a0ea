"""A net of one's own beside a recipe: a function from the input's shape to a headless Keras model. Copy and change."""

import keras
from keras import layers


def build(input_shape, *, filters=(16, 32, 64), dilation=2):
    """Dilated convolutions, to see far with few layers. Every keyword argument is a recipe field under `model:`."""
    inputs = keras.Input(input_shape)
    x = inputs
    for index, width in enumerate(filters, start=1):
        rate = dilation if index > 1 else 1
        x = layers.Conv2D(width, 3, padding="same", dilation_rate=rate, name=f"block{index}_conv")(x)
        x = layers.BatchNormalization(name=f"block{index}_bn")(x)
        x = layers.ReLU(name=f"block{index}_relu")(x)
        x = layers.MaxPooling2D(name=f"block{index}_pool")(x)
    return keras.Model(inputs, x, name="leaf_net")
