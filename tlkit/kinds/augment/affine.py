"""Flips, rotations, zooms and translations in a row as one resampling: faster than one each, and less blurred."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

from tlkit.compat.tensors import Tensor
from tlkit.kinds.augment.random_draws import Draws


def moves_pixels(layer: object) -> bool:
    """Whether a layer only moves pixels, so that it may share a resampling with its neighbours."""
    return type(layer) in _MATRICES


def can_share(layers: Sequence[keras.Layer]) -> bool:
    """Whether several layers that move pixels fill and interpolate alike; flips go with any, but need no resampling."""
    return len(layers) > 1 and len({_sampling(layer) for layer in layers if not _is_flip(layer)}) == 1


class Warp:
    """What several pixel-moving Keras layers in turn would do to images (1, h, w, c), sampled once."""

    def __init__(self, layers: Sequence[keras.Layer]) -> None:
        self._layers = layers
        self._sampler = next(layer for layer in layers if not _is_flip(layer))

    def __call__(self, images: Tensor, draws: Draws) -> Tensor:
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


def _is_flip(layer: keras.Layer) -> bool:
    return isinstance(layer, keras.layers.RandomFlip)


def _sampling(layer: keras.Layer) -> tuple[str, str, float]:
    return layer.interpolation, layer.fill_mode, layer.fill_value


def _matrix(layer: keras.Layer, images: Tensor, draws: Draws) -> Tensor:
    """The 3 x 3 matrix from a pixel's new place (x, y, 1) to its old one."""
    drawn = layer.get_random_transformation(images, seed=draws)
    size = tf.cast(tf.shape(images)[1:3], tf.float32)
    return _MATRICES[type(layer)](layer, drawn, last_x=size[1] - 1, last_y=size[0] - 1)


def _flip(layer: keras.Layer, drawn: Mapping[str, Tensor], *, last_x: Tensor, last_y: Tensor) -> Tensor:
    flips = tf.cast(tf.reshape(drawn["flips"], ()), tf.float32)
    across = flips if "horizontal" in layer.mode else 0.0
    down = flips if "vertical" in layer.mode else 0.0
    return _scale_and_shift(1 - 2 * across, 1 - 2 * down, across * last_x, down * last_y)


def _rotation(layer: keras.Layer, drawn: Mapping[str, Tensor], *, last_x: Tensor, last_y: Tensor) -> Tensor:
    return tf.reshape(tf.concat([drawn["rotation_matrix"][0], [1.0]], 0), (3, 3))


def _zoom(layer: keras.Layer, drawn: Mapping[str, Tensor], *, last_x: Tensor, last_y: Tensor) -> Tensor:
    x, y = drawn["width_zoom"][0, 0], drawn["height_zoom"][0, 0]
    return _scale_and_shift(x, y, (1 - x) * last_x / 2, (1 - y) * last_y / 2)


def _translation(layer: keras.Layer, drawn: Mapping[str, Tensor], *, last_x: Tensor, last_y: Tensor) -> Tensor:
    return _scale_and_shift(1.0, 1.0, -drawn["translations"][0, 0], -drawn["translations"][0, 1])


def _scale_and_shift(scale_x: Tensor, scale_y: Tensor, shift_x: Tensor, shift_y: Tensor) -> Tensor:
    return tf.reshape(tf.stack([scale_x, 0.0, shift_x, 0.0, scale_y, shift_y, 0.0, 0.0, 1.0]), (3, 3))


_MATRICES = {
    keras.layers.RandomFlip: _flip,
    keras.layers.RandomRotation: _rotation,
    keras.layers.RandomZoom: _zoom,
    keras.layers.RandomTranslation: _translation,
}
