"""Whole animals in five poses, facing right, built around a head of radius 1."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tlkit.samples.cats import cat_front, cat_side, cat_tail
from tlkit.samples.dogs import dog_front, dog_side, dog_tail
from tlkit.samples.outlines import blob, limb, oval
from tlkit.samples.sketch import Paint, Sketch, one_of

Draw = Callable[[np.random.Generator], Sketch]


class Species(NamedTuple):
    """What a pose must know of the animal it draws."""

    front: Draw
    side: Draw
    tail: Draw
    neck: tuple[float, float]  # shortest, longest
    legs: tuple[float, float]


def animal(label: str, rng: np.random.Generator) -> Sketch:
    """A cat or a dog in some pose."""
    poses = [standing, sitting_side, sitting_front, lying, portrait]
    pose = one_of(poses, rng, p=[0.09, 0.08, 0.13, 0.08, 0.62])
    return pose(SPECIES[label], rng)


def standing(species: Species, rng: np.random.Generator) -> Sketch:
    """On four legs, still or walking."""
    figure = Sketch()
    long, high = rng.uniform(1.3, 1.9), rng.uniform(0.6, 0.85)  # half axes
    leg, stride = rng.uniform(*species.legs), rng.uniform(-0.4, 0.4)
    neck, chest = rng.uniform(*species.neck), long - 0.35
    figure.place(species.tail(rng), (-long + 0.15, -high * 0.45))
    for x, step in ((chest + 0.2, -stride), (-chest, stride)):
        _leg(figure, x + 0.1, high * 0.2, high + leg, step, "shade")
    arch = rng.uniform(-0.15, 0.1)
    figure.add(blob([(-long, -0.1), (-long * 0.7, -high * 0.85), (0, -high * 0.85 + arch), (long * 0.6, -high),
                     (long, -high * 0.5), (long, high * 0.4), (long * 0.5, high * 0.95), (0, high * 0.8),
                     (-long * 0.6, high * 0.75), (-long * 0.95, high * 0.6)]), "coat")  # fmt: skip
    for x, step in ((chest, stride), (-chest - 0.1, -stride)):
        _leg(figure, x, high * 0.2, high + leg, step, "coat")
    _head(figure, species, rng, (long + 0.2, -high - neck), (long - 0.4, -high * 0.4))
    return figure


def sitting_side(species: Species, rng: np.random.Generator) -> Sketch:
    """Seated, seen from its side."""
    figure, lean, fat = Sketch(), rng.uniform(-0.15, 0.25), rng.uniform(0.85, 1.25)
    figure.place(species.tail(rng), (-1.1 * fat, 1.25), turn=rng.uniform(-0.9, 0.1))
    _leg(figure, 0.75, -0.1, 1.5, 0.25, "shade")
    back = [(0.25, -1.5), (-0.35 * fat, -0.9), (-0.95 * fat, 0), (-1.25 * fat, 0.9), (-1.0 * fat, 1.55)]
    belly = [(0.2, 1.55), (0.75, 0.8), (0.95 + lean, -0.1), (0.9 + lean, -1.0)]
    figure.add(blob(back + belly), "coat")
    figure.add(oval(-0.5 * fat, 0.98, 0.72 * fat, 0.6), "coat")
    figure.add(oval(0.1, 1.52, 0.48, 0.18), "light")
    _leg(figure, 0.65, -0.3, 1.5, 0.12, "coat")
    rise = rng.uniform(*species.neck)
    _head(figure, species, rng, (0.65 + lean, -1.55 - rise), (0.4, -0.8))
    return figure


def sitting_front(species: Species, rng: np.random.Generator) -> Sketch:
    """Seated, facing the viewer."""
    figure, fat, low = Sketch(), rng.uniform(0.8, 1.2), rng.uniform(1.2, 1.9)
    figure.place(species.tail(rng), (-0.9 * fat, low - 0.25), turn=rng.uniform(-0.9, 0.2))
    half = np.array([(0, -1.5), (0.6, -1.1), (0.9, 0), (1.2, low - 0.6), (1.1, low), (0, low + 0.05)]) * (fat, 1)
    figure.add(blob(np.concatenate([half, half[-2:0:-1] * (-1, 1)])), "coat")
    figure.pair(oval(0.85 * fat, low - 0.08, 0.42, 0.22), "shade")
    if rng.random() < 0.5:
        figure.add(blob([(0, -1.2), (0.5, -0.6), (0.3, 0.1), (0, 0.35), (-0.3, 0.1), (-0.5, -0.6)]), "light")
    for x in (-0.33, 0.33):
        _leg(figure, x * fat, 0, low, 0, "coat")
    head = species.front(rng)
    figure.place(head, (rng.uniform(-0.15, 0.15), -1.45 - rng.uniform(0.2, 0.6)), turn=rng.normal(0, 0.14))
    return figure


def lying(species: Species, rng: np.random.Generator) -> Sketch:
    """On its belly, paws ahead."""
    figure, long = Sketch(), rng.uniform(1.6, 2.3)
    figure.place(species.tail(rng), (-long + 0.1, 0.45), turn=rng.uniform(-1.1, -0.1))
    reach = rng.uniform(1.5, 2.2)
    figure.add(limb([(0.9, 0.5), (1.4, 0.6), (reach + 0.2, 0.62)], [0.5, 0.4, 0.36]), "shade")
    figure.add(blob([(-long, 0.2), (-long * 0.8, -0.5), (-0.6, -0.75), (0.4, -0.7), (1.0, -0.5), (1.35, 0.2),
                     (1.1, 0.78), (-long * 0.9, 0.8)]), "coat")  # fmt: skip
    figure.add(oval(-long * 0.62, 0.25, 0.72, 0.55), "coat")
    figure.add(limb([(-long * 0.7, 0.7), (-long * 0.4, 0.74), (-long * 0.2, 0.74)], [0.3, 0.28, 0.26]), "light")
    figure.add(limb([(0.7, 0.5), (1.2, 0.68), (reach, 0.72)], [0.55, 0.42, 0.36]), "coat")
    rise = rng.uniform(*species.neck) * 0.8
    _head(figure, species, rng, (1.15, -0.65 - rise), (0.8, -0.1))
    return figure


def portrait(species: Species, rng: np.random.Generator) -> Sketch:
    """Head and shoulders."""
    figure, wide, low = Sketch(), rng.uniform(0.85, 1.3), rng.uniform(1.5, 2.3)
    half = np.array([(0, 0.2), (0.65, 0.6), (1.0, 1.1), (1.15, low), (0, low)]) * (wide, 1)
    figure.add(blob(np.concatenate([half, half[-2:0:-1] * (-1, 1)])), "coat")
    if rng.random() < 0.4:
        figure.add(blob([(0, 0.7), (0.5, 0.9), (0.3, 1.5), (0, 1.7), (-0.3, 1.5), (-0.5, 0.9)]), "light")
    head = species.front if rng.random() < 0.75 else species.side
    figure.place(head(rng), turn=rng.normal(0, 0.15))
    return figure


def _leg(figure: Sketch, x: float, top: float, ground: float, step: float, paint: Paint) -> None:
    knee = (x + step * 0.3 - 0.04, (top + ground) / 2)
    figure.add(limb([(x, top), knee, (x + step, ground - 0.12)], [0.62, 0.42, 0.34]), paint)
    figure.add(oval(x + step + 0.1, ground - 0.1, 0.28, 0.16), "light" if paint == "coat" else paint)


def _head(
    figure: Sketch, species: Species, rng: np.random.Generator, at: tuple[float, float], shoulder: tuple[float, float]
) -> None:
    figure.add(limb([shoulder, at], [1.25, 0.95]), "coat")
    if rng.random() < 0.5:
        figure.place(species.front(rng), at, turn=rng.normal(0, 0.14))
    else:
        away = rng.random() < 0.1
        figure.place(species.side(rng), at, scale=(-1 if away else 1, 1), turn=rng.normal(0, 0.14))


SPECIES = {
    "cat": Species(cat_front, cat_side, cat_tail, neck=(0.15, 0.5), legs=(0.7, 1.4)),
    "dog": Species(dog_front, dog_side, dog_tail, neck=(0.25, 0.8), legs=(0.6, 1.6)),
}
