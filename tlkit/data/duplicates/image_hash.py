"""Pictures that are the same to the eye: re-encoded, resized or mirrored copies, found without comparing every pixel.

A picture's print is its grey 32 x 32 miniature. The signs of the print's 64 lowest cosine waves are a hash that copies
share but for a few bits (Zauner, 2010: pHash, here with signs, which a mirror only flips where a wave is odd). Pairs of
near hashes are then compared print by print.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

SIDE = 32  # of a print
LEAST_SIDE = 48  # pixels below which pictures look alike too easily
ALIKE = 0.97  # correlation of prints from which on two pictures are near-copies
_MOST_BITS = 8
_LEAST_CONTRAST = 4.0  # standard deviation of grey below which there is nothing to compare
_WAVES = 8
_BLOCK, _STRIP = 512, 8192
_found: dict[bytes, np.ndarray] = {}

_COSINES = np.cos(np.pi * np.arange(_WAVES)[:, None] * (np.arange(SIDE)[None] + 0.5) / SIDE).astype(np.float32)


def picture_print(picture: Image.Image) -> np.ndarray:
    """The grey 32 x 32 miniature of an opened picture; a JPEG is decoded no larger than that needs.

    Example:
        >>> picture_print(Image.new("RGB", (64, 48), "white")).mean()
        np.float64(255.0)
    """
    drafted = picture.draft("L", (2 * SIDE, 2 * SIDE))
    if picture.mode == "P" or "A" in picture.mode:
        picture = picture.convert("RGB")
    box = drafted[1] if drafted else None  # the last blocks of a reduced JPEG reach over the edge
    grey = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX, box=box)
    return np.asarray(grey, np.uint8)


def near_prints(prints: np.ndarray) -> np.ndarray:
    """Pairs (n, 2) of pictures that are near-copies of one another, the lower number first.

    Args:
        prints: (pictures, 32, 32) miniatures.
    """
    flat = prints.reshape(len(prints), SIDE * SIDE)
    told = np.flatnonzero(flat.std(axis=1, dtype=np.float32) >= _LEAST_CONTRAST).tolist()
    first: dict[bytes, int] = {}
    same = np.array([(first.setdefault(flat[index].tobytes(), index), index) for index in told], int).reshape(-1, 2)
    unique = np.array([first[content] for content in sorted(first)], int)
    pairs = unique[_searched(prints[unique])]
    found = np.concatenate([same[same[:, 0] != same[:, 1]], pairs])
    return np.unique(np.sort(found, axis=1), axis=0)


def _searched(prints: np.ndarray) -> np.ndarray:
    """The near pairs among different prints; what was found last is known when a check follows a split."""
    key = hashlib.blake2b(prints.tobytes(), digest_size=16).digest()
    if key not in _found:
        pairs = _verified(prints.reshape(len(prints), SIDE * SIDE), near_hashes(hashes(prints), mirrored=True))
        _found.clear()
        _found[key] = pairs
    return _found[key]


def hashes(prints: np.ndarray) -> np.ndarray:
    """64 bits a print: the signs of its lowest cosine waves; bits of waves that a mirror turns over come last."""
    waves = _COSINES @ prints.astype(np.float32) @ _COSINES.T  # (n, vertical, horizontal)
    even, odd = waves[:, :, 0::2].reshape(len(prints), 32), waves[:, :, 1::2].reshape(len(prints), 32)
    even[:, 0] = even[:, 5]  # the mean says nothing
    return np.packbits(np.concatenate([even, odd], axis=1) > 0, axis=1).view(">u8")[:, 0].astype(np.uint64)


def near_hashes(values: np.ndarray, *, most: int = _MOST_BITS, mirrored: bool = False) -> np.ndarray:
    """Pairs (n, 2) of 64-bit hashes that differ in few bits; `mirrored`: also in all of the lower 32 but few."""
    upper, lower = (values >> np.uint64(32)).astype(np.uint32), values.astype(np.uint32)

    def row(start: int) -> np.ndarray:
        return _near_row(upper, lower, start, most, mirrored)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(row, range(0, len(values), _BLOCK)))
    return np.concatenate([np.empty((0, 2), np.int64), *found])


def _near_row(upper: np.ndarray, lower: np.ndarray, start: int, most: int, mirrored: bool) -> np.ndarray:
    found = [np.empty((0, 2), np.int64)]
    block = slice(start, start + _BLOCK)
    for left in range(start, len(upper), _STRIP):
        strip = slice(left, left + _STRIP)
        above = np.bitwise_count(upper[block, None] ^ upper[None, strip])
        rows, columns = np.divmod(np.flatnonzero(above <= most), above.shape[1])
        below = np.bitwise_count(lower[start + rows] ^ lower[left + columns])
        room = most - above[rows, columns]
        near = (below <= room) | (mirrored & (32 - below <= room))
        pairs = np.stack([start + rows[near], left + columns[near]], axis=1)
        found.append(pairs[pairs[:, 0] < pairs[:, 1]])
    return np.concatenate(found)


def _verified(flat: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    kept = [np.empty((0, 2), np.int64)]
    for start in range(0, len(pairs), _STRIP):
        chunk = pairs[start : start + _STRIP]
        one, other = _standardised(flat[chunk[:, 0]]), _standardised(flat[chunk[:, 1]])
        turned = other.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(len(other), -1)
        alike = np.maximum(np.einsum("ij,ij->i", one, other), np.einsum("ij,ij->i", one, turned))
        kept.append(chunk[alike >= ALIKE])
    return np.concatenate(kept)


def _standardised(rows: np.ndarray) -> np.ndarray:
    centred = rows.astype(np.float32) - rows.mean(axis=1, dtype=np.float32, keepdims=True)
    return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)


def clusters(count: int, links: np.ndarray | Sequence[tuple[int, int]]) -> np.ndarray:
    """A number for each of `count` items, the same for all that links hold together.

    Example:
        >>> clusters(4, [(0, 2)]).tolist()
        [0, 1, 0, 3]
    """
    heads = list(range(count))

    def head(item: int) -> int:
        while heads[item] != item:
            heads[item] = heads[heads[item]]
            item = heads[item]
        return item

    for one, other in np.asarray(links, int).reshape(-1, 2).tolist():
        low, high = sorted((head(one), head(other)))
        heads[high] = low
    return np.array([head(each) for each in range(count)], int)
