"""What makes a cat: its face from the front and from the side, and its tail."""

import numpy as np

from tlkit.samples.animal_heads import blaze, skull
from tlkit.samples.outlines import blob, limb, oval
from tlkit.samples.sketch import Sketch


def cat_front(rng: np.random.Generator) -> Sketch:
    """A cat's face: pointed ears, almond eyes, a short muzzle."""
    head, look = Sketch(), rng.uniform(-0.2, 0.2)
    _cat_ears(head, rng)
    wide, jaw = rng.uniform(0.95, 1.12), rng.uniform(0.78, 0.92)
    half = [(0, -0.84), (0.55, -0.74), (0.95, -0.2), (0.97, 0.22), (0.72, 0.62), (0.35, jaw)]
    head.add(skull(half, wide), "coat")
    blaze(head, rng, look)
    _cat_muzzle(head, rng, look)
    _cat_eyes(head, rng, look)
    if rng.random() < 0.75:
        _whiskers(head, rng, look)
    return head


def cat_side(rng: np.random.Generator) -> Sketch:
    """A cat's head looking right."""
    head, tip = Sketch(), rng.uniform(-1.5, -1.25)
    head.add([(0.1, -0.7), (0.42, tip + 0.1), (0.62, -0.5)], "shade")
    reach = rng.uniform(0.92, 1.06)
    head.add(blob([(-0.8, -0.1), (-0.55, -0.66), (0.05, -0.86), (0.6, -0.58), (0.8, -0.1), (reach, 0.18),
                   (0.95, 0.45), (0.6, 0.72), (0, 0.85), (-0.6, 0.6)]), "coat")  # fmt: skip
    head.add([(-0.6, -0.55), (-0.32, tip), (0.22, -0.72)], "coat")
    head.add([(-0.45, -0.68), (-0.28, tip + 0.25), (0.06, -0.74)], "pink")
    head.add(oval(0.74, 0.4, 0.25, 0.2), "light")
    head.add(blob([(reach - 0.08, 0.08), (reach + 0.05, 0.12), (reach, 0.25)]), "snout")
    head.line([(reach - 0.02, 0.3), (0.82, 0.46), (0.6, 0.46)], 0.04, "line")
    head.add(oval(0.48, -0.1, 0.16, 0.17), "iris")
    head.add(oval(0.54, -0.1, rng.uniform(0.03, 0.09), 0.15), "pupil")
    if rng.random() < 0.75:
        for lift in (-0.25, 0, 0.25):
            head.line([(0.7, 0.4), (0.4, 0.5 + lift), (-0.1, 0.5 + lift * 2)], 0.02, "whisker")
    return head


def cat_tail(rng: np.random.Generator) -> Sketch:
    """Long and of one width; grows to the left from (0, 0)."""
    tail, long, bow = Sketch(), rng.uniform(0.8, 1.25), rng.uniform(-0.5, 0.5)
    ends = {
        "raised": [(-0.55, -0.2), (-0.75, -1.0), (-0.6 + bow, -1.7), (-0.9 + bow, -2.1)],
        "level": [(-0.6, 0.1), (-1.2, 0.1 + bow), (-1.8, -0.2), (-2.0, -0.7)],
        "hanging": [(-0.5, 0.3), (-0.7, 1.0), (-1.0, 1.4), (-1.4, 1.2 + bow * 0.5)],
    }
    path = np.array([(0.2, 0.1), *ends[str(rng.choice(list(ends)))]]) * long
    thick = rng.uniform(0.24, 0.4)
    tail.add(limb(path, [thick * 1.2, thick, thick, thick * 0.85]), "coat")
    if rng.random() < 0.3:
        tail.add(limb(path[-2:], [thick * 0.95, thick * 0.85]), "light")
    return tail


def _cat_ears(head: Sketch, rng: np.random.Generator) -> None:
    tip, lean = rng.uniform(-1.55, -1.2), rng.uniform(0.6, 0.9)
    head.pair([(0.92, -0.2), (lean, tip), (0.12, -0.76)], "coat")
    head.pair([(0.8, -0.45), (lean - 0.01, tip + 0.2), (0.32, -0.78)], "pink")


def _cat_eyes(head: Sketch, rng: np.random.Generator, look: float) -> None:
    apart, y = rng.uniform(0.38, 0.5), rng.uniform(-0.16, 0.02)
    wide, high = rng.uniform(0.19, 0.26), rng.uniform(0.15, 0.23)
    slit, closed = rng.uniform(0.03, 0.12), rng.random() < 0.08
    for side in (-1, 1):
        x = side * apart + look
        if closed:
            head.line([(x - wide, y - 0.02), (x, y + 0.1), (x + wide, y - 0.02)], 0.05, "line")
            continue
        head.add(oval(x, y, wide + 0.04, high + 0.03, -side * 0.35), "line")
        head.add(oval(x, y, wide, high, -side * 0.35), "iris")
        head.add(oval(x, y, slit, high * 0.92), "pupil")
        head.add(oval(x + 0.06, y - 0.07, 0.035), "glint")


def _cat_muzzle(head: Sketch, rng: np.random.Generator, look: float) -> None:
    x, y, puff = look * 1.3, rng.uniform(0.2, 0.28), rng.uniform(0.2, 0.27)
    head.add(oval(x, y + 0.36, 0.17, 0.14), "light")
    for side in (-1, 1):
        head.add(oval(x + side * 0.17, y + 0.22, puff, puff * 0.75), "light")
    head.add(blob([(x - 0.1, y - 0.02), (x + 0.1, y - 0.02), (x, y + 0.12)]), "snout")
    for side in (-1, 1):
        head.line([(x, y + 0.1), (x + side * 0.05, y + 0.26), (x + side * 0.24, y + 0.25)], 0.035, "line")


def _whiskers(head: Sketch, rng: np.random.Generator, look: float) -> None:
    long, droop = rng.uniform(0.9, 1.3), rng.uniform(-0.1, 0.15)
    for side in (-1, 1):
        for lift in (-0.2, 0, 0.2):
            start, end = (look + side * 0.3, 0.44 + lift * 0.3), (look + side * (0.3 + long), 0.4 + lift * 1.6 + droop)
            middle = (look + side * (0.3 + long / 2), 0.38 + lift * 0.9)
            head.line([start, middle, end], 0.022, "whisker")
