"""Flips, rotations, zooms and translations in a row as one resampling: faster than one each, and less blurred."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import keras
import tensorflow as tf


def moves_pixels(layer) -> bool:
    """Whether a layer only moves pixels, so that it may share a resampling with its neighbours."""
    return type(layer) in _MATRICES


def can_share(layers: Sequence) -> bool:
    """Whether several layers that move pixels fill and interpolate alike; flips go with any, but need no resampling."""
    return len(layers) > 1 and len({_sampling(layer) for layer in layers if not _is_flip(layer)}) == 1


class Warp:
    """What several pixel-moving Keras layers in turn would do to images (1, h, w, c), sampled once."""

    def __init__(self, layers: Sequence) -> None:
        self._layers = layers
        self._sampler = next(layer for layer in layers if not _is_flip(layer))

    def __call__(self, images, draws):
        """The moved images; every layer draws its own share of the movement."""
        matrix = functools.reduce(tf.matmul, [_matrix(layer, images, draws) for layer in self._layers])
        interpolation, fill_mode, fill_value = _sampling(self._sampler)
        return self._sampler.backend.image.affine_transform(
            images,
            tf.reshape(matrix, (1, 9))[:, :8],
            interpolation=interpolation,
            fill_mode=fill_mode,
            fill_value=fill_value,
            data_format="channels_last",
        )


def _is_flip(layer) -> bool:
    return isinstance(layer, keras.layers.RandomFlip)


def _sampling(layer) -> tuple:
    return layer.interpolation, layer.fill_mode, layer.fill_value


def _matrix(layer, images, draws):
    """The 3 x 3 matrix from a pixel's new place (x, y, 1) to its old one."""
    drawn = layer.get_random_transformation(images, seed=draws)
    size = tf.cast(tf.shape(images)[1:3], tf.float32)
    return _MATRICES[type(layer)](layer, drawn, last_x=size[1] - 1, last_y=size[0] - 1)


def _flip(layer, drawn, *, last_x, last_y):
    flips = tf.cast(tf.reshape(drawn["flips"], ()), tf.float32)
    across = flips if "horizontal" in layer.mode else 0.0
    down = flips if "vertical" in layer.mode else 0.0
    return _scale_and_shift(1 - 2 * across, 1 - 2 * down, across * last_x, down * last_y)


def _rotation(layer, drawn, *, last_x, last_y):
    return tf.reshape(tf.concat([drawn["rotation_matrix"][0], [1.0]], 0), (3, 3))


def _zoom(layer, drawn, *, last_x, last_y):
    x, y = drawn["width_zoom"][0, 0], drawn["height_zoom"][0, 0]
    return _scale_and_shift(x, y, (1 - x) * last_x / 2, (1 - y) * last_y / 2)


def _translation(layer, drawn, *, last_x, last_y):
    return _scale_and_shift(1.0, 1.0, -drawn["translations"][0, 0], -drawn["translations"][0, 1])


def _scale_and_shift(scale_x, scale_y, shift_x, shift_y):
    return tf.reshape(tf.stack([scale_x, 0.0, shift_x, 0.0, scale_y, shift_y, 0.0, 0.0, 1.0]), (3, 3))


_MATRICES = {
    keras.layers.RandomFlip: _flip,
    keras.layers.RandomRotation: _rotation,
    keras.layers.RandomZoom: _zoom,
    keras.layers.RandomTranslation: _translation,
}
