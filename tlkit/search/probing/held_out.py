"""How answers on examples that were not learned from are judged: alike, whatever gave them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlkit.data.splits import Examples, Info, Splits, joined
from tlkit.search.probing.tried import Candidate, Tried
from tlkit.tasks.task import Task, task_of
from tlkit.training.setup import learned
from tlkit.training.solving.linear_solver import LINKS, Link


@dataclass(frozen=True)
class Judge:
    """The loss of an output's link on each example, in the units of all that is learned from, and the first score.

    Answers are judged at the temperature that suits them best: a net that was trained to its last epoch is too sure of
    itself, a head that is solved is not, and neither says which knows more.
    """

    info: Info
    task: Task
    link: Link
    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, splits: Splits) -> Judge:
        """For all that is tried on the same data."""
        targets, info = joined(list(learned(splits).values())).targets, splits.info
        task = task_of(info.task).fitted(targets)
        end = task.output(targets)
        mean, deviation = np.asarray(end.get("mean", 0.0)), np.asarray(end.get("deviation", 1.0))
        return cls(info, task, LINKS[end["output"]], mean, deviation)

    def tried(self, candidate: Candidate, examples: Examples, outputs: np.ndarray, seconds: float) -> Tried:
        """What a candidate's outputs, in the units of the data, come to."""
        outputs, targets = outputs.reshape(len(examples), -1), self.scaled(examples)
        answers = (outputs - self.mean) / self.deviation
        losses = min((self.link.loss(each, targets) for each in self.link.tempered(answers)), key=np.mean)
        name = self.task.headline[0]
        measured = self.task.measure(examples.targets, outputs, self.info.class_names)["metrics"]
        return Tried(candidate, name, measured[name], dict(zip(examples.ids, losses.tolist(), strict=True)), seconds)

    def scaled(self, examples: Examples) -> np.ndarray:
        """Targets as the link takes them."""
        targets = self.task.for_loss(examples.targets, self.info.num_outputs).reshape(len(examples), -1)
        return (targets - self.mean) / self.deviation
