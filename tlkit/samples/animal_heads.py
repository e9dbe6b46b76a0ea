"""What cat and dog faces share; a skull has a radius of about 1 around (0, 0)."""

import numpy as np
from numpy.typing import ArrayLike

from tlkit.samples.outlines import Points, blob
from tlkit.samples.sketch import Sketch


def skull(half: ArrayLike, wide: float) -> Points:
    """A smooth, symmetric skull from the points of its right half."""
    right = np.array(half) * (wide, 1)
    left = right[:0:-1] * (-1, 1)
    return blob(np.concatenate([right, left]))


def blaze(head: Sketch, rng: np.random.Generator, look: float) -> None:
    """Sometimes a pale stripe from the forehead to the muzzle."""
    if rng.random() < 0.3:
        x = look * 0.7
        head.add(blob([(x, -0.7), (x + 0.13, -0.2), (x + 0.3, 0.4), (x - 0.3, 0.4), (x - 0.13, -0.2)]), "light")
