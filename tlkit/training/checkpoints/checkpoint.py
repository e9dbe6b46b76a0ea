"""Training that can be cut off at any moment and go on from there, in this process or in another."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tlkit.compat.keras_optimizers import swap_averages
from tlkit.errors import disk_full
from tlkit.stopping import asked_to_stop
from tlkit.training.batches import Batches
from tlkit.training.callbacks import Fitted, KeepBest, RecordMetrics
from tlkit.training.checkpoints.state_file import State, StateFile

_log = logging.getLogger(__name__)
_SHARE = 0.02  # of the time since training began that writing states may take
_BYTES_A_SECOND = 200e6  # by which the first one is expected to be written


class Checkpoint(keras.callbacks.Callback):
    """Goes on from a kept state and keeps its own; ends after `until` epochs of all phases together.

    A state holds weights, optimizer, random seeds, the best weights so far, the curve, what earlier phases came to and,
    within an epoch, how far it is and its running metrics: with it, training that was cut off ends as if it had not
    been. A run has states at the ends of epochs, after every few minutes within one, and when it is asked to stop; a
    trial, whose epochs are short, and what Keras itself fits on other backends, at the ends of epochs alone.

    Args:
        since: a state to begin with where there is none of its own, as a trial has that goes on with another.
        whole: whether phases know of those before them, as in a run; in a trial they do not.
        minutes: after which a state is written within an epoch.
    """

    def __init__(
        self,
        path: Path,
        *,
        since: Path | None = None,
        until: int | None = None,
        whole: bool = False,
        minutes: float = 5.0,
    ) -> None:
        super().__init__()
        self.path, self.until, self.whole, self.phase = path, until, whole, 0
        self._file = StateFile(path, pairs=whole)
        self._state = self._file.read() or (StateFile(since).read() if since else None)
        self._facts: dict[str, Any] = self._state.facts if self._state else {}
        self.fitted = [Fitted(**each) for each in self._facts.get("fitted", [])]
        self.first = self._state.several("first") if self._state else []  # weights that `again` begins with
        self.step = int(self._facts.get("step", 0))  # of the epoch behind those that are done
        self._running = self._state.several("metric") if self._state else []
        self.stepwise = whole and keras.backend.backend() == "tensorflow"
        self._period, self._cost, self.seconds = 60 * minutes, 0.0, 0.0
        self._begun = self._last = time.monotonic()
        self._full = False  # the disk

    @property
    def known(self) -> bool:
        """Whether there is a state to go on from."""
        return bool(self._facts)

    @property
    def done(self) -> int:
        """Epochs of all phases that are behind the state."""
        return int(self._facts.get("total", 0))

    @property
    def curve(self) -> list[dict[str, float]]:
        """The metrics of these epochs."""
        return list(self._facts.get("curve", []))

    def reaches(self, phase: int, epochs: int) -> bool:
        """Whether anything of a phase is left to do; its end is looked at again if the state lies in it."""
        self.phase, self.epochs = phase, epochs
        return phase >= self._facts.get("phase", 0) and not self._is_full()

    def leave(self, fitted: Fitted) -> None:
        """Note what a phase came to, which those behind it go on from."""
        self.fitted.append(fitted)

    def enter(self, model: keras.Model, train: Batches, record: RecordMetrics, best: KeepBest) -> int:
        """Put the kept state into a compiled model and its callbacks; the epoch to go on with, from 0.

        `step` says how much of that epoch is done.
        """
        self.set_model(model)
        best.set_model(model)
        self.train, self.record, self.best = train, record, best
        self.before = list(self._facts.get("before", []))
        if self._state is None or self._facts["phase"] != self.phase:
            behind = [metrics for each in self.fitted for metrics in each.history]
            self.before = behind if self.whole else self.curve
            record.epoch, self.step = len(self.before), 0
            return 0
        record.history, record.epoch = self.curve[len(self.before) :], self.done
        over = self._facts["stopped"] or self._is_full() or len(record.history) >= self.epochs
        self._put_back(self._state, over=over)
        self._state = None
        train.skip_to(len(record.history))
        return self.epochs if over else len(record.history)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Let the first epoch go on with its running metrics."""
        if self._running and self.step:
            if len(self.model.metrics_variables) < len(self._running):
                self.model.test_step(self.train[0])  # makes those that are not there yet
            _assign(self.model.metrics_variables, self._running)
            self.record.begun -= self._facts["elapsed"]
        self._running = []

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        late = time.monotonic() - self._last >= self._period
        if self.stepwise and (asked_to_stop() or (late and self._is_due())):
            self._write(len(self.before) + len(self.record.history), step=batch + 1)
            _stop_if_asked()

    def on_test_begin(self, logs: Mapping[str, float] | None = None) -> None:
        self._running = [np.asarray(each) for each in self.model.metrics_variables]

    def on_test_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Stop here too, as behind the last step; averages, which stand in the model now, would leave traces."""
        if self.stepwise and asked_to_stop() and not self.model.optimizer.use_ema:
            self._write(len(self.before) + len(self.record.history), step=len(self.train), running=self._running)
            _stop_if_asked()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        total = len(self.before) + len(self.record.history)
        stopped, self._running = self.model.stop_training, []
        if self.until is not None and total >= self.until:
            self.model.stop_training = True
        last = self.model.stop_training or epoch + 1 >= self.epochs
        wanted = asked_to_stop() if self.whole else last  # others go on from a trial's end
        if wanted or self._is_due():
            self._write(total, stopped=stopped)
            _stop_if_asked()

    def _put_back(self, state: State, *, over: bool) -> None:
        self.model.optimizer.build(self.model.trainable_variables)
        for name, variables in self._variables().items():
            _assign(variables, state.several(name))
        if self.model.optimizer.use_ema and not (self.step or over):
            swap_averages(self.model)  # at the end of an epoch they stand in the model
        self.best.weights = state.several("best") or None
        self.best.best, self.best.best_epoch, self.best.kept_epoch = (
            state.facts[name] for name in ("best", "best_epoch", "kept_epoch")
        )

    def _is_due(self) -> bool:
        """Whether writing another state leaves nearly all of the time to training."""
        expected = self._cost or self._bytes() / _BYTES_A_SECOND
        return self.seconds + expected <= _SHARE * (time.monotonic() - self._begun)

    def _bytes(self) -> int:
        held = sum(int(np.prod(each.shape)) for every in self._variables().values() for each in every)
        return 4 * held + sum(each.nbytes for each in (*(self.best.weights or []), *self.first))

    def _is_full(self) -> bool:
        return self.until is not None and self.done >= self.until

    def _variables(self) -> dict[str, list[keras.Variable]]:
        apart = {id(each) for each in self.model.metrics_variables}
        return {
            "model": [each for each in self.model.variables if id(each) not in apart],
            "optimizer": list(self.model.optimizer.variables),
        }

    def _write(
        self, total: int, *, step: int = 0, stopped: bool = False, running: Sequence[np.ndarray] | None = None
    ) -> None:
        if self._full:
            return
        begun = time.monotonic()
        state = self._as_it_is(total, step, stopped, running)
        self._facts = state.facts
        try:
            self._file.write(state)
        except OSError as error:
            if not (self.whole and disk_full(error)):
                raise
            _log.warning("%s: no room for what a run goes on from after a kill; this one goes on without", self.path)
            self._full = True
        self._last = time.monotonic()
        self._cost = self._last - begun
        self.seconds += self._cost

    def _as_it_is(self, total: int, step: int, stopped: bool, running: Sequence[np.ndarray] | None) -> State:
        kept = {name: getattr(self.best, name) for name in ("best", "best_epoch", "kept_epoch")}
        facts = {
            "phase": self.phase, "total": total, "before": self.before, "curve": self.before + self.record.history,
            "stopped": stopped, "fitted": [vars(each) for each in self.fitted], **kept,
            "step": step, "elapsed": time.monotonic() - self.record.begun,
        }  # fmt: skip
        metrics = (self.model.metrics_variables if running is None else running) if step else []
        groups = {**self._variables(), "best": self.best.weights or [], "metric": metrics, "first": self.first}
        return State({f"{name}{i}": np.asarray(each) for name, every in groups.items() for i, each in enumerate(every)},
                     facts)  # fmt: skip


def _assign(variables: Sequence[keras.Variable], values: Sequence[np.ndarray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _stop_if_asked() -> None:
    if asked_to_stop():
        raise KeyboardInterrupt
