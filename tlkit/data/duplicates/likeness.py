"""Near-copies among examples in memory, each kind in its own terms, and the keys that keep them together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from tlkit.data.assembly.groups import keys_together
from tlkit.data.duplicates.image_hash import LEAST_SIDE, near_hashes, near_prints, picture_print
from tlkit.errors import DataError

SIGNALS_ALIKE = 0.999  # correlation of two signals
SHARE_ALIKE = 0.97  # share of equal letters, or of shared voxels among those of either
LEAST_NUMBERS = 16  # columns below which rows of fractions are near one another by chance
_BITS, _MOST_BITS = 64, 8
_CHUNK = 1 << 25  # numbers that are compared at a time


def kept_together(
    keys: Sequence[str],
    inputs: np.ndarray,
    near: Callable[[np.ndarray], np.ndarray],
    indices: Sequence[int],
    *,
    near_copies: str = "together",
) -> list[str]:
    """The keys, one for all near-copies among the examples at `indices`; the others keep theirs.

    Args:
        near: gives the pairs (n, 2) of near-copies among inputs, as the functions below do.
    """
    if near_copies not in ("together", "apart"):
        raise DataError(f"data.near_copies: expected together or apart, found {near_copies!r}")
    if near_copies == "apart" or len(indices) < 2:
        return list(keys)
    chosen = np.asarray(indices, int)
    links = chosen[near(inputs if len(chosen) == len(inputs) else inputs[chosen])]
    return keys_together(keys, links, [1] * len(keys))


def none_near(inputs: np.ndarray) -> np.ndarray:
    """No pairs, for inputs that say too little to be told apart."""
    return np.empty((0, 2), np.int64)


def near_pictures(inputs: np.ndarray) -> np.ndarray:
    """Pairs (n, 2) of near-copies among pictures (n, height, width, channels); small ones are not compared.

    Example:
        >>> near_pictures(np.zeros((3, 8, 8, 1), np.uint8)).tolist()
        []
    """
    if inputs.ndim != 4 or inputs.dtype != np.uint8 or min(inputs.shape[1:3]) < LEAST_SIDE:
        return none_near(inputs)
    return near_prints(np.stack([print_of(each) for each in inputs]))


def near_measures(inputs: np.ndarray) -> np.ndarray:
    """Pairs (n, 2) of near-copies among inputs of unknown meaning: what varies more counts no more."""
    return near_vectors(_on_one_scale(inputs.reshape(len(inputs), -1)))


def print_of(pixels: np.ndarray) -> np.ndarray:
    """The print of a picture in memory (height, width, channels)."""
    return picture_print(Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels))


def _on_one_scale(rows: np.ndarray) -> np.ndarray:
    """Columns of fractions with mean 0 and deviation 1, since what they measure is not known."""
    if rows.dtype.kind != "f":
        return rows
    deviation = rows.std(axis=0)
    return (rows - rows.mean(axis=0)) / np.where(deviation > 0, deviation, 1)


def near_vectors(inputs: np.ndarray) -> np.ndarray:
    """Pairs (n, 2) of inputs that are nearly the same: floats by correlation, whole numbers value by value.

    Example:
        >>> wave = np.sin(np.arange(100.0))
        >>> near_vectors(np.stack([wave, np.cos(np.arange(100.0)), wave + 1e-4])).tolist()
        [[0, 2]]
    """
    if len(inputs) < 2 or inputs.dtype.kind not in "biuf":
        return none_near(inputs)
    vectors = inputs.reshape(len(inputs), -1)
    if vectors.dtype.kind == "f" and _varied(vectors) < LEAST_NUMBERS:
        return none_near(inputs)
    pairs = near_hashes(_signs(vectors), most=_MOST_BITS)
    kept, step = [np.empty((0, 2), np.int64)], _step(vectors)
    for start in range(0, len(pairs), step):
        chunk = pairs[start : start + step]
        kept.append(chunk[_alike(vectors[chunk[:, 0]], vectors[chunk[:, 1]])])
    return np.concatenate(kept)


def _signs(vectors: np.ndarray) -> np.ndarray:
    """64 bits a row: on which side of random planes through the mean it lies; near rows share nearly all of them."""
    rng = np.random.default_rng(0)
    planes = rng.standard_normal((vectors.shape[1], _BITS)).astype(np.float32)
    middle = vectors.mean(axis=0, dtype=np.float64).astype(np.float32) if vectors.dtype.kind != "f" else np.float32(0)
    found, step = [], _step(vectors)
    for start in range(0, len(vectors), step):
        rows = vectors[start : start + step].astype(np.float32) - middle
        rows -= rows.mean(axis=1, keepdims=True) if vectors.dtype.kind == "f" else np.float32(0)
        found.append(np.packbits(rows @ planes > 0, axis=1).view(">u8")[:, 0].astype(np.uint64))
    return np.concatenate(found)


def _varied(vectors: np.ndarray) -> int:
    return int((vectors != vectors[0]).any(axis=0).sum())


def _step(vectors: np.ndarray) -> int:
    return max(1, _CHUNK // vectors.shape[1])


def _alike(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    if one.dtype.kind == "f":
        return _correlation(one, other) >= SIGNALS_ALIKE
    if one.dtype == bool or max(int(one.max()), int(other.max())) <= 1:
        either = np.maximum(((one != 0) | (other != 0)).sum(axis=1), 1)
        return ((one != 0) & (other != 0)).sum(axis=1) / either >= SHARE_ALIKE
    return (one == other).mean(axis=1) >= SHARE_ALIKE


def _correlation(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    one = one - one.mean(axis=1, keepdims=True)
    other = other - other.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.einsum("ij,ij->i", one, other) / np.maximum(norms, 1e-12)
