"""What makes a dog: its face from the front and from the side, and its tail."""

import numpy as np

from tlkit.samples.animal_heads import blaze, skull
from tlkit.samples.outlines import blob, limb, oval
from tlkit.samples.sketch import Sketch, one_of


def dog_front(rng: np.random.Generator) -> Sketch:
    """A dog's face: a long muzzle with a big nose, round eyes, ears of three kinds."""
    head, look = Sketch(), rng.uniform(-0.2, 0.2)
    ears = one_of([_floppy_ears, _half_pricked_ears, _pricked_ears], rng, p=[0.64, 0.22, 0.14])
    behind = ears is not _floppy_ears or rng.random() < 0.4
    if behind:
        ears(head, rng)
    wide = rng.uniform(0.82, 1.02)
    half = [(0, -0.86), (0.52, -0.78), (0.88, -0.28), (0.84, 0.2), (0.6, 0.66), (0.32, 0.95)]
    head.add(skull(half, wide), "coat")
    blaze(head, rng, look)
    _dog_muzzle(head, rng, look)
    _dog_eyes(head, rng, look)
    if not behind:
        ears(head, rng)
    return head


def dog_side(rng: np.random.Generator) -> Sketch:
    """A dog's head looking right, the muzzle well ahead of the brow."""
    head, reach = Sketch(), rng.uniform(1.35, 1.75)
    ear = rng.choice(["floppy", "pricked"], p=[0.75, 0.25])
    if ear == "pricked":
        head.add(blob([(0.05, -0.6), (0.2, -1.35), (0.45, -0.55)]), "shade")
    if rng.random() < 0.45:
        head.add(limb([(reach - 0.4, 0.5), (reach - 0.3, 0.8), (reach - 0.32, 1.0)], [0.2, 0.24, 0.2]), "tongue")
    head.add(blob([(-0.75, -0.1), (-0.5, -0.62), (0.05, -0.78), (0.5, -0.55), (0.72, -0.2), (reach - 0.1, -0.08),
                   (reach, 0.18), (reach - 0.15, 0.46), (0.7, 0.6), (0.1, 0.78), (-0.55, 0.6)]), "coat")  # fmt: skip
    if rng.random() < 0.5:
        head.add(blob([(0.85, -0.1), (reach - 0.1, -0.03), (reach - 0.03, 0.2), (reach - 0.18, 0.42), (0.85, 0.5),
                       (0.7, 0.2)]), "light")  # fmt: skip
    head.add(oval(reach - 0.03, -0.02, 0.18, 0.15), "nose")
    head.line([(reach - 0.1, 0.3), (1.05, 0.4), (0.72, 0.3)], 0.045, "line")
    head.add(oval(0.42, -0.22, 0.11, 0.12), "iris")
    head.add(oval(0.44, -0.22, 0.075), "pupil")
    head.add(oval(0.47, -0.26, 0.03), "glint")
    _near_ear(head, rng, ear)
    return head


def dog_tail(rng: np.random.Generator) -> Sketch:
    """Whip, brush, curl or stub; grows to the left from (0, 0)."""
    tail, long = Sketch(), rng.uniform(0.8, 1.2)
    kinds = {
        "whip": ([(-0.6, -0.4), (-1.1, -0.9), (-1.3, -1.5)], [0.34, 0.24, 0.1]),
        "brush": ([(-0.5, 0.1), (-1.0, 0.5), (-1.4, 0.9)], [0.3, 0.6, 0.5, 0.12]),
        "flag": ([(-0.5, -0.5), (-0.9, -1.0), (-1.3, -1.0)], [0.3, 0.6, 0.5, 0.1]),
        "curl": ([(-0.4, -0.5), (-0.2, -1.0), (0.2, -0.9)], [0.4, 0.42, 0.34, 0.2]),
        "stub": ([(-0.3, -0.2), (-0.45, -0.4)], [0.34, 0.26, 0.2]),
    }
    path, widths = kinds[str(rng.choice(list(kinds)))]
    tail.add(limb(np.array([(0.2, 0.1), *path]) * long, widths), "coat")
    return tail


