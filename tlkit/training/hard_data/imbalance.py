"""How classes of different size are learned from; docs/hard-data.md has what each way came to.

Weights, sampling and logit adjustment take the classes as equally likely in use, whatever their shares in the data are.
References: Menon et al., 2021 (logit adjustment); Lin et al., 2017 (focal loss).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tlkit.data.splits import Splits
from tlkit.tasks.task import Task, task_of

_UNEVEN = 10  # times as many examples from which on a run that does nothing about it says so


@dataclass(frozen=True)
class Imbalance:
    """What one way to learn from classes of different size does; a head that is solved weighs in place of sampling."""

    weighs: bool = False  # examples, by how rare their class is
    samples: bool = False  # as many examples of each class for an epoch
    adjusts: bool = False  # learns the answers with the shares of the classes in them, which are taken out again
    focuses: bool = False  # its loss on examples that are not answered well yet

    def weights(self, task: Task, targets: np.ndarray, num_outputs: int, *, solved: bool = False) -> np.ndarray | None:
        """A weight for each example, None where all count alike."""
        return task.class_weights(targets, num_outputs) if self.weighs or (solved and self.samples) else None

    def use(self, task: Task, targets: np.ndarray, num_outputs: int) -> np.ndarray | None:
        """A weight for each example by which the classes are as likely as they are taken to be in use."""
        return task.class_weights(targets, num_outputs) if self.weighs or self.samples or self.adjusts else None

    def prior(self, targets: np.ndarray, num_outputs: int) -> np.ndarray | None:
        """The share of each class by which answers are adjusted, None where they are not."""
        if not self.adjusts:
            return None
        return np.asarray(np.maximum(np.bincount(targets, minlength=num_outputs), 1) / len(targets))


IMBALANCES: Mapping[str, Imbalance] = {  # by the word of a recipe
    "none": Imbalance(),
    "weights": Imbalance(weighs=True),
    "sampling": Imbalance(samples=True),
    "logit_adjusted": Imbalance(adjusts=True),
    "focal": Imbalance(focuses=True),
}


def adjusted(answers: np.ndarray, prior: np.ndarray | None) -> np.ndarray:
    """Probabilities as they are where all classes are equally likely.

    Example:
        >>> adjusted(np.array([[0.9, 0.1]]), np.array([0.9, 0.1])).tolist()
        [[0.5, 0.5]]
    """
    if prior is None:
        return answers
    shares = answers / prior
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def balanced_order(classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Indices of as many examples of each class, as many in all as there are: some come several times, some not.

    Example:
        >>> np.sort(balanced_order(np.array([0, 0, 0, 1]), np.random.default_rng(0)) == 3).tolist()
        [False, False, True, True]
    """
    members = [np.flatnonzero(classes == each) for each in np.unique(classes)]
    quotas = np.diff(np.linspace(0, len(classes), len(members) + 1).round().astype(int))
    return np.concatenate(
        [np.resize(rng.permutation(each), quota) for each, quota in zip(members, quotas, strict=True)]
    )


def imbalance_line(name: str, splits: Splits) -> str:
    """What is taken for granted of the classes, or that they differ and nothing is done about it; else nothing."""
    task = task_of(splits.info.task)
    counts = task.class_counts(splits.train.targets, splits.info.class_names)
    if len(counts) < 2 or task.strata([]) is None:
        return ""
    most, least = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
    shown = f"'{most}' has {counts[most]} training examples, '{least}' {counts[least]}"
    if name in ("none", "focal"):
        rare = counts[most] >= _UNEVEN * max(1, counts[least])
        return f"{shown}: rare classes are seldom answered (train.imbalance)" if rare and name == "none" else ""
    return f"{shown}; train.imbalance: {name} takes all classes as equally likely in use"
