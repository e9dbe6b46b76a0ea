"""Things that lie about, and things that hide part of the animal."""

from typing import Any

import numpy as np

from tlkit.samples.outlines import blob, limb, oval, rectangle
from tlkit.samples.palette import Colour, any_colour, mix
from tlkit.samples.sketch import Sketch, one_of


def thing(rng: np.random.Generator) -> Sketch:
    """Something to lie about, of size 1 around (0, 0)."""
    item, tone = Sketch(), any_colour(rng, (0.1, 0.8))
    one_of([_ball, _bowl, _box, _cushion, _pot], rng)(item, rng, tone, mix(tone, (0, 0, 0), 0.3))
    return item


def foreground(box: np.ndarray, rng: np.random.Generator) -> Sketch:
    """Something in front of part of the box; often nothing."""
    kinds = [_nothing, _fence, _grass, _leaves, _crate, _things]
    return one_of(kinds, rng, p=[0.6, 0.06, 0.09, 0.08, 0.07, 0.1])(box, rng)


def _ball(item: Sketch, rng: np.random.Generator, tone: Colour, dark: Colour) -> None:
    item.add(oval(0, 0, 0.8), tone)
    item.line([(-0.7, -0.3), (0, 0), (0.7, -0.3)], 0.15, dark)
    item.add(oval(-0.25, -0.35, 0.18, 0.12), mix(tone, (255, 255, 255), 0.5))


def _bowl(item: Sketch, rng: np.random.Generator, tone: Colour, dark: Colour) -> None:
    item.add([(-1, 0), (1, 0), (0.7, 0.7), (-0.7, 0.7)], tone)
    item.add(oval(0, 0, 1, 0.25), dark)


def _box(item: Sketch, rng: np.random.Generator, tone: Colour, dark: Colour) -> None:
    item.add(rectangle(-0.9, -0.6, 0.9, 0.7), tone)
    item.add([(-0.9, -0.6), (-0.6, -0.95), (1.15, -0.95), (0.9, -0.6)], mix(tone, (255, 255, 255), 0.25))
    item.add([(0.9, -0.6), (1.15, -0.95), (1.15, 0.4), (0.9, 0.7)], dark)


def _cushion(item: Sketch, rng: np.random.Generator, tone: Colour, dark: Colour) -> None:
    item.add(blob([(-1, -0.6), (0, -0.45), (1, -0.6), (0.9, 0), (1, 0.6), (0, 0.5), (-1, 0.6), (-0.9, 0)]), tone)
    item.add(oval(0, 0, 0.1), dark)


def _pot(item: Sketch, rng: np.random.Generator, tone: Colour, dark: Colour) -> None:
    leaf = any_colour(rng, (0.3, 0.7), (0.3, 0.7)) if rng.random() < 0.3 else (70, 120, 70)
    for turn in rng.uniform(-1.1, 1.1, 7):
        tip = (1.7 * np.sin(turn), -1.7 * np.cos(turn))
        item.add(
            limb([(0, 0), (tip[0] * 0.5, tip[1] * 0.6), tip], [0.1, 0.5, 0.05]),
            mix(leaf, (0, 0, 0), rng.uniform(0, 0.35)),
        )
    item.add([(-0.6, 0), (0.6, 0), (0.4, 1), (-0.4, 1)], tone)


def _nothing(*_: Any) -> Sketch:
    return Sketch()


def _fence(box: np.ndarray, rng: np.random.Generator) -> Sketch:
    left, top, right, bottom = box
    fence, tone = Sketch(), any_colour(rng, (0, 0.4), (0.3, 0.95))
    deep = 2 * bottom - top  # below the picture's edge
    step, top = (right - left) * rng.uniform(0.14, 0.24), top + (bottom - top) * rng.uniform(0.5, 0.75)
    thick = step * rng.uniform(0.25, 0.5)
    for y in (top + step * 0.5, bottom - step * 0.5):
        fence.add(rectangle(left - 9 * step, y, right + 9 * step, y + thick * 0.6), mix(tone, (0, 0, 0), 0.2))
    for x in np.arange(left - 3 * step, right + 3 * step, step):
        fence.add([(x, top), (x + thick / 2, top - thick), (x + thick, top), (x + thick, deep), (x, deep)], tone)
    return fence


def _grass(box: np.ndarray, rng: np.random.Generator) -> Sketch:
    left, top, right, bottom = box
    grass, tone = Sketch(), any_colour(rng, (0.3, 0.7), (0.3, 0.8)) if rng.random() < 0.3 else (92, 142, 66)
    high = (bottom - top) * rng.uniform(0.15, 0.4)
    for x in rng.uniform(left - high * 0.3, right + high * 0.3, 45):
        tip = (x + rng.normal(0, high * 0.3), bottom - high * rng.uniform(0.4, 1.2))
        grass.add(
            [(x - high * 0.06, bottom + high * 0.1), tip, (x + high * 0.06, bottom + high * 0.1)],
            mix(tone, (10, 30, 10), rng.uniform(0, 0.4)),
        )
    return grass


def _leaves(box: np.ndarray, rng: np.random.Generator) -> Sketch:
    left, top, right, bottom = box
    plant, pot = Sketch(), Sketch()
    _pot(pot, rng, any_colour(rng), (0, 0, 0))
    side = left if rng.random() < 0.5 else right
    high = (bottom - top) * rng.uniform(0.2, 0.38)
    plant.place(pot, (side + rng.normal(0, high * 0.4), bottom - high * 0.6), high)
    return plant


def _crate(box: np.ndarray, rng: np.random.Generator) -> Sketch:
    left, top, right, bottom = box
    front, tone = Sketch(), any_colour(rng, (0.1, 0.6))
    wide, x = (right - left) * rng.uniform(0.3, 0.9), rng.uniform(left, right)
    y = bottom - (bottom - top) * rng.uniform(0.15, 0.4)
    front.add(rectangle(x - wide / 2, y, x + wide / 2, 2 * bottom - top), tone)
    front.add(rectangle(x - wide / 2, y, x + wide / 2, y + (bottom - y) * 0.2), mix(tone, (255, 255, 255), 0.3))
    return front


def _things(box: np.ndarray, rng: np.random.Generator) -> Sketch:
    left, top, right, bottom = box
    front = Sketch()
    for _ in range(rng.integers(1, 4)):
        scale = (bottom - top) * rng.uniform(0.1, 0.22)
        front.place(thing(rng), (rng.uniform(left, right), bottom - scale * rng.uniform(0, 0.8)), scale)
    return front
