"""Losses for hard data, as plain functions of targets and softmax outputs: a model file never names one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from tlkit.compat.tensors import Tensor
from tlkit.tasks.task import Task
from tlkit.training.hard_data.imbalance import IMBALANCES
from tlkit.training.setup import Options

Loss = Callable[[Tensor, Tensor], Tensor]
_FOCUS = 2.0
_BOUNDED = 0.7  # exponent: 0 is cross-entropy, 1 mean absolute error
_LEAST = 1e-7  # of a probability


def loss_of(task: Task, options: Options, targets: np.ndarray, num_outputs: int) -> Any:
    """What training minimises: the task's own loss, or one that the options ask for in its place."""
    imbalance, smoothing = IMBALANCES[options.imbalance], options.label_smoothing
    prior = imbalance.prior(targets, num_outputs)
    if prior is not None:
        return logit_adjusted(prior, smoothing)
    if options.label_noise == "robust":
        return robust(smoothing)
    return focal(smoothing) if imbalance.focuses else task.loss(smoothing)


def logit_adjusted(prior: np.ndarray, label_smoothing: float = 0.0) -> Loss:
    """Cross-entropy of answers with the shares of the classes put in, which the model's own then are without.

    Reference: Menon et al., 2021.
    """

    def loss(targets: Tensor, outputs: Tensor) -> Tensor:
        taken = outputs * ops.convert_to_tensor(prior, outputs.dtype)
        taken = taken / ops.sum(taken, axis=-1, keepdims=True)
        return keras.losses.categorical_crossentropy(targets, taken, label_smoothing=label_smoothing)

    return loss


def focal(label_smoothing: float = 0.0) -> Loss:
    """Cross-entropy that counts less what is answered well already.

    Reference: Lin et al., 2017.
    """

    def loss(targets: Tensor, outputs: Tensor) -> Tensor:
        return keras.losses.categorical_focal_crossentropy(
            targets, outputs, alpha=1.0, gamma=_FOCUS, label_smoothing=label_smoothing
        )

    return loss


def robust(label_smoothing: float = 0.0) -> Loss:
    """Generalised cross-entropy, between cross-entropy and mean absolute error: what contradicts all else counts less.

    Reference: Zhang and Sabuncu, 2018.
    """

    def loss(targets: Tensor, outputs: Tensor) -> Tensor:
        smoothed = targets * (1 - label_smoothing) + label_smoothing / targets.shape[-1]
        return ops.sum(smoothed * (1 - ops.maximum(outputs, _LEAST) ** _BOUNDED), axis=-1) / _BOUNDED

    return loss
