"""Whether what a phase ends with is better than what it began with, example by example in validation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from tlkit.training.batches import Batches
from tlkit.training.calibration.temperature import Calibration, calibrated
from tlkit.training.callbacks import KeepBest
from tlkit.training.solving.linear_solver import Link

Loss = Callable[..., Any]  # of Keras, or a function that gives that of each example


def keep_if_better(
    model: keras.Model, val: Batches, kept: KeepBest, epoch: int, loss: Loss, link: Link | None, weights: np.ndarray
) -> Calibration | None:
    """Keep the weights that a model has, of this epoch, if they gain more than the gain's standard error.

    `kept` holds those that the phase began with. With a link, both are compared as validation calibrates them, and how
    it does that with what was kept is given. The `weights` say how much each example counts.
    """
    (last, calibration), ended = _losses(model, val, loss, link, weights), model.get_weights()
    kept.restore()
    gains = _losses(model, val, loss, link, weights)[0] - last
    if not gains.mean() > gains.std(ddof=1) / len(gains) ** 0.5:  # nor where they are no numbers
        return None
    kept.weights, kept.kept_epoch = ended, epoch
    return calibration


def _losses(
    model: keras.Model, val: Batches, loss: Loss, link: Link | None, weights: np.ndarray
) -> tuple[np.ndarray, Calibration | None]:
    """That of each example, and how the answers were calibrated before."""
    each, calibration = loss.call if isinstance(loss, keras.losses.Loss) else loss, None
    wanted, answered = [], []
    for index in range(len(val)):
        inputs, targets, *_ = val[index]
        wanted.append(targets)
        answered.append(np.asarray(model.predict_on_batch(inputs), np.float64))
    targets, outputs = np.concatenate(wanted), np.concatenate(answered)
    if link is not None and link.sums is not None and np.isfinite(outputs).all():
        outputs, calibration = calibrated(link, targets.reshape(outputs.shape), outputs, val.seed, weights)
    return weights * np.asarray(each(targets, outputs.astype(np.float32)), np.float64), calibration
