"""Whether what a phase ends with is better than what it began with, example by example in validation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from tlkit.training.batches import Batches
from tlkit.training.callbacks import KeepBest

Loss = Callable[..., Any]  # of Keras, or a function that gives that of each example


def keep_if_better(model: keras.Model, val: Batches, kept: KeepBest, epoch: int, loss: Loss) -> None:
    """Keep the weights that a model has, of this epoch, if they gain more than the gain's standard error.

    `kept` holds those that the phase began with.
    """
    last, weights = _losses(model, val, loss), model.get_weights()
    kept.restore()
    gains = _losses(model, val, loss) - last
    if gains.mean() > gains.std(ddof=1) / len(gains) ** 0.5:
        kept.weights, kept.kept_epoch = weights, epoch


def _losses(model: keras.Model, val: Batches, loss: Loss) -> np.ndarray:
    """That of each example."""
    found = []
    each = loss.call if isinstance(loss, keras.losses.Loss) else loss
    for index in range(len(val)):
        inputs, targets, *_ = val[index]
        found.append(np.asarray(each(targets, model.predict_on_batch(inputs)), np.float64))
    return np.concatenate(found)
