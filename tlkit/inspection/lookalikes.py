"""Examples that frozen features take for nearly the same: copies that were cropped, turned or recoloured."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tlkit.data.duplicates.image_hash import clusters
from tlkit.inspection.duplicates import Pairs, parted
from tlkit.inspection.findings import Finding, Level, count_of
from tlkit.inspection.subject import InspectedData

_COSINE = 0.9  # of features; the nearest of 1,500 different photographs of cats and dogs have 0.83
_NEARER = 6.0  # times as near as examples of one class are to one another
_LONG = 6  # examples from which on a cluster is a series, which prints judge
_MOST = 30_000  # examples, since all are compared with all
_CROWDED = 100  # pairs for each example from which on all is alike
_DRAWN, _BLOCK = 64, 1024


def find_look_alikes(subject: InspectedData, indices: np.ndarray, features: np.ndarray) -> Iterator[Finding]:
    """Pairs among the examples at `indices`, whose features these are, that are no near-copies by other signs."""
    if len(indices) > _MOST:
        return
    classes = np.zeros(len(indices)) if subject.classes is None else subject.classes[indices]
    pairs = indices[alike_features(features, classes)]
    known = {tuple(sorted(pair)) for pair in [*subject.near.tolist(), *subject.alike.neighbours.tolist()]}
    new = [pair for pair in pairs.tolist() if subject.ids[pair[0]] != subject.ids[pair[1]] and tuple(pair) not in known]
    across, within = parted(subject, np.array(new, int).reshape(-1, 2))
    told: tuple[tuple[Level, Pairs, str], ...] = (
        ("warning", across, "an earlier part"),
        ("note", within, "the same part"),
    )
    for level, found, where in told:
        if found:
            text = (
                f"{count_of(len(found), 'example')} nearly the same to frozen features as another in {where}: "
                "cropped, turned or recoloured copies?"
            )
            yield Finding(
                level, "look-alikes", text, [[subject.shown(one), subject.shown(other)] for one, other in found]
            )


def alike_features(features: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Pairs (n, 2) of rows of high cosine, far nearer than others of their class; rows of long series are left out.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(6, 40))
        >>> alike_features(np.concatenate([rows, rows[:1] * 2]), np.zeros(7)).tolist()
        [[0, 6]]
    """
    rows = features.reshape(len(features), -1).astype(np.float32)
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    found = [np.empty((0, 2), int)]
    for start in range(0, len(rows), _BLOCK):
        pairs = np.argwhere(np.triu(rows[start : start + _BLOCK] @ rows[start:].T, 1) >= _COSINE)
        if len(pairs) > _CROWDED * _BLOCK:
            return found[0]  # all is alike to these features: they tell no copies
        found.append(pairs + start)
    pairs = _short(len(rows), np.concatenate(found))
    return _nearer(pairs, rows, classes)


def _nearer(pairs: np.ndarray, rows: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The pairs that are near as their class goes."""
    distances = 1 - np.einsum("ij,ij->i", rows[pairs[:, 0]], rows[pairs[:, 1]])
    usual = {index: _usual(index, rows, classes) for index in np.unique(pairs[:, 0]).tolist()}
    return pairs[distances <= np.array([usual[index] / _NEARER for index in pairs[:, 0].tolist()])]


def _usual(index: int, rows: np.ndarray, classes: np.ndarray) -> float:
    others = np.flatnonzero(classes == classes[index])
    drawn = others[np.linspace(0, len(others) - 1, min(_DRAWN, len(others))).astype(int)]
    return float(np.median(1 - rows[drawn] @ rows[index]))


def _short(count: int, pairs: np.ndarray) -> np.ndarray:
    """The pairs that stand alone, not in a long series or a crowd."""
    heads = clusters(count, pairs)
    sizes = np.bincount(heads, minlength=count)
    return pairs[sizes[heads[pairs[:, 0]]] < _LONG]
