"""Batch normalisations worked into convolutions."""

import keras
import numpy as np
from keras import layers

from tlkit.pretrained.folding import folded


def small_net():
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, use_bias=False, name="conv")(inputs)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU(name="relu")(x)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, name="deep")(x)
    x = layers.BatchNormalization(scale=False, name="deep_norm")(x)
    x = layers.Conv2D(5, 1, activation="relu", name="bent")(x)
    net = keras.Model(inputs, layers.BatchNormalization(name="behind_bent")(x))
    rng = np.random.default_rng(0)
    net.set_weights([rng.uniform(0.5, 2, each.shape).astype("float32") for each in net.get_weights()])
    return net


def test_a_folded_net_gives_the_same_outputs():
    net, pictures = small_net(), np.random.default_rng(1).normal(size=(2, 8, 8, 3)).astype("float32")
    before = net.predict_on_batch(pictures)
    np.testing.assert_allclose(folded(net).predict_on_batch(pictures), before, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(net.predict_on_batch(pictures), before)


def test_only_a_normalisation_right_behind_a_convolution_is_folded():
    left = [each.name for each in folded(small_net()).layers if isinstance(each, layers.BatchNormalization)]
    assert left == ["behind_bent"]
