"""What happens after each epoch: record it, keep the best weights, stop in time, show it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from tlkit.errors import TlkitError
from tlkit.progress import Bar, Epoch


class TrainingError(TlkitError):
    """Training that cannot go on."""


@dataclass
class Fitted:
    """What a phase leaves: metrics by epoch, which of them (from 0) it ends with, and how fast it went.

    Where no epoch was better than what the phase began with, `kept` is None and `best` that of the phase before.
    Validation calibrates what was proven by it, for a phase behind it that learns from validation too.
    """

    history: list[dict[str, float]] = field(default_factory=list)
    kept: int | None = 0
    best: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    examples_per_second: float = 0.0
    calibration: dict[str, Any] | None = None
    chosen: dict[str, Any] | None = None  # by the task, on validation, before a phase learns from that too


class RecordMetrics(keras.callbacks.Callback):
    """Hands each epoch's metrics on as `train/…` and `val/…`; epochs count on through all phases.

    Where validation is learned from, nothing is said of it.
    """

    def __init__(
        self, on_epoch: Callable[[dict[str, float], int], None], first_epoch: int, *, validates: bool = True
    ) -> None:
        super().__init__()
        self.on_epoch, self.epoch, self.validates = on_epoch, first_epoch, validates
        self.history: list[dict[str, float]] = []

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self.begun, self.rate = time.monotonic(), float(self.model.optimizer.learning_rate)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self.epoch += 1
        metrics = {_slashed(name): float(value) for name, value in (logs or {}).items()}
        metrics = {name: value for name, value in metrics.items() if self.validates or not name.startswith("val/")}
        rate = self.model.optimizer.learning_rate
        metrics |= {"train/learning_rate": float(rate), "train/epoch_seconds": time.monotonic() - self.begun}
        self.history.append(metrics)
        self.on_epoch(metrics, self.epoch)
        if not math.isfinite(metrics["train/loss"]):
            raise TrainingError(
                f"train: the loss became {metrics['train/loss']} in epoch {self.epoch}. "
                f"Lower train.learning_rate (it was {self.rate:g}) or set train.optimizer.clip_norm"
            )


class KeepBest(keras.callbacks.Callback):
    """Holds the weights of the best epoch (or the last), and stops after `patience` epochs without a better one.

    Where no epoch is better than `before`, which an earlier phase reached, the weights at the beginning are held.
    """

    def __init__(
        self,
        monitor: str,
        *,
        more_is_better: bool,
        patience: int | None,
        min_delta: float,
        last: bool = False,
        before: float | None = None,
    ) -> None:
        super().__init__()
        self.monitor = "val_" + monitor.removeprefix("val/")
        self.sign = -1.0 if more_is_better else 1.0
        self.patience, self.min_delta = patience, min_delta
        self.best, self.best_epoch = math.inf, 0
        self.weights: list[np.ndarray] | None = None
        self.kept_epoch: int | None = None if before is not None else 0
        self.last = last
        self.bar = math.inf if before is None or last else self.sign * before

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        if self.weights is None and self.bar != math.inf:
            self.weights = self.model.get_weights()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        if self.monitor not in (logs or {}):
            known = ", ".join("val/" + name.removeprefix("val_") for name in logs or {} if name.startswith("val_"))
            raise TrainingError(
                f"train.early_stopping.monitor: no metric '{_slashed(self.monitor)}'; there are {known}"
            )
        value = self.sign * float((logs or {})[self.monitor])
        if value < self.best - self.min_delta:
            self.best, self.best_epoch = value, epoch
        elif self.patience is not None and epoch - self.best_epoch >= self.patience:
            self.model.stop_training = True
        beats = self.bar == math.inf or value < self.bar
        if self.last or (self.best_epoch == epoch and beats):
            self.kept_epoch, self.weights = epoch, self.model.get_weights()

    def restore(self) -> None:
        """Put the kept weights back."""
        if self.weights is not None:
            self.model.set_weights(self.weights)


class ShowProgress(keras.callbacks.Callback):
    """Moves a progress bar with every batch, and hands it what was recorded of each epoch."""

    def __init__(self, bar: Bar, steps: int, record: RecordMetrics, first_epoch: int = 0) -> None:
        super().__init__()
        self.bar, self.steps, self.record, self.before, self.note = bar, steps, record, first_epoch * steps, ""

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        self.bar(self.before + batch + 1, self.note)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self.before += self.steps
        self.note = "  ".join(f"{_slashed(name)} {value:.3f}" for name, value in (logs or {}).items() if "val_" in name)
        self.bar(self.before, self.note, Epoch(self.record.epoch, self.record.history[-1]))


def _slashed(name: str) -> str:
    return "val/" + name.removeprefix("val_") if name.startswith("val_") else "train/" + name
