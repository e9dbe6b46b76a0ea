"""The linear probe that a backbone is trained on from: a solved head, and whether it is good enough as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tlkit.training.callbacks import Fitted
from tlkit.training.phase import PhasePlan


@dataclass(frozen=True)
class Probe:
    """Weights of a head's output, solved from train and val, and from train alone, with what these say of val."""

    whole: list[np.ndarray]
    start: list[np.ndarray]
    validated: Mapping[str, float]


def is_good_enough(before: Fitted, phase: PhasePlan) -> bool:
    """Whether a phase is not begun, for as much is right behind the one before it.

    Example:
        >>> phase = PhasePlan(4, epochs=9, batch_size=32, learning_rate=1e-4, skip_above=0.9)
        >>> is_good_enough(Fitted(best={"val/accuracy": 0.95}), phase)
        True
    """
    return phase.skip_above is not None and before.best.get("val/accuracy", 0.0) > phase.skip_above


def idle_reason(before: Fitted, phase: PhasePlan) -> str:
    """Why a phase is not begun behind the one before, or nothing."""
    if phase.again and before.kept is None:
        return "there is nothing to do again"
    if not is_good_enough(before, phase):
        return ""
    return f"val/accuracy {before.best['val/accuracy']:.3f} is above skip_above ({phase.skip_above})"
