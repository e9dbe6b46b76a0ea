"""Classes that can be told apart without looking at what they show: by size, format, brightness, border or name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from tlkit.data.assembly.assignment import fold_numbers
from tlkit.inspection.findings import Finding, Level
from tlkit.inspection.subject import InspectedData

_FOLDS, _BINS = 5, 8
_GAIN = 0.3  # share of the way from guessing to certainty from which on a fact is called a shortcut
_LEAST = 40  # examples below which nothing can be said
_UNSEEN = {"file name", "bytes", "format"}  # what a net is not shown


def find_shortcuts(subject: InspectedData, *, seed: int) -> Iterator[Finding]:
    """Each fact that tells classes apart alone, and how well all do together."""
    if subject.classes is None or len(subject) < _LEAST:
        return
    properties = properties_of(subject)
    targets, classes = subject.targets.astype(int), len(subject.info.class_names)
    folds = fold_numbers([f"{key}" for key in subject.ids.tolist()], _FOLDS, seed=seed)
    guess = float(np.bincount(targets).max() / len(targets))
    for name, values in properties.items():
        right = accuracy_of([values], targets, folds, classes)
        if right > guess + _GAIN * (1 - guess):
            level: Level = "note" if name in _UNSEEN else "warning"
            also = ", which the net is not shown" if name in _UNSEEN else ""
            text = f"{name} alone tells the class in {right:.0%} of examples (guessing: {guess:.0%}){also}"
            yield Finding(level, "shortcut", text)
    seen = [values for name, values in properties.items() if name not in _UNSEEN]
    if seen:
        right = accuracy_of(seen, targets, folds, classes)
        level = "warning" if right > guess + 2 * _GAIN * (1 - guess) else "note"
        names = ", ".join(name for name in properties if name not in _UNSEEN)
        text = f"{names} together tell the class in {right:.0%} of examples (guessing: {guess:.0%})"
        yield Finding(level, "shortcut", text)


def properties_of(subject: InspectedData) -> Mapping[str, np.ndarray]:
    """What is known of each example without understanding it, as numbers or codes of words."""
    properties: dict[str, np.ndarray] = {}
    rows = subject.picture_files
    prints = rows["print"] if rows is not None else subject.prints
    if rows is not None:
        properties["size"] = np.sqrt(rows["width"].astype(float) * rows["height"])
        properties["shape"] = rows["width"] / np.maximum(rows["height"], 1)
        properties["mode"], properties["format"] = _codes(rows["mode"].tolist()), _codes(rows["format"].tolist())
        properties["bytes"] = rows["bytes"].astype(float)
        properties["file name"] = _codes([_pattern(name) for name in subject.names])
    if prints is not None:
        grey = prints.astype(np.float32)
        edges = np.concatenate([grey[:, 0], grey[:, -1], grey[:, :, 0], grey[:, :, -1]], axis=1)
        properties |= {"brightness": grey.mean((1, 2)), "contrast": grey.std((1, 2))}
        properties |= {"border": edges.mean(axis=1), "evenness of the border": edges.std(axis=1)}
    elif subject.vectors is not None:
        properties["mean"] = subject.vectors.mean(axis=1, dtype=np.float64)
        properties["spread"] = subject.vectors.std(axis=1, dtype=np.float64)
    return properties


def accuracy_of(properties: list[np.ndarray], targets: np.ndarray, folds: np.ndarray, classes: int) -> float:
    """How often a naive Bayes classifier on these properties is right on examples it has not seen."""
    right = 0
    for fold in np.unique(folds):
        held = folds == fold
        score = np.zeros((int(held.sum()), classes))
        for values in properties:
            score += _log_chances(values[~held], targets[~held], values[held], classes)
        prior = np.log(np.bincount(targets[~held], minlength=classes) + 1.0)
        right += int(((score + prior).argmax(axis=1) == targets[held]).sum())
    return right / len(targets)


def _log_chances(known: np.ndarray, targets: np.ndarray, asked: np.ndarray, classes: int) -> np.ndarray:
    """log P(bin | class) for each asked value; codes are their own bins, numbers go into eight of equal weight."""
    bins = np.unique(known if known.dtype.kind == "i" else np.quantile(known, np.arange(1, _BINS) / _BINS))
    old, new = (np.searchsorted(bins, each, side="right") for each in (known, asked))
    counts = np.ones((len(bins) + 1, classes))
    np.add.at(counts, (old, targets), 1)
    return np.log(counts / counts.sum(axis=0))[new]


def _codes(words: Sequence[object]) -> np.ndarray:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(word, len(numbers)) for word in words], np.int64)


def _pattern(name: str) -> str:
    """A file's name with its digits made alike."""
    return re.sub(r"\d+", "#", Path(name).name)
