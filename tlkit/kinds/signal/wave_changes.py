"""Random changes of signals and sounds: an example (time, ...) and a seed in, an example of the same shape out."""

from __future__ import annotations

import tensorflow as tf

from tlkit.compat.tensors import Tensor


def shift(wave: Tensor, seed: Tensor, *, most: float = 0.1) -> Tensor:
    """Moved in time by up to `most` of the length, either way; the end value fills what becomes free.

    Example:
        >>> shift(tf.range(4.0), (0, 1), most=0.5).shape
        TensorShape([4])
    """
    length = _length(wave)
    steps = tf.cast(tf.round(_uniform(seed, -most, most) * tf.cast(length, tf.float32)), tf.int32)
    return tf.gather(wave, tf.clip_by_value(tf.range(length) - steps, 0, length - 1))


def scale(wave: Tensor, seed: Tensor, *, most: float = 0.2) -> Tensor:
    """Multiplied by 1 / (1 + most) to 1 + most; a model that standardises each example does not see it."""
    top = tf.math.log1p(tf.cast(most, tf.float32))
    return wave * tf.exp(_uniform(seed, -top, top))


def stretch(wave: Tensor, seed: Tensor, *, most: float = 0.1) -> Tensor:
    """Played faster or slower by up to `most` about its middle, with values in between by straight lines."""
    length = _length(wave)
    middle = tf.cast(length - 1, tf.float32) / 2
    places = middle + (tf.range(length, dtype=tf.float32) - middle) * (1 + _uniform(seed, -most, most))
    places = tf.clip_by_value(places, 0.0, 2 * middle)
    before = tf.cast(tf.floor(places), tf.int32)
    share = tf.reshape(places - tf.floor(places), [-1] + [1] * (len(wave.shape) - 1))
    after = tf.minimum(before + 1, length - 1)
    return tf.gather(wave, before) * (1 - share) + tf.gather(wave, after) * share


def noise(wave: Tensor, seed: Tensor, *, most: float = 0.1) -> Tensor:
    """Normal noise of up to `most` of each channel's own deviation added."""
    strength, values = _split(seed)
    deviation = tf.math.reduce_std(wave, axis=0, keepdims=True)
    return wave + _uniform(strength, 0.0, most) * deviation * tf.random.stateless_normal(tf.shape(wave), values)


def time_mask(wave: Tensor, seed: Tensor, *, most: float = 0.2) -> Tensor:
    """A stretch of up to `most` of the length replaced by the channel's mean."""
    width, start = _split(seed)
    length = tf.cast(_length(wave), tf.float32)
    wide = _uniform(width, 0.0, tf.minimum(tf.cast(most, tf.float32), 1.0)) * length
    begin = _uniform(start, 0.0, 1.0) * (length - wide)
    times = tf.range(length)
    inside = tf.reshape((times >= begin) & (times < begin + wide), [-1] + [1] * (len(wave.shape) - 1))
    return tf.where(inside, tf.reduce_mean(wave, axis=0, keepdims=True), wave)


def _length(wave: Tensor) -> Tensor:
    return tf.shape(wave)[0]


def _uniform(seed: Tensor, low: Tensor, high: Tensor) -> Tensor:
    return tf.random.stateless_uniform([], seed, low, high)


def _split(seed: Tensor) -> tuple[Tensor, Tensor]:
    """Two seeds of one, that no other step draws from."""
    one, other = tf.unstack(tf.random.split(seed, 2))
    return one, other
