"""Pictures that look alike: copies of one picture, or neighbours in a series (a turntable's views, a video's frames).

Copies share their detail. Neighbours share the rough picture, and the series goes on to pictures that do not.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tlkit.data.duplicates.image_hash import SIDE, clusters, near_prints

_DETAIL = 0.95  # correlation of the detail of two prints from which on one is a copy of the other
_NOISE = 3.0  # grey levels by which copies without detail differ
_REACH = 2  # pixels of a print around each that detail stands out from
_LONG = 6  # pictures from which on a cluster may be a series
_LOOSE = 0.5  # share of pairs that are copies below which a cluster is a series
_NEARER = 6.0  # times as near as pictures of one class are to one another
_DRAWN = 64  # other pictures of the class that say how near those are
_CHUNK = 4096


class SimilarPairs(NamedTuple):
    """Pairs (n, 2) of pictures: copies, and neighbours with their correlation."""

    copies: np.ndarray
    neighbours: np.ndarray
    nearness: np.ndarray


def alike_pictures(prints: np.ndarray, classes: np.ndarray) -> SimilarPairs:
    """What near-copies there are among prints (pictures, 32, 32); neighbours are far nearer than others of their class.

    Example:
        >>> noise = np.random.default_rng(0).integers(0, 255, (5, 32, 32), np.uint8)
        >>> alike_pictures(np.concatenate([noise, noise[:1]]), np.zeros(6)).copies.tolist()
        [[0, 5]]
    """
    pairs = near_prints(prints)
    nearness, same = _compared(prints, pairs)
    copies = same & ~_in_series(len(prints), pairs, same)
    usual = _usual_distance(prints, classes, pairs[~copies])
    near = 1 - nearness[~copies] <= usual / _NEARER
    return SimilarPairs(pairs[copies], pairs[~copies][near], nearness[~copies][near])


def _compared(prints: np.ndarray, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The correlation of each pair, and whether it has one detail; mirrored where that is nearer."""
    nearness, same = np.zeros(len(pairs), np.float32), np.zeros(len(pairs), bool)
    for start in range(0, len(pairs), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        one, other = (prints[pairs[chunk, side]].astype(np.float32) for side in (0, 1))
        straight, turned = correlations(one, other), correlations(one, other[:, :, ::-1])
        other = np.where((turned > straight)[:, None, None], other[:, :, ::-1], other)
        nearness[chunk] = np.maximum(straight, turned)
        apart = (one - one.mean((1, 2), keepdims=True)) - (other - other.mean((1, 2), keepdims=True))
        same[chunk] = (correlations(_detail(one), _detail(other)) >= _DETAIL) | (apart.std((1, 2)) <= _NOISE)
    return nearness, same


def correlations(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The correlation of each picture with its counterpart."""
    one, other = (each.reshape(len(each), -1) for each in (one, other))
    one, other = (each - each.mean(axis=1, keepdims=True) for each in (one, other))
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.einsum("ij,ij->i", one, other) / np.maximum(norms, 1e-6)


def _detail(prints: np.ndarray) -> np.ndarray:
    """What stands out from the mean of the pixels around."""
    around, width = prints, 2 * _REACH + 1
    for axis in (1, 2):
        edges = [(0, 0), (0, 0), (0, 0)]
        edges[axis] = (_REACH, _REACH)
        sums = np.pad(around, edges, mode="edge")
        around = np.asarray(sum(np.take(sums, range(step, step + SIDE), axis=axis) for step in range(width))) / width
    return prints - around


def _in_series(count: int, pairs: np.ndarray, same: np.ndarray) -> np.ndarray:
    """Which pairs lie in a large cluster whose ends are no copies of one another."""
    if not len(pairs):
        return np.zeros(0, bool)
    heads = clusters(count, pairs)
    sizes, of_pair = np.bincount(heads, minlength=count), heads[pairs[:, 0]]
    held = np.bincount(of_pair[same], minlength=count)
    series = (sizes >= _LONG) & (held < _LOOSE * sizes * (sizes - 1) / 2)
    return series[of_pair]


def _usual_distance(prints: np.ndarray, classes: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """For the first picture of each pair, how far (1 - correlation) others of its class are as a rule."""
    usual: dict[int, float] = {}
    for index in np.unique(pairs[:, 0]).tolist():
        others = np.flatnonzero(classes == classes[index])
        drawn = others[np.linspace(0, len(others) - 1, min(_DRAWN, len(others))).astype(int)]
        one = np.broadcast_to(prints[index].astype(np.float32), (len(drawn), SIDE, SIDE))
        usual[index] = float(np.median(1 - correlations(one, prints[drawn].astype(np.float32))))
    return np.array([usual[index] for index in pairs[:, 0].tolist()], np.float32)
