"""A box around what a heat map points at, and how well it fits one that is known."""

from __future__ import annotations

import numpy as np

Box = tuple[int, int, int, int]  # left, top, right, bottom
_MOST_SHARE = 0.8


def box_around(heat: np.ndarray, share: float = 0.1) -> Box:
    """The box of the largest connected region above `share` of a map's greatest value.

    Where that is the whole picture it tells nothing, and the share is doubled, up to four fifths.
    Reference: Zhou et al., 2016, who take 20 %; the more of a picture its object fills, the less fits.

    Example:
        >>> heat = np.zeros((8, 8))
        >>> heat[2:5, 3:7] = 1
        >>> box_around(heat)
        (3, 2, 7, 5)
    """
    region = _largest_region(heat >= share * max(float(heat.max()), 1e-12))
    rows, columns = np.nonzero(region.any(1))[0], np.nonzero(region.any(0))[0]
    if not len(rows):
        return 0, 0, heat.shape[1], heat.shape[0]
    box = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    whole = box == (0, 0, heat.shape[1], heat.shape[0])
    return box_around(heat, 2 * share) if whole and share <= _MOST_SHARE / 2 else box


def overlap(one: Box, other: Box) -> float:
    """The area that two boxes share, over the area that they cover together (IoU)."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0, width) * max(0, height)
    return shared / (_area(one) + _area(other) - shared)


def mass_inside(heat: np.ndarray, box: Box) -> tuple[float, float]:
    """The positive part of a map summed inside a box and outside of it."""
    positive = np.maximum(heat, 0)
    left, top, right, bottom = box
    inside = float(positive[top:bottom, left:right].sum())
    return inside, float(positive.sum()) - inside


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _largest_region(mask: np.ndarray) -> np.ndarray:
    """Each run of places takes its highest number, along rows and columns in turn; the commonest number wins."""
    before, labels = mask, np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while not np.array_equal(labels, before):
        before, labels = labels, _highest_of_runs(_highest_of_runs(labels).T).T
    numbers, counts = np.unique(labels[mask], return_counts=True)
    return labels == numbers[counts.argmax()] if len(numbers) else mask


def _highest_of_runs(labels: np.ndarray) -> np.ndarray:
    """In each row, what lies together between zeros gets the highest number in it."""
    flat = np.pad(labels, ((0, 0), (0, 1))).ravel()  # a zero at the end of each row keeps rows apart
    starts = np.concatenate([[0], np.flatnonzero((flat[1:] > 0) != (flat[:-1] > 0)) + 1])
    lengths = np.diff(np.append(starts, flat.size))
    highest = np.repeat(np.maximum.reduceat(flat, starts), lengths)
    return highest.reshape(labels.shape[0], -1)[:, :-1]
