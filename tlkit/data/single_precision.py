"""Numbers as models take them: what float32 can hold."""

from __future__ import annotations

import numpy as np

LARGEST = float(np.finfo(np.float32).max)


def in_float32(values: np.ndarray) -> np.ndarray:
    """Numbers in float32; what that cannot hold becomes infinite.

    Example:
        >>> in_float32(np.array([0.5, 1e39])).tolist()
        [0.5, inf]
    """
    with np.errstate(over="ignore"):
        return values.astype(np.float32)
