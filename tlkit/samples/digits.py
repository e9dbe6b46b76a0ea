"""Real handwritten digits that come with scikit-learn: 1797 of them, 8 x 8 pixels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from tlkit.samples.picture_files import save_classes

_TOP = 16  # the set counts dots of ink from 0 to 16


def write_digits(folder: Path, *, count: int = 1797, on_picture: Callable[[int], None] | None = None) -> None:
    """Write `0/` to `9/`, at most `count` pictures together.

    Reference: Alpaydin and Kaynak, 1998, "Optical recognition of handwritten digits", UCI machine learning repository.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_digits(folder, count=20)
        >>> len(list(folder.iterdir()))
        10
    """
    digits = load_digits()
    pixels = np.rint(digits.images[:count] * (255 / _TOP)).astype(np.uint8)
    save_classes(folder, zip(map(str, digits.target), pixels, strict=False), on_picture)
