"""Labels that are likely wrong, found by heads that were solved without them.

A head is solved on frozen features of train and val. Labels that the heads of its folds, which did not see them, answer
otherwise are in doubt; heads are solved without these, and all labels are asked once more. Two ways are tried: every
other answer counts, or one that is twice as likely as the label. Which is better, and whether it pays is told by
folds around all of it: what is left out for a fold's head is told by the other folds alone, and its answers to the
labels of its own, wrong ones among them, must lose less than before by more than the standard error. Both are mixed
with as much chance as is best for them, for a head that has seen no wrong label is too sure of those that it meets.

docs/hard-data.md has the figures. The test split is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from threadpoolctl import threadpool_limits

from tlkit.data.splits import Examples, joined
from tlkit.tasks.task import Task
from tlkit.training.hard_data.doubtful_labels import DoubtfulLabels
from tlkit.training.solving.folds import solving_folds
from tlkit.training.solving.linear_solver import LINKS, PENALTIES, Rows, minimum, scaled, solve

_ROUNDS = 2
_DOUBT = (1.0, 0.5)  # of the likeliest class's probability, below which that of the label is in doubt
_MOST = 0.5  # of a class
_FEWEST = 2  # folds, of which one is asked, and the rest must be folds again
_JUDGED = 2000  # examples by which it is told whether leaving out pays
_CHANCE = np.linspace(0.0, 1.0, 41)
_LEAST = 1e-7  # of a probability
_LINK = LINKS["softmax"]


@threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # small solutions: threads wait for each other
def doubtful_labels(
    features: np.ndarray, parts: Mapping[str, Examples], task: Task, num_outputs: int, seed: int
) -> DoubtfulLabels:
    """The labels in doubt by frozen features, a row for each example of the parts."""
    whole = joined(list(parts.values()))
    classes, folds = whole.targets.astype(int), solving_folds(whole, task, seed)
    heads = _Heads(features.astype(np.float64), classes, num_outputs, folds)
    judged = np.sort(np.random.default_rng(seed).permutation(len(classes))[:_JUDGED])
    tried = []
    for doubt in _DOUBT:
        doubtful, answers = heads.doubts(np.arange(len(classes)), doubt)
        can_tell = doubtful.any() and len(np.unique(folds)) > _FEWEST
        less = heads.less_lost(judged, doubt) if can_tell else np.zeros(len(classes))
        tried.append(DoubtfulLabels(parts, doubtful, answers, float(less.mean()), float(less.std() / len(less) ** 0.5)))
    return max(tried, key=lambda each: each.gain)


class _Heads:
    """Heads of one penalty, the one that is best for all labels, on some of the rows each."""

    def __init__(self, features: np.ndarray, classes: np.ndarray, num_outputs: int, folds: np.ndarray) -> None:
        self.classes, self.folds, self.targets = classes, folds, np.eye(num_outputs)[classes]
        whole = Rows(features, self.targets, np.ones(len(classes)))
        found = solve(whole, folds, _LINK, lambda answers: {"loss": float(_LINK.loss(answers, self.targets).mean())})
        self.penalty = PENALTIES[found.chosen]
        self.rows = scaled(whole)[0]

    def doubts(self, which: np.ndarray, doubt: float) -> tuple[np.ndarray, np.ndarray]:
        """Which labels of these rows are in doubt, by them alone, and the answers of heads that did not see them."""
        doubtful, answers = np.zeros(len(which), bool), np.zeros((len(which), self.targets.shape[1]))
        for _ in range(_ROUNDS):
            for fold in np.unique(self.folds[which]):
                inside = self.folds[which] == fold
                answers[inside] = self.answers(which[~inside & ~doubtful], which[inside])
            doubtful = _in_doubt(answers, self.classes[which], doubt)
        return doubtful, answers

    def less_lost(self, which: np.ndarray, doubt: float) -> np.ndarray:
        """What each label of these rows loses less with heads that saw neither it nor labels in doubt."""
        plain, clean = (np.zeros((len(which), self.targets.shape[1])) for _ in range(2))
        for fold in np.unique(self.folds[which]):
            inside = self.folds[which] == fold
            others = which[~inside]
            plain[inside] = self.answers(others, which[inside])
            clean[inside] = self.answers(others[~self.doubts(others, doubt)[0]], which[inside])
        return np.asarray(_calibrated(plain, self.classes[which]) - _calibrated(clean, self.classes[which]))

    def answers(self, learned: np.ndarray, asked: np.ndarray) -> np.ndarray:
        """What a head that is solved on some rows says of others."""
        state = minimum(self.rows.at(learned), _LINK, self.penalty)
        return _LINK.answer(self.rows.inputs[asked] @ state[:-1] + state[-1])


def _in_doubt(answers: np.ndarray, classes: np.ndarray, doubt: float) -> np.ndarray:
    """Labels that are answered otherwise; of a class no more than half, those first whose own probability is least."""
    own = answers[np.arange(len(classes)), classes]
    doubtful = np.asarray(own < doubt * answers.max(axis=1))
    for each in np.unique(classes):
        members = np.flatnonzero(doubtful & (classes == each))
        most = int(_MOST * np.count_nonzero(classes == each))
        doubtful[members[np.argsort(own[members], kind="stable")[most:]]] = False
    return doubtful


def _calibrated(answers: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The loss of each label, by answers mixed with as much of the classes' own shares as makes it least."""
    own, chance = answers[np.arange(len(classes)), classes], np.bincount(classes)[classes] / len(classes)
    tried = [-np.log(np.maximum((1 - share) * own + share * chance, _LEAST)) for share in _CHANCE]
    return min(tried, key=lambda losses: float(losses.mean()))
