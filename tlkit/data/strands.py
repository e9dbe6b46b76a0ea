"""Random changes of DNA: the same piece read from the other strand, or with letters drawn anew."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tlkit.layers.alphabet import ALPHABET, BASES

_PARTNER = {"A": "T", "C": "G", "G": "C", "T": "A"}


def reverse_complement(codes, seed, *, share=0.5):
    """Codes of DNA letters (length,), a `share` of the examples read backwards with A for T and C for G.

    Only for what means the same on both strands; a splice site does not.

    Example:
        >>> reverse_complement(tf.constant([1.0, 2.0, 0.0]), (0, 1), share=1.0).numpy().tolist()
        [0.0, 3.0, 4.0]
    """
    other = tf.gather(tf.constant(_complements(), codes.dtype), tf.cast(codes[::-1], tf.int32))
    return tf.where(tf.random.stateless_uniform([], seed) < share, other, codes)


def mutation(codes, seed, *, share=0.05):
    """Codes of DNA letters (length,), each with the probability `share` a base drawn anew; gaps stay gaps.

    Example:
        >>> mutation(tf.constant([1.0, 2.0, 0.0]), (0, 1), share=0.0).numpy().tolist()
        [1.0, 2.0, 0.0]
    """
    which, what = tf.unstack(tf.random.split(seed, 2))
    hit = (tf.random.stateless_uniform(tf.shape(codes), which) < share) & (codes > 0)
    places = tf.random.stateless_uniform(tf.shape(codes), what, maxval=len(BASES), dtype=tf.int32)
    return tf.where(hit, tf.gather(tf.constant(_base_codes(), codes.dtype), places), codes)


def _base_codes() -> np.ndarray:
    return np.array([list(ALPHABET).index(base) for base in BASES])


def _complements() -> np.ndarray:
    """The code of each letter's partner; of a letter that may be several bases, that of all their partners."""
    by_bases = {frozenset(bases): code for code, bases in enumerate(ALPHABET.values())}
    return np.array([by_bases[frozenset(_PARTNER[base] for base in bases)] for bases in ALPHABET.values()])
