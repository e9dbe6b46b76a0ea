"""Mixing colours, as (red, green, blue) from 0 to 255."""

import colorsys

Colour = tuple[int, int, int]


def mix(one, other, share: float) -> Colour:
    """One colour with a share of the other."""
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))


def jitter(colour, rng, amount: float = 10.0) -> Colour:
    """A colour near this one."""
    drift = rng.normal(0, amount) + rng.normal(0, amount * 0.5, 3)
    return tuple(int(min(max(c + d, 0), 255)) for c, d in zip(colour, drift, strict=True))


def any_colour(rng, saturation=(0.05, 0.5), value=(0.35, 0.95)) -> Colour:
    """A colour of any hue."""
    hsv = rng.uniform(), rng.uniform(*saturation), rng.uniform(*value)
    return tuple(int(255 * part) for part in colorsys.hsv_to_rgb(*hsv))
