"""What a teacher says of examples, as targets to learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Lessons:
    """A teacher's outputs by the id of an example, and how much they count beside its label.

    Every loss that trains here is as good for shares as for labels, so that a blend of targets is one of losses.

    Example:
        >>> lessons = Lessons({"a": np.array([0.2, 0.8])}, weight=0.5)
        >>> lessons.blended(np.array([[1.0, 0.0], [1.0, 0.0]]), ["a", "b"]).tolist()
        [[0.6, 0.4], [1.0, 0.0]]
    """

    outputs: Mapping[str, np.ndarray]
    weight: float
    unlabelled: frozenset[str] = frozenset()

    def blended(self, targets: np.ndarray, ids: Sequence[str]) -> np.ndarray:
        """Targets as the loss takes them, each moved to what the teacher says; of unlabelled ones that alone."""
        found = np.array(targets, np.float32)
        for place, each in enumerate(ids):
            if each in self.outputs:
                weight = 1.0 if each in self.unlabelled else self.weight
                found[place] = weight * self.outputs[each].reshape(found[place].shape) + (1 - weight) * found[place]
        return found
