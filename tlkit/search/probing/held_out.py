"""How answers on examples that were not learned from are judged: alike, whatever gave them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlkit.data.splits import Examples, Info, Splits, joined
from tlkit.errors import RecipeError
from tlkit.search.probing.tried import Candidate, Tried
from tlkit.tasks.task import Task, task_of
from tlkit.training.setup import learned
from tlkit.training.solving.linear_solver import LINKS, Link

LOSS = "loss"  # the metric that says most: it counts how sure right and wrong answers are


@dataclass(frozen=True)
class Judge:
    """The loss of an output's link on each example, in the units of all that is learned from, and the first score.

    What is better is told by the loss, or by another `metric` of the task's `errors`.

    Answers are judged at the temperature that suits them best: a net that was trained to its last epoch is too sure of
    itself, a head that is solved is not, and neither says which knows more.
    """

    info: Info
    task: Task
    link: Link
    mean: np.ndarray
    deviation: np.ndarray
    metric: str

    @classmethod
    def of(cls, splits: Splits, metric: str = LOSS) -> Judge:
        """For all that is tried on the same data."""
        targets, info = joined(list(learned(splits).values())).targets, splits.info
        task = task_of(info.task).fitted(targets)
        end = task.output(targets)
        mean, deviation = np.asarray(end.get("mean", 0.0)), np.asarray(end.get("deviation", 1.0))
        known = [LOSS, *task.errors(targets[:1], np.zeros((1, info.num_outputs)))] if metric != LOSS else [LOSS]
        if metric not in known:
            raise RecipeError([f"--metric: expected {', '.join(known)}, received '{metric}'"])
        return cls(info, task, LINKS[end["output"]], mean, deviation, metric)

    def tried(self, candidate: Candidate, examples: Examples, outputs: np.ndarray, seconds: float) -> Tried:
        """What a candidate's outputs, in the units of the data, come to."""
        outputs, targets = outputs.reshape(len(examples), -1), self.scaled(examples)
        answers = (outputs - self.mean) / self.deviation
        losses = min((self.link.loss(each, targets) for each in self.link.tempered(answers)), key=np.mean)
        name = self.task.headline[0]
        measured = self.task.measure(examples.targets, outputs, self.info.class_names)["metrics"]
        errors = losses if self.metric == LOSS else self.task.errors(examples.targets, outputs)[self.metric]
        told = dict(zip(examples.ids, errors.tolist(), strict=True))
        return Tried(candidate, name, measured[name], told, seconds, float(losses.mean()))

    def scaled(self, examples: Examples) -> np.ndarray:
        """Targets as the link takes them."""
        targets = self.task.for_loss(examples.targets, self.info.num_outputs).reshape(len(examples), -1)
        return (targets - self.mean) / self.deviation
