"""A box around what a heat map points at, and how well it fits one that is known."""

from __future__ import annotations

import cv2
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
    mask = (heat >= share * max(float(heat.max()), 1e-12)).astype(np.uint8)
    whole = 0, 0, heat.shape[1], heat.shape[0]
    _, _, regions, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    if len(regions) == 1:  # the background alone
        return whole
    left, top, width, height, _ = regions[1 + regions[1:, cv2.CC_STAT_AREA].argmax()].tolist()
    box = left, top, left + width, top + height
    return box_around(heat, 2 * share) if box == whole and share <= _MOST_SHARE / 2 else box


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
