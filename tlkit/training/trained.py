"""What the phases of training leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tlkit.data.splits import Splits
from tlkit.training.fitting import Fitted
from tlkit.training.meters import Meters


@dataclass
class Trained:
    """What the phases leave."""

    splits: Splits
    outputs: np.ndarray  # of the test split, by the part that was trained
    precision: str  # of what computed these
    learned_precision: str = "float32"  # of what training saw
    model: Any = None  # that was trained last
    phases: list[Fitted] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    meters: Meters = field(default_factory=Meters)

    @property
    def best_epoch(self) -> int:
        """The epoch whose weights the model has, counted from 1 through all phases."""
        last = max(place for place, phase in enumerate(self.phases) if phase.kept is not None)
        return sum(len(phase.history) for phase in self.phases[:last]) + self.phases[last].kept + 1
