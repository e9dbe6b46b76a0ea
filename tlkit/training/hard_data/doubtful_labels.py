"""Labels in doubt among all that training sees, and whether to leave them out pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tlkit.data.splits import Examples


@dataclass(frozen=True)
class DoubtfulLabels:
    """Which labels look wrong to heads that have not seen them, and what heads without such labels gain by it."""

    parts: Mapping[str, Examples]  # what was looked at
    doubtful: np.ndarray  # a flag for each example, part after part
    answers: np.ndarray  # probabilities (examples, classes) by heads that did not see the example
    gain: float  # less loss on labels that a head did not see, for heads without labels in doubt
    error: float  # its standard error

    @property
    def pays(self) -> bool:
        """Whether those in doubt are left out."""
        return bool(self.doubtful.any()) and self.gain > self.error

    @property
    def kept(self) -> np.ndarray:
        """A flag for each example: whether it is learned from."""
        return ~self.doubtful if self.pays else np.ones(len(self.doubtful), bool)

    @property
    def line(self) -> str:
        """What was done and why, in a line."""
        count, total = np.count_nonzero(self.doubtful), len(self.doubtful)
        if not count:
            return f"none of {total} in doubt (train.label_noise)"
        done = "left out (left_out.csv)" if self.pays else "in doubt, none left out"
        change = f"heads without such change the loss on unseen labels by {-self.gain:+.3f} ± {self.error:.3f}"
        return f"{count} of {total} {done}: {change} (train.label_noise)"

    @property
    def metrics(self) -> dict[str, float]:
        """What was found and done, for the record."""
        return {
            "label_noise/in_doubt": float(np.count_nonzero(self.doubtful)),
            "label_noise/left_out": float(np.count_nonzero(~self.kept)),
            "label_noise/gain": self.gain,
            "label_noise/gain_error": self.error,
        }

    def table(self, class_names: Sequence[str]) -> pd.DataFrame:
        """A row for each label that was left out, the likeliest wrong first; `data.quarantine` reads it too."""
        rows = [(part, *each) for part, some in self.parts.items()
                for each in zip(some.names, some.ids, some.targets.tolist(), strict=True)]  # fmt: skip
        names = np.asarray(class_names, object)
        part, name, id_, label = (np.array(each, object) for each in zip(*rows, strict=True))
        own, best = self.answers[np.arange(len(rows)), label.astype(int)], self.answers.argmax(axis=1)
        frame = pd.DataFrame({
            "name": name, "id": id_, "reason": "doubtful label", "part": part, "label": names[label.astype(int)],
            "rather": names[best], "probability": self.answers.max(axis=1).round(4),
        })  # fmt: skip
        return frame[~self.kept].iloc[np.argsort(own[~self.kept], kind="stable")]