def _near_ear(head: Sketch, rng: np.random.Generator, ear: str) -> None:
    if ear == "pricked":
        head.add(blob([(-0.5, -0.4), (-0.35, -1.4), (0.12, -0.6), (-0.1, -0.4)]), "coat")
    else:
        drop = rng.uniform(0.4, 0.95)
        head.add(blob([(0, -0.68), (-0.1, 0), (-0.15, drop), (-0.45, drop + 0.12), (-0.62, drop - 0.4),
                       (-0.5, -0.45)]), "shade")  # fmt: skip


def _floppy_ears(head: Sketch, rng: np.random.Generator) -> None:
    drop, out = rng.uniform(0.25, 0.9), rng.uniform(1.0, 1.25)
    paint = rng.choice(["shade", "coat"])
    head.pair(blob([(0.48, -0.8), (0.85, -0.72), (out, -0.2), (out, drop * 0.7), (out - 0.2, drop),
                    (0.78, drop * 0.6), (0.75, -0.2)]), str(paint))  # fmt: skip


def _half_pricked_ears(head: Sketch, rng: np.random.Generator) -> None:
    top, fold = rng.uniform(-1.25, -1.0), rng.uniform(0.35, 0.6)
    head.pair([(0.9, -0.3), (0.85, top), (0.5, top - 0.06), (0.2, -0.75)], "coat")
    head.pair(blob([(0.48, top - 0.06), (0.9, top), (1.12, top + fold), (0.85, top + fold * 0.6)]), "shade")


def _pricked_ears(head: Sketch, rng: np.random.Generator) -> None:
    tip, lean = rng.uniform(-1.7, -1.3), rng.uniform(0.5, 0.8)
    head.pair(
        blob([(0.84, -0.35), (lean + 0.2, tip * 0.72), (lean, tip), (lean - 0.27, tip * 0.75), (0.2, -0.7)]), "coat"
    )
    head.pair(blob([(0.7, -0.5), (lean + 0.09, tip * 0.75), (lean, tip + 0.2), (0.35, -0.7)]), "pink")


def _dog_eyes(head: Sketch, rng: np.random.Generator, look: float) -> None:
    apart, y, size = rng.uniform(0.32, 0.45), rng.uniform(-0.25, -0.1), rng.uniform(0.09, 0.14)
    brows, closed = rng.random() < 0.3, rng.random() < 0.05
    for side in (-1, 1):
        x = side * apart + look
        if brows:
            head.add(oval(x, y - 0.25, 0.14, 0.07, side * 0.3), "light")
        if closed:
            head.line([(x - 0.15, y), (x, y + 0.07), (x + 0.15, y)], 0.05, "line")
            continue
        head.add(oval(x, y, size + 0.035), "line")
        head.add(oval(x, y, size), "iris")
        head.add(oval(x, y + 0.01, size * 0.7), "pupil")
        head.add(oval(x + 0.04, y - 0.05, 0.035), "glint")


def _dog_muzzle(head: Sketch, rng: np.random.Generator, look: float) -> None:
    x, y = look * 1.5, rng.uniform(0.16, 0.3)
    wide, long = rng.uniform(0.36, 0.52), rng.uniform(0.4, 0.55)
    if rng.random() < 0.45:
        tip = y + long + rng.uniform(0.35, 0.6)
        head.add(limb([(x, y + 0.4), (x + 0.03, tip - 0.15), (x + 0.04, tip)], [0.3, 0.34, 0.24]), "tongue")
    paint = "light" if rng.random() < 0.6 else "coat"
    head.add(blob([(x, y - 0.22), (x + wide * 0.8, y), (x + wide, y + long * 0.7), (x + wide * 0.5, y + long),
                   (x, y + long * 0.92), (x - wide * 0.5, y + long), (x - wide, y + long * 0.7),
                   (x - wide * 0.8, y)]), paint)  # fmt: skip
    size = rng.uniform(0.19, 0.28)
    head.add(blob([(x, y - size * 0.6), (x + size, y - size * 0.4), (x + size * 0.6, y + size * 0.5),
                   (x, y + size * 0.8), (x - size * 0.6, y + size * 0.5), (x - size, y - size * 0.4)]),
             "nose")  # fmt: skip
    head.add(oval(x - 0.05, y - 0.06, 0.06, 0.03), "glint")
    for side in (-1, 1):
        head.line(
            [(x, y + 0.1), (x + side * 0.04, y + long * 0.72), (x + side * wide * 0.75, y + long * 0.68)], 0.045, "line"
        )
