"""Where the animal is: rooms, meadows and streets, sketched in a unit square and painted to any size."""

from typing import Any

import numpy as np

from tlkit.samples.clutter import thing
from tlkit.samples.outlines import blob, oval, rectangle
from tlkit.samples.palette import Colour, any_colour, from_hsv, mix
from tlkit.samples.sketch import Paint, Sketch, one_of


def background(rng: np.random.Generator) -> Sketch:
    """A place, with a few things in it."""
    place = one_of([_meadow, _room, _street, _studio, _lights], rng, p=[0.27, 0.31, 0.1, 0.22, 0.1])
    scene = place(rng)
    for _ in range(rng.integers(0, 3)):
        at = (rng.uniform(0, 1), rng.uniform(0.45, 1.0))
        scene.place(thing(rng), at, rng.uniform(0.06, 0.22), rng.normal(0, 0.2))
    return scene


def _ground(paint: Paint) -> Sketch:
    scene = Sketch()
    scene.add(rectangle(-0.1, -0.1, 1.1, 1.1), paint)
    return scene


def _meadow(rng: np.random.Generator) -> Sketch:
    sky = any_colour(rng, (0.1, 0.5), (0.6, 0.98)) if rng.random() < 0.2 else (150, 195, 228)
    scene, horizon = _ground(sky), rng.uniform(0.3, 0.75)
    _clouds(scene, rng, horizon, mix(sky, (255, 255, 255), 0.7))
    green = from_hsv(rng.uniform(0.15, 0.4), rng.uniform(0.25, 0.7), rng.uniform(0.35, 0.8))
    for depth in range(rng.integers(1, 4)):
        _hill(scene, rng, horizon, mix(green, sky, 0.5 - 0.1 * depth))
    for x in rng.uniform(0, 1, rng.integers(0, 5)):
        _tree(scene, rng, x, horizon, green)
    scene.add(rectangle(-0.1, horizon, 1.1, 1.1), green)
    for x, y in rng.uniform((0, horizon), (1, 1), (int(rng.integers(0, 90)), 2)):
        blade = mix(green, (20, 40, 10) if rng.random() < 0.6 else (230, 230, 140), 0.35)
        scene.add([(x - 0.006, y), (x + rng.normal(0, 0.015), y - 0.05), (x + 0.006, y)], blade)
    return scene


def _clouds(scene: Sketch, rng: np.random.Generator, horizon: float, tone: Colour) -> None:
    for _ in range(rng.integers(0, 4)):
        x, y = rng.uniform(0, 1), rng.uniform(0, horizon * 0.7)
        for shift in rng.uniform(-0.12, 0.12, 3):
            scene.add(oval(x + shift, y, rng.uniform(0.05, 0.13), 0.04), tone)


def _hill(scene: Sketch, rng: np.random.Generator, horizon: float, tone: Colour) -> None:
    peak, x = horizon - rng.uniform(0.02, 0.2), rng.uniform(-0.2, 1.2)
    scene.add(blob([(x - 0.7, 1), (x - 0.2, peak + 0.1), (x, peak), (x + 0.2, peak + 0.1), (x + 0.7, 1)]), tone)


def _tree(scene: Sketch, rng: np.random.Generator, x: float, ground: float, green: Colour) -> None:
    high = rng.uniform(0.15, 0.4)
    scene.line([(x, ground + 0.02), (x, ground - high)], 0.025, (96, 74, 56))
    leaf = mix(green, (20, 50, 30), rng.uniform(0.1, 0.5))
    if rng.random() < 0.5:
        scene.add([(x - 0.1, ground - 0.05), (x, ground - high - 0.15), (x + 0.1, ground - 0.05)], leaf)
    else:
        scene.add(oval(x, ground - high, rng.uniform(0.07, 0.14), rng.uniform(0.08, 0.16)), leaf)


def _room(rng: np.random.Generator) -> Sketch:
    wall, floor, low = any_colour(rng), any_colour(rng, (0.1, 0.5), (0.25, 0.8)), rng.uniform(0.5, 0.88)
    scene = _ground(wall)
    one_of([_bare, _wall_stripes, _wall_dots, _wall_frames, _wall_window], rng)(scene, rng, wall, low)
    scene.add(rectangle(-0.1, low, 1.1, 1.1), floor)
    scene.add(rectangle(-0.1, low - 0.02, 1.1, low), mix(wall, (255, 255, 255), rng.uniform(0.1, 0.7)))
    if rng.random() < 0.4:
        for x in np.arange(rng.uniform(-0.3, 0), 1.3, rng.uniform(0.1, 0.25)):
            scene.line([(x, low), ((x - 0.5) * 1.8 + 0.5, 1.05)], 0.006, mix(floor, (0, 0, 0), 0.3))
    one_of([_bare, _sofa, _rug, _shelf], rng)(scene, rng, wall, low)
    return scene


