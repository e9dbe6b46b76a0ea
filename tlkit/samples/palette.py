"""Mixing colours, as (red, green, blue) from 0 to 255."""

import colorsys

import numpy as np

Colour = tuple[int, int, int]


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """One colour with a share of the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def jitter(colour: Colour, rng: np.random.Generator, amount: float = 10.0) -> Colour:
    """A colour near this one."""
    drift = rng.normal(0, amount) + rng.normal(0, amount * 0.5, 3)
    red, green, blue = (int(min(max(c + d, 0), 255)) for c, d in zip(colour, drift, strict=True))
    return red, green, blue


def any_colour(
    rng: np.random.Generator, saturation: tuple[float, float] = (0.05, 0.5), value: tuple[float, float] = (0.35, 0.95)
) -> Colour:
    """A colour of any hue."""
    return from_hsv(rng.uniform(), rng.uniform(*saturation), rng.uniform(*value))


def from_hsv(hue: float, saturation: float, value: float) -> Colour:
    """A colour from three numbers from 0 to 1."""
    red, green, blue = (int(255 * part) for part in colorsys.hsv_to_rgb(hue, saturation, value))
    return red, green, blue
