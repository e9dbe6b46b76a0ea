"""Training that can be cut off after any epoch and go on from there, in this process or in another."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tlkit.compat.keras_optimizers import swap_averages
from tlkit.errors import disk_full
from tlkit.training.batches import Batches
from tlkit.training.callbacks import Fitted, KeepBest, RecordMetrics

_log = logging.getLogger(__name__)
_SHARE = 0.02  # of the time since training began that writing states may take
_BYTES_A_SECOND = 200e6  # by which the first one is expected to be written


class Checkpoint(keras.callbacks.Callback):
    """Goes on from a kept state and keeps its own; ends after `until` epochs of all phases together.

    A state holds weights, optimizer, random seeds, the best weights so far, the curve and what earlier phases came to:
    with it, training that was cut off ends as if it had not been.

    Args:
        since: a state to begin with where there is none of its own, as a trial has that goes on with another.
        whole: whether phases know of those before them, as in a run; in a trial they do not.
    """

    def __init__(self, path: Path, *, since: Path | None = None, until: int | None = None, whole: bool = False) -> None:
        super().__init__()
        self.path, self.until, self.whole, self.phase = path, until, whole, 0
        self._state = _read(path) or (_read(since) if since else None)
        self._meta: dict[str, Any] = json.loads(str(self._state["meta"])) if self._state else {}
        self.fitted = [Fitted(**each) for each in self._meta.get("fitted", [])]
        self._begun, self._spent, self._cost = time.monotonic(), 0.0, 0.0
        self._full = False  # the disk

    @property
    def done(self) -> int:
        """Epochs of all phases that are behind the state."""
        return int(self._meta.get("total", 0))

    @property
    def curve(self) -> list[dict[str, float]]:
        """The metrics of these epochs."""
        return list(self._meta.get("curve", []))

    def reaches(self, phase: int, epochs: int) -> bool:
        """Whether anything of a phase is left to do; its end is looked at again if the state lies in it."""
        self.phase, self.epochs = phase, epochs
        return phase >= self._meta.get("phase", 0) and not self._is_full()

    def leave(self, fitted: Fitted) -> None:
        """Note what a phase came to, which those behind it go on from."""
        self.fitted.append(fitted)

    def enter(self, model: keras.Model, train: Batches, record: RecordMetrics, best: KeepBest) -> int:
        """Put the kept state into a compiled model and its callbacks; the epoch to go on with, from 0."""
        self.set_model(model)
        best.set_model(model)
        self.train, self.record, self.best = train, record, best
        self.before = list(self._meta.get("before", []))
        if self._state is None or self._meta["phase"] != self.phase:
            behind = [metrics for each in self.fitted for metrics in each.history]
            self.before = behind if self.whole else self.curve
            record.epoch = len(self.before)
            return 0
        model.optimizer.build(model.trainable_variables)
        for name, variables in self._variables().items():
            for index, variable in enumerate(variables):
                variable.assign(self._state[f"{name}{index}"])
        if model.optimizer.use_ema:
            swap_averages(model)  # at the end of an epoch they stand in the model
        count = sum(key.startswith("best") for key in self._state)
        best.weights = [self._state[f"best{index}"] for index in range(count)] or None
        best.best, best.best_epoch, best.kept_epoch = (
            self._meta[name] for name in ("best", "best_epoch", "kept_epoch")
        )
        record.history, record.epoch = self.curve[len(self.before) :], self.done
        self._state = None
        train.skip_to(len(record.history))
        return self.epochs if self._meta["stopped"] or self._is_full() else len(record.history)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        total = len(self.before) + len(self.record.history)
        stopped = self.model.stop_training
        if self.until is not None and total >= self.until:
            self.model.stop_training = True
        last = self.model.stop_training or epoch + 1 >= self.epochs
        if not self._full and (self._is_due() or (last and not self.whole)):  # others go on from a trial's end
            self._write(total, stopped=stopped)

    def _is_due(self) -> bool:
        """Whether writing another state leaves nearly all of the time to training."""
        expected = self._cost or sum(each.nbytes for each in self._arrays().values()) / _BYTES_A_SECOND
        return self._spent + expected <= _SHARE * (time.monotonic() - self._begun)

    def _is_full(self) -> bool:
        return self.until is not None and self.done >= self.until

    def _variables(self) -> dict[str, list[keras.Variable]]:
        apart = {id(each) for each in self.model.metrics_variables}
        return {
            "model": [each for each in self.model.variables if id(each) not in apart],
            "optimizer": list(self.model.optimizer.variables),
        }

    def _write(self, total: int, *, stopped: bool) -> None:
        begun = time.monotonic()
        arrays: dict[str, Any] = self._arrays()
        best = {name: getattr(self.best, name) for name in ("best", "best_epoch", "kept_epoch")}
        curve = self.before + self.record.history
        self._meta = {
            "phase": self.phase, "total": total, "before": self.before, "curve": curve, "stopped": stopped,
            "fitted": [vars(each) for each in self.fitted], **best,
        }  # fmt: skip
        arrays["meta"] = np.asarray(json.dumps(self._meta))
        try:
            _replace(self.path, lambda file: np.savez(file, **arrays))
        except OSError as error:
            if not (self.whole and disk_full(error)):
                raise
            _log.warning("%s: no room for what a run goes on from after a kill; this one goes on without", self.path)
            self._full = True
        self._cost = time.monotonic() - begun
        self._spent += self._cost

    def _arrays(self) -> dict[str, np.ndarray]:
        arrays = {
            f"{name}{i}": np.asarray(each) for name, every in self._variables().items() for i, each in enumerate(every)
        }
        return arrays | {f"best{i}": each for i, each in enumerate(self.best.weights or [])}


def _read(path: Path) -> dict[str, np.ndarray] | None:
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _replace(path: Path, write: Callable[[Any], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".new")
    try:
        with scratch.open("wb") as file:
            write(file)
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)
        raise
