"""Random changes of voxels (x, y, z, 1) that leave what stands upright standing."""

from __future__ import annotations

import math

import tensorflow as tf

from tlkit.compat.tensors import Tensor


def turn(grid: Tensor, seed: Tensor, *, degrees: int = 180, step: int = 0) -> Tensor:
    """Turned about the upright axis by up to so many degrees either way; with `step` by a multiple of it.

    Example:
        >>> turn(tf.ones((4, 4, 4, 1)), (0, 1), step=90).shape
        TensorShape([4, 4, 4, 1])
    """
    angle = tf.random.stateless_uniform([], seed, -degrees, degrees)
    angle = tf.round(angle / step) * step if step else angle
    cosine, sine = tf.cos(angle * math.pi / 180), tf.sin(angle * math.pi / 180)
    width, depth = grid.shape[0], grid.shape[1]
    sides = (tf.range(size, dtype=tf.float32) - (size - 1) / 2 for size in (width, depth))
    x, y = tf.meshgrid(*sides, indexing="ij")
    from_x = _cell(cosine * x - sine * y, width)
    from_y = _cell(sine * x + cosine * y, depth)
    inside = (from_x >= 0) & (from_x < width) & (from_y >= 0) & (from_y < depth)
    places = tf.stack([tf.clip_by_value(from_x, 0, width - 1), tf.clip_by_value(from_y, 0, depth - 1)], axis=-1)
    return tf.where(inside[..., None, None], tf.gather_nd(grid, places), 0)


def mirror(grid: Tensor, seed: Tensor, *, share: float = 0.5) -> Tensor:
    """Mirrored left to right in a `share` of the examples; with `turn` in every upright plane.

    Example:
        >>> mirror(tf.range(2.0)[:, None, None, None], (0, 1), share=1.0)[:, 0, 0, 0].numpy().tolist()
        [1.0, 0.0]
    """
    return tf.where(tf.random.stateless_uniform([], seed) < share, grid[::-1], grid)


def jolt(grid: Tensor, seed: Tensor, *, most: int = 2) -> Tensor:
    """Moved by up to so many cells along each axis; what leaves the grid is lost.

    Example:
        >>> jolt(tf.ones((4, 4, 4, 1)), (0, 1), most=0).numpy().sum()
        np.float32(64.0)
    """
    moves = tf.random.stateless_uniform([3], seed, -most, most + 1, tf.int32)
    for axis, size in enumerate(grid.shape[:3]):
        places = tf.range(size) - moves[axis]
        inside = tf.reshape((places >= 0) & (places < size), [-1 if each == axis else 1 for each in range(4)])
        grid = tf.where(inside, tf.gather(grid, tf.clip_by_value(places, 0, size - 1), axis=axis), 0)
    return grid


def _cell(places: Tensor, size: int) -> Tensor:
    """The cells nearest to places measured from the middle of a side."""
    return tf.cast(tf.round(places + (size - 1) / 2), tf.int32)
