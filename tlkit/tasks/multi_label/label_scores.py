"""Scores of the task "labels": any number of labels an example, a probability for each of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tlkit.evaluation.counts import absent_note, class_rows, present_mean, roc_auc
from tlkit.evaluation.intervals import wilson
from tlkit.evaluation.metrics import ClassRow, Measures

_SMALLEST = 1e-7  # the probability that a loss counts at least, as in Keras


def measure(
    targets: np.ndarray, outputs: np.ndarray, class_names: Sequence[str], thresholds: np.ndarray | float
) -> Measures:
    """Metrics, per-class rows and notes of multi-hot targets (n, k) against sigmoid outputs (n, k)."""
    _check(targets, outputs, class_names)
    true, predicted = targets.astype(bool), outputs >= thresholds
    rows = _rows(true, predicted, outputs, class_names)
    metrics = _metrics(true, predicted, outputs) | present_mean(rows, "f1") | present_mean(rows, "roc_auc")
    notes = absent_note(rows, "f1", "macro_f1") + absent_note(rows, "roc_auc", "roc_auc")
    return {"metrics": metrics, "per_class": rows, "notes": notes}


def _metrics(true: np.ndarray, predicted: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
    whole = np.all(true == predicted, axis=1)
    low, high = wilson(int(np.count_nonzero(whole)), len(true))
    chance = np.where(true, outputs, 1 - outputs)
    named = np.count_nonzero(true) + np.count_nonzero(predicted)
    return {
        "loss": float(-np.log(np.clip(chance, _SMALLEST, 1.0)).mean()),
        "label_accuracy": float(np.mean(true == predicted)),
        "subset_accuracy": float(np.mean(whole)),
        "subset_accuracy_low": low,
        "subset_accuracy_high": high,
        # no label named and none to name is all right
        "micro_f1": float(2 * np.count_nonzero(true & predicted) / named) if named else 1.0,
    }


def _rows(true: np.ndarray, predicted: np.ndarray, outputs: np.ndarray, class_names: Sequence[str]) -> list[ClassRow]:
    rows = class_rows(
        class_names,
        right=np.count_nonzero(true & predicted, axis=0),
        predicted=np.count_nonzero(predicted, axis=0),
        support=np.count_nonzero(true, axis=0),
        auc=roc_auc(true, outputs),
    )
    accuracy = np.mean(true == predicted, axis=0)
    return [{**row, "accuracy": float(each)} for row, each in zip(rows, accuracy, strict=True)]


def _check(targets: np.ndarray, outputs: np.ndarray, class_names: Sequence[str]) -> None:
    expected = (len(outputs), len(class_names))
    if targets.shape != expected or outputs.shape != expected:
        shapes = f"received {targets.shape} and {outputs.shape}"
        raise ValueError(f"expected targets and outputs of shape (n, {len(class_names)}), one a class name; {shapes}")
    if not np.isin(targets, (0, 1)).all():
        raise ValueError("targets: expected 0 or 1 for every label")
    if outputs.min() < 0 or outputs.max() > 1:
        raise ValueError("outputs: expected probabilities from 0 to 1 (a sigmoid)")
