"""A random change of DNA: the same piece read from the other strand."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tlkit.compat.tensors import Tensor
from tlkit.layers.alphabet import ALPHABET

_PARTNER = {"A": "T", "C": "G", "G": "C", "T": "A"}


def reverse_complement(codes: Tensor, seed: Tensor, *, share: float = 0.5) -> Tensor:
    """Codes of DNA letters (length,), a `share` of the examples read backwards with A for T and C for G.

    Only for what means the same on both strands; a splice site does not.

    Example:
        >>> reverse_complement(tf.constant([1.0, 2.0, 0.0]), (0, 1), share=1.0).numpy().tolist()
        [0.0, 3.0, 4.0]
    """
    other = tf.gather(tf.constant(_complements(), codes.dtype), tf.cast(codes[::-1], tf.int32))
    return tf.where(tf.random.stateless_uniform([], seed) < share, other, codes)


def _complements() -> np.ndarray:
    """The code of each letter's partner; of a letter that may be several bases, that of all their partners."""
    by_bases = {frozenset(bases): code for code, bases in enumerate(ALPHABET.values())}
    return np.array([by_bases[frozenset(_PARTNER[base] for base in bases)] for bases in ALPHABET.values()])
