"""Near-copies among examples that are no pictures: signals, sequences, voxels, rows of numbers."""

from __future__ import annotations

import numpy as np

from tlkit.data.fingerprints import near_hashes

SIGNALS_ALIKE = 0.999  # correlation of two signals
PLACES_ALIKE = 0.97  # share of equal letters, or of shared voxels among those of either
_BITS, _MOST_BITS = 64, 8
_CHUNK = 4096


def near_vectors(vectors: np.ndarray) -> np.ndarray:
    """Pairs (n, 2) of rows that are nearly the same: floats by correlation, whole numbers place by place.

    Example:
        >>> wave = np.sin(np.arange(100.0))
        >>> near_vectors(np.stack([wave, np.cos(np.arange(100.0)), wave + 1e-4])).tolist()
        [[0, 2]]
    """
    if len(vectors) < 2 or vectors.shape[1] < 2:
        return np.empty((0, 2), np.int64)
    pairs = near_hashes(_signs(vectors), most=_MOST_BITS)
    kept = [np.empty((0, 2), np.int64)]
    for start in range(0, len(pairs), _CHUNK):
        chunk = pairs[start : start + _CHUNK]
        kept.append(chunk[_alike(vectors[chunk[:, 0]], vectors[chunk[:, 1]])])
    return np.concatenate(kept)


def _signs(vectors: np.ndarray) -> np.ndarray:
    """64 bits a row: on which side of random planes through the mean it lies; near rows share nearly all of them."""
    rng = np.random.default_rng(0)
    planes = rng.standard_normal((vectors.shape[1], _BITS)).astype(np.float32)
    middle = vectors.mean(axis=0, dtype=np.float64).astype(np.float32) if vectors.dtype.kind != "f" else np.float32(0)
    found = []
    for start in range(0, len(vectors), _CHUNK):
        rows = vectors[start : start + _CHUNK].astype(np.float32) - middle
        rows -= rows.mean(axis=1, keepdims=True) if vectors.dtype.kind == "f" else np.float32(0)
        found.append(np.packbits(rows @ planes > 0, axis=1).view(">u8")[:, 0].astype(np.uint64))
    return np.concatenate(found)


def _alike(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    if one.dtype.kind == "f":
        return _correlation(one, other) >= SIGNALS_ALIKE
    if one.dtype == bool or max(int(one.max()), int(other.max())) <= 1:
        either = np.maximum(((one != 0) | (other != 0)).sum(axis=1), 1)
        return ((one != 0) & (other != 0)).sum(axis=1) / either >= PLACES_ALIKE
    return (one == other).mean(axis=1) >= PLACES_ALIKE


def _correlation(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    one = one - one.mean(axis=1, keepdims=True)
    other = other - other.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.einsum("ij,ij->i", one, other) / np.maximum(norms, 1e-12)
