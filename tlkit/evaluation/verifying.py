"""The saved file against the model that was scored: the same probabilities, or the run fails."""

from __future__ import annotations

import numpy as np

from tlkit.errors import TlkitError

TOLERANCE = {"float32": 0.001, "bfloat16": 0.03, "float16": 0.03}


class VerificationError(TlkitError):
    """The saved model does not do what the scored one did."""


def verify(saved: np.ndarray, scored: np.ndarray, *, precision: str, spread: np.ndarray | float = 1.0) -> float:
    """The largest difference between two sets of outputs; a `VerificationError` if it is past the tolerance.

    `spread` is the width of the outputs' range, of all or of each: 1 for probabilities.

    Example:
        >>> verify(np.array([[0.5]]), np.array([[0.5]]), precision="float32")
        0.0
    """
    difference = float((np.abs(saved - scored) / spread).max())
    if not difference <= TOLERANCE[precision]:
        raise VerificationError(
            f"the saved model's outputs differ from the scored ones by up to {difference:.4f} "
            f"(allowed for {precision}: {TOLERANCE[precision]}). The file cannot be trusted; "
            "try train.precision: float32 and report this"
        )
    return difference
