"""Random draws that depend on one seed and nothing else, in the form that Keras's layers ask for."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable

import numpy as np
import tensorflow as tf
from keras.random import SeedGenerator

from tlkit.compat.tensors import Tensor

_BRANCH = 64  # seeds set aside for one branch; no layer draws as many
_BITS = 31  # of a seed in each half of the pair: what a non-negative int32 holds


class Draws(SeedGenerator):
    """A SeedGenerator without state: its n-th seed is a function of the given seed and n, also inside a graph."""

    def __init__(self, seed: Tensor) -> None:  # not super().__init__(), which makes the variable that we do without
        seed = tf.cast(seed if tf.is_tensor(seed) else np.int64(seed), tf.int64)
        low, high = tf.math.floormod(seed, 2**_BITS), tf.math.floordiv(seed, 2**_BITS)
        self._low, self._high = tf.cast(low, tf.int32), tf.cast(high, tf.int32)
        self._count = 0

    def next(self, ordered: bool = True) -> Tensor:
        """The next seed, a pair of int32 as `tf.random.stateless_uniform` takes it."""
        self._count += 1
        return tf.stack([self._low, self._high + self._count])

    def integer(self, limit: int) -> Tensor:
        """A whole number from 0 up to, not including, `limit`."""
        return tf.random.stateless_uniform([], self.next(), 0, limit, tf.int32)

    def fork(self, count: int) -> list[Draws]:
        """Draws for branches of which one alone will run: all start alike, so that it matters not which are traced."""
        twins = [copy.copy(self) for _ in range(count)]
        self._count += _BRANCH
        return twins


def seeds_for(ids: Iterable[str], *, seed: int, view: int) -> np.ndarray:
    """One seed per example, the same on every machine, from a recipe's seed and the number of a view (or epoch).

    Example:
        >>> seeds_for(["a", "b"], seed=0, view=1).shape
        (2,)
    """
    return np.array([_seed(f"{seed}/{view}/{each}") for each in ids], dtype=np.int64)


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1
