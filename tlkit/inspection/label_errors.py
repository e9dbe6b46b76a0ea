"""Labels that are likely wrong: what a head on the other examples' features makes of each (confident learning).

Reference: Northcutt, Jiang and Chuang, 2021.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tlkit.data.assembly.assignment import fold_numbers
from tlkit.inspection.findings import Finding, count_of
from tlkit.inspection.subject import InspectedData

_FOLDS, _STEPS, _DIRECTIONS = 5, 120, 128
_WIDEST = 1024  # columns from which on directions are looked for among random mixtures of them
_DECAY = 0.01
_NEARLY = 0.8  # of the average; 1.0 would leave out 3 of 40 swapped labels among photographs of cats and dogs
_LEAST_PER_CLASS = 5
_LISTED = 200
_TRUSTED = 0.9  # accuracy of the head below which its doubts are no warning


@dataclass(frozen=True)
class DoubtfulLabels:
    """Indices of doubtful labels, the likeliest wrong first, with the class that looks right and its probability."""

    indices: np.ndarray
    proposed: np.ndarray
    probability: np.ndarray
    accuracy: float  # of the head, out of fold


def doubtful_labels(features: np.ndarray, targets: np.ndarray, keys: Sequence[str], *, seed: int = 7) -> DoubtfulLabels:
    """Examples whose label a head, fitted on the other folds, confidently gives otherwise.

    A class is likely where its probability comes near what examples of that class get on average; an example is in
    doubt if another class than its own is, and the likelier of the two. Equal keys (copies) stay in one fold.

    Example:
        >>> doubts = doubtful_labels(features, labels, ids)  # doctest: +SKIP
    """
    chances = out_of_fold(features, targets, fold_numbers(keys, _FOLDS, seed=seed), int(targets.max()) + 1)
    own = chances[np.arange(len(targets)), targets]
    usual = np.array(
        [own[targets == each].mean() if (targets == each).any() else 1.0 for each in range(chances.shape[1])]
    )
    others = np.where(chances >= _NEARLY * usual, chances, 0.0)
    others[np.arange(len(targets)), targets] = 0.0
    proposed = others.argmax(axis=1)
    rival = others.max(axis=1)
    indices = np.flatnonzero(rival > own)
    indices = indices[np.argsort((own - rival)[indices], kind="stable")]
    right = float((chances.argmax(axis=1) == targets).mean())
    return DoubtfulLabels(indices, proposed[indices], rival[indices], right)


def out_of_fold(features: np.ndarray, targets: np.ndarray, folds: np.ndarray, classes: int) -> np.ndarray:
    """The class probabilities of each example by a head that was fitted on the other folds."""
    chances = np.zeros((len(features), classes), np.float32)
    features = _principal(features.astype(np.float32))
    for fold in np.unique(folds):
        held = folds == fold
        weights = _fitted(features[~held], targets[~held], classes)
        chances[held] = _softmax(features[held] @ weights)
    return chances


def _principal(features: np.ndarray) -> np.ndarray:
    """The strongest directions of the features, and a constant one."""
    if features.shape[1] > _WIDEST:
        mixing = np.random.default_rng(0).standard_normal((features.shape[1], _WIDEST), np.float32)
        features = features @ mixing
    features = features - features.mean(axis=0)
    spread = features.std()
    features = features / (spread if spread > 0 else 1.0)
    if features.shape[1] > _DIRECTIONS:
        _, turn = np.linalg.eigh(features.T @ features / len(features))
        features = features @ turn[:, -_DIRECTIONS:]
    features = features / max(float(np.sqrt((features**2).sum(axis=1).mean())), 1e-6) * 4
    return np.concatenate([features, np.ones((len(features), 1), np.float32)], axis=1)


def _fitted(features: np.ndarray, targets: np.ndarray, classes: int) -> np.ndarray:
    """Softmax regression with weight decay, by accelerated gradient descent."""
    wanted = np.eye(classes, dtype=np.float32)[targets]
    weights = momentum = np.zeros((features.shape[1], classes), np.float32)
    largest = float(np.linalg.eigvalsh(features.T @ features / len(features))[-1])
    rate = 1.0 / (0.5 * largest + _DECAY)
    for step in range(_STEPS):
        slope = features.T @ (_softmax(features @ momentum) - wanted) / len(features) + _DECAY * momentum
        before, weights = weights, momentum - rate * slope
        momentum = weights + step / (step + 3) * (weights - before)
    return weights


def _softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def find_doubtful_labels(
    subject: InspectedData, indices: np.ndarray, features: np.ndarray, *, seed: int, on: str = "frozen features"
) -> Iterator[Finding]:
    """The doubtful labels among the examples at `indices`, whose features these are; `on` says what they are."""
    targets = subject.targets[indices].astype(int)
    if np.bincount(targets, minlength=len(subject.info.class_names)).min() < _LEAST_PER_CLASS:
        return
    keys = [key for part in subject.splits.parts().values() for key in part.keys]
    doubts = doubtful_labels(features, targets, [keys[index] for index in indices], seed=seed)
    if not len(doubts.indices):
        return
    yield _finding(subject, indices, doubts, on)


def _finding(subject: InspectedData, indices: np.ndarray, doubts: DoubtfulLabels, on: str) -> Finding:
    names, listed = subject.info.class_names, slice(0, _LISTED)
    rows = [
        [subject.shown(indices[index], f"rather {names[proposed]} ({chance:.0%})")]
        for index, proposed, chance in zip(
            doubts.indices[listed], doubts.proposed[listed], doubts.probability[listed], strict=True
        )
    ]
    count = len(doubts.indices)
    fewer = f", the {_LISTED} likeliest listed," if count > _LISTED else ""
    text = (
        f"{count_of(count, 'label')} of {len(indices):,} may be wrong{fewer} by a head on {on} that is right on "
        f"{doubts.accuracy:.1%} of examples it has not seen"
    )
    return Finding("warning" if doubts.accuracy >= _TRUSTED else "note", "doubtful labels", text, rows)
