"""Meshes in OFF files: read with care, and turned into an occupancy grid."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tlkit.data.files.regular_files import read_bytes
from tlkit.errors import DataError

MOST = 10_000_000  # vertices or faces of a file
_MOST_CORNERS = 1000
_HEADER = re.compile("(ST)?C?N?OFF", re.IGNORECASE)  # what colours, normals and textures say stands behind the place


def read_off(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The vertices (n, 3) and triangles (m, 3) of an OFF file; faces with more corners are cut into triangles.

    Example:
        >>> vertices, triangles = read_off(Path("chair.off"))  # doctest: +SKIP
    """
    try:
        lines = read_bytes(path).decode("ascii", errors="replace").splitlines()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    rows = _rows(lines)
    try:
        num_vertices, num_faces = _counts(path, rows, len(lines))
        vertices = [_vertex(path, *next(rows)) for _ in range(num_vertices)]
        triangles = [corners for _ in range(num_faces) for corners in _face(path, *next(rows), num_vertices)]
    except StopIteration:
        raise DataError(f"{path}: cut short after line {len(lines)}, before all its vertices and faces") from None
    return np.array(vertices, np.float64), np.array(triangles, np.int64)


def voxelize(vertices: np.ndarray, triangles: np.ndarray, size: int, *, fill: bool = False) -> np.ndarray:
    """A mesh as a grid (size, size, size, 1) of 0 and 1: the cells that its surface runs through.

    The mesh is scaled, by one factor, into the grid with a free cell all around, and put in its middle; x, y and z of
    the mesh are the first three axes. With `fill`, cells that cannot be reached from outside count too.

    Example:
        >>> corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
        >>> int(voxelize(corners, np.array([[0, 1, 3], [0, 3, 2]]), 6).sum())
        16
    """
    low, high = vertices.min(0), vertices.max(0)
    scale = (size - 2) / max(float((high - low).max()), 1e-12) * (1 - 1e-9)
    placed = (vertices - (low + high) / 2) * scale + size / 2
    grid = np.zeros((size, size, size), np.uint8)
    for points in _surface(placed[triangles]):
        cells = np.clip(points.astype(int), 0, size - 1)
        grid[cells[:, 0], cells[:, 1], cells[:, 2]] = 1
    return (filled(grid) if fill else grid)[..., None]


def filled(grid: np.ndarray) -> np.ndarray:
    """A grid with every hollow filled that cannot be reached from its border through the six sides of cells."""
    free = np.pad(grid == 0, 1, constant_values=True)
    outside = np.zeros_like(free)
    outside[0] = True
    while True:
        grown = outside.copy()
        for axis in range(3):
            ahead, behind = [slice(None)] * 3, [slice(None)] * 3
            ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
            grown[tuple(ahead)] |= outside[tuple(behind)]
            grown[tuple(behind)] |= outside[tuple(ahead)]
        grown &= free
        if (grown == outside).all():
            return (~outside[1:-1, 1:-1, 1:-1]).astype(np.uint8)
        outside = grown


def _surface(corners: np.ndarray) -> Iterator[np.ndarray]:
    """Points on triangles (m, 3, 3), under half a cell from each other; triangles of like size together."""
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(1)
    parts = np.maximum(1, np.ceil(2.5 * sides)).astype(int)
    for count in np.unique(parts):
        steps = np.arange(count + 1)
        a, b = (each.ravel() for each in np.meshgrid(steps, steps, indexing="ij"))
        inside = a + b <= count
        weights = np.stack([a, b, count - a - b], axis=1)[inside] / count  # (points, 3)
        for chunk in np.array_split(corners[parts == count], 1 + len(weights) * int((parts == count).sum()) // 10**6):
            yield np.einsum("pc,tcx->tpx", weights, chunk).reshape(-1, 3)


def _rows(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """(line, words) of every line that says something."""
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].split()
        if words:
            yield number, words


def _counts(path: Path, rows: Iterator[tuple[int, list[str]]], num_lines: int) -> tuple[int, int]:
    line, words = next(rows, (1, [""]))
    word = _HEADER.match(words[0])
    if not word or "BINARY" in words[1:]:
        raise DataError(f"{path}:{line}: expected an OFF file in text, found '{_shown(words)}'")
    words = [each for each in (words[0][word.end() :], *words[1:]) if each]  # counts may follow at once
    if not words:
        line, words = next(rows)
    try:
        vertices, faces = (int(each) for each in words[:2])
    except ValueError:
        raise DataError(f"{path}:{line}: expected the numbers of vertices and faces, found '{_shown(words)}'") from None
    found = f"{vertices} vertices and {faces} faces"
    if not (3 <= vertices <= MOST and 1 <= faces <= MOST):
        raise DataError(f"{path}:{line}: expected 3 vertices and 1 face or more, at most {MOST:,}, found {found}")
    if vertices + faces > num_lines:
        raise DataError(f"{path}:{line}: cut short, or nonsense counts: {found} announced in {num_lines} lines")
    return vertices, faces


def _vertex(path: Path, line: int, words: list[str]) -> list[float]:
    try:
        place = [float(each) for each in words[:3]]
    except ValueError:
        place = []
    if len(place) != 3 or not np.isfinite(place).all():
        raise DataError(f"{path}:{line}: expected three numbers for a vertex, found '{_shown(words)}'")
    return place


def _face(path: Path, line: int, words: list[str], num_vertices: int) -> list[tuple[int, int, int]]:
    try:
        count = int(words[0])
        corners = [int(each) for each in words[1 : count + 1]]
    except ValueError:
        count, corners = 0, []
    if not 3 <= count <= _MOST_CORNERS or len(corners) != count:
        raise DataError(
            f"{path}:{line}: expected a face (its number of corners, then their vertices), found '{_shown(words)}'"
        )
    if min(corners) < 0 or max(corners) >= num_vertices:
        wrong = next(each for each in corners if not 0 <= each < num_vertices)
        raise DataError(f"{path}:{line}: a face names vertex {wrong}; there are {num_vertices}, counted from 0")
    return [(corners[0], *pair) for pair in itertools.pairwise(corners[1:])]


def _shown(words: list[str]) -> str:
    return " ".join(words)[:40]