def _wall_stripes(scene: Sketch, rng: np.random.Generator, wall: Colour, low: float) -> None:
    step, tone = rng.uniform(0.04, 0.15), mix(wall, any_colour(rng), rng.uniform(0.15, 0.6))
    for x in np.arange(0, 1, step):
        scene.add(rectangle(x, 0, x + step * 0.5, low), tone)


def _wall_dots(scene: Sketch, rng: np.random.Generator, wall: Colour, low: float) -> None:
    step, tone = rng.uniform(0.07, 0.14), mix(wall, any_colour(rng), rng.uniform(0.2, 0.7))
    for y in np.arange(0, low, step):
        for x in np.arange(0, 1, step):
            scene.add(oval(x, y, step * 0.2, num=8), tone)


def _wall_frames(scene: Sketch, rng: np.random.Generator, wall: Colour, low: float) -> None:
    for _ in range(rng.integers(1, 4)):
        x, y, wide, high = *rng.uniform(0, 0.8, 2), *rng.uniform(0.1, 0.3, 2)
        scene.add(rectangle(x, y * low, x + wide, y * low + high), any_colour(rng, value=(0.2, 0.6)))
        scene.add(rectangle(x + 0.02, y * low + 0.02, x + wide - 0.02, y * low + high - 0.02), any_colour(rng))
        scene.add(oval(x + wide / 2, y * low + high / 2, wide * 0.25, high * 0.2), any_colour(rng))


def _wall_window(scene: Sketch, rng: np.random.Generator, wall: Colour, low: float) -> None:
    x, wide, top = rng.uniform(0, 0.6), rng.uniform(0.25, 0.5), rng.uniform(0, 0.15)
    bottom = low * rng.uniform(0.6, 0.9)
    frame = any_colour(rng, (0, 0.2), (0.6, 1))
    scene.add(rectangle(x, top, x + wide, bottom), frame)
    for left in (x + 0.02, x + wide / 2 + 0.01):
        scene.add(rectangle(left, top + 0.02, left + wide / 2 - 0.03, bottom - 0.02), (190, 220, 238))


def _sofa(scene: Sketch, rng: np.random.Generator, wall: Colour, low: float) -> None:
    tone, left, right = any_colour(rng), rng.uniform(-0.2, 0.3), rng.uniform(0.7, 1.2)
    scene.add(blob([(left, low - 0.25), (right, low - 0.25), (right, low + 0.15), (left, low + 0.15)]), tone)
    scene.add(rectangle(left, low, right, low + 0.2), mix(tone, (0, 0, 0), 0.15))
    for x in (left, right):
        scene.add(oval(x, low + 0.05, 0.08, 0.17), mix(tone, (0, 0, 0), 0.25))


def _rug(scene: Sketch, rng: np.random.Generator, wall: Colour, low: float) -> None:
    x, tone = rng.uniform(0.3, 0.7), any_colour(rng)
    scene.add(oval(x, (low + 1) / 2 + 0.05, 0.4, 0.12), tone)
    scene.add(oval(x, (low + 1) / 2 + 0.05, 0.32, 0.09), mix(tone, (255, 255, 255), 0.3))


def _shelf(scene: Sketch, rng: np.random.Generator, wall: Colour, low: float) -> None:
    left, top = rng.uniform(0, 0.7), rng.uniform(0, 0.3)
    scene.add(rectangle(left, top, left + 0.3, low + 0.03), any_colour(rng, (0.2, 0.5), (0.25, 0.6)))
    for y in np.arange(top + 0.03, low - 0.1, 0.16):
        for x in np.arange(left + 0.02, left + 0.26, 0.04):
            scene.add(rectangle(x, y + rng.uniform(0, 0.05), x + 0.034, y + 0.13), any_colour(rng))


def _street(rng: np.random.Generator) -> Sketch:
    wall = any_colour(rng, (0.1, 0.5), (0.35, 0.8))
    scene, low = _ground(wall), rng.uniform(0.55, 0.85)
    for row, y in enumerate(np.arange(0, low, 0.07)):
        for x in np.arange(-0.1 + 0.07 * (row % 2), 1, 0.14):
            tone = mix(wall, (0, 0, 0) if rng.random() < 0.5 else (255, 255, 255), rng.uniform(0, 0.2))
            scene.add(rectangle(x, y, x + 0.13, y + 0.06), tone)
    scene.add(rectangle(-0.1, low, 1.1, 1.1), any_colour(rng, (0, 0.15), (0.35, 0.7)))
    return scene


def _studio(rng: np.random.Generator) -> Sketch:
    return _ground(any_colour(rng))


def _lights(rng: np.random.Generator) -> Sketch:
    tone = any_colour(rng)
    scene = _ground(tone)
    for _ in range(rng.integers(10, 45)):
        scene.add(
            oval(rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.02, 0.16)),
            mix(tone, any_colour(rng), rng.uniform(0.2, 0.8)),
        )
    return scene


def _bare(*_: Any) -> None:
    """Nothing there."""
