"""Drawn cats and dogs: a labelled set of pictures where none can be fetched."""

import csv
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import numpy as np
from PIL import Image

from tlkit.samples.bodies import animal
from tlkit.samples.clutter import foreground
from tlkit.samples.coats import cloth, markings, palette
from tlkit.samples.light import expose, round_off, soften
from tlkit.samples.outlines import oval
from tlkit.samples.palette import Colour
from tlkit.samples.scenery import background
from tlkit.samples.sketch import Sketch, render

Box = tuple[int, int, int, int]  # left, top, right, bottom
LABELS = ("cat", "dog")


def draw(
    folder: Path, *, count: int = 600, size: int = 256, seed: int = 7, on_picture: Callable[[int], None] | None = None
) -> None:
    """Write a set: `cats/`, `dogs/` and `boxes.csv`; the folder appears only once it is complete.

    Args:
        count: pictures of both kinds together; a larger set begins with the pictures of a smaller one.
        on_picture: called with 0, 1, 2, ... after each picture.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp()) / "drawn"
        >>> draw(folder, count=2, size=32)
        >>> sorted(path.name for path in folder.iterdir())
        ['boxes.csv', 'cats', 'dogs']
    """
    folder = Path(folder)
    if folder.exists():
        folder.rmdir()  # refuses, before any work, where something is in it
    desk = folder.with_name(f".{folder.name}-{uuid4().hex[:8]}")
    try:
        _fill(desk, count, size, seed, on_picture or (lambda index: None))
        desk.rename(folder)
    finally:
        shutil.rmtree(desk, ignore_errors=True)


def draw_one(index: int, *, size: int = 256, seed: int = 7) -> tuple[Image.Image, str, Box]:
    """One picture of the set, its label, and the box of what can be seen of the animal.

    Example:
        >>> picture, label, box = draw_one(0, size=32)
        >>> picture.size, label
        ((32, 32), 'cat')
    """
    rng, label = np.random.default_rng([seed, index]), LABELS[index % 2]
    fine = 2 * size  # drawn large and halved, for smooth edges
    figure, marks, colours = _posed(label, fine, rng)
    scene = _backdrop(size, figure.box() / 2, rng).resize((fine, fine), Image.Resampling.NEAREST)
    mask = Image.new("L", scene.size)
    edge = round(fine * rng.uniform(0.002, 0.008)) if rng.random() < 0.6 else 0
    render(figure, scene, colours, coat=cloth(marks, colours, fine, rng), edge=edge, mask=mask)
    render(foreground(figure.box(), rng), scene, mask=mask, cover=0)
    scene, mask = scene.reduce(2), mask.reduce(2)
    box = mask.getbbox()
    assert box is not None, "what hides an animal leaves some of it"
    return expose(round_off(scene, mask, rng), rng), label, box


def _fill(desk: Path, count: int, size: int, seed: int, on_picture: Callable[[int], None]) -> None:
    for label in LABELS:
        (desk / f"{label}s").mkdir(parents=True)
    rows, pool = [], ThreadPoolExecutor(min(4, os.cpu_count() or 1))  # Pillow lets go of the lock in its loops
    try:
        for index, row in enumerate(pool.map(lambda index: _save(desk, index, size, seed), range(count))):
            rows.append(row)
            on_picture(index)
    finally:
        pool.shutdown(cancel_futures=True)
    with open(desk / "boxes.csv", "w", newline="") as file:
        csv.writer(file).writerows([("path", "left", "top", "right", "bottom"), *rows])


def _save(desk: Path, index: int, size: int, seed: int) -> tuple[str, int, int, int, int]:
    picture, label, box = draw_one(index, size=size, seed=seed)
    path = f"{label}s/{index // 2 + 1:04d}.jpg"
    picture.save(desk / path, quality=90)
    return path, *box


def _posed(label: str, fine: int, rng: np.random.Generator) -> tuple[Sketch, Sketch, dict[str, Colour]]:
    """The animal and its markings, bent a little, turned, mirrored, scaled and put somewhere."""
    figure = animal(label, rng)
    marks = markings(figure.box(), rng)
    bend, turn = _bend(rng), rng.normal(0, 0.1)
    flip = (rng.choice([-1, 1]) * rng.uniform(0.88, 1.12), 1)
    figure, marks = (sketch.bent(bend).moved(scale=flip, turn=turn) for sketch in (figure, marks))
    left, top, right, bottom = figure.box()
    scale = fine * rng.uniform(0.75, 1.2) / max(right - left, bottom - top)
    middle = np.array([left + right, top + bottom]) / 2 * scale
    span = np.array([right - left, bottom - top]) * scale
    slack = np.abs(fine - span) / 2 + 0.04 * fine
    at = fine / 2 + rng.uniform((-1, -0.2), 1) * np.minimum(slack, 0.3 * fine) - middle
    return figure.moved(at, scale), marks.moved(at, scale), palette(label, rng)


def _bend(rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    size, pitch, phase = rng.uniform(0, 0.09, 2), rng.uniform(0.8, 2.2, 2), rng.uniform(0, 2 * np.pi, 2)
    return lambda points: points + size * np.sin(points[:, ::-1] * pitch + phase)


def _backdrop(size: int, box: np.ndarray, rng: np.random.Generator) -> Image.Image:
    """The place, with the shadow that the animal's box throws."""
    picture = Image.new("RGB", (size, size))
    render(background(rng).moved(scale=size), picture)
    if rng.random() < 0.6:
        left, top, right, bottom = box
        shadow, patch = Sketch(), Image.new("L", picture.size)
        ground = oval((left + right) / 2, bottom, (right - left) * 0.5, (bottom - top) * 0.06)
        shadow.add(ground, int(rng.integers(40, 115)))
        render(shadow, patch)
        picture.paste((20, 20, 24), (0, 0), patch)
    return soften(picture, rng)
