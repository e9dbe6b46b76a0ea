"""Epochs from any of their steps on; of what is in memory, many steps in one call, for a small head's sake.

The steps are Keras's own `train_step` and `test_step` on the batches that `fit` would see, in the same order.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import keras
import numpy as np

from tlkit.compat.tensors import Tensor
from tlkit.data.splits import Examples, paired
from tlkit.training.batches import Batches
from tlkit.training.reusable_head import ReusableHead

_IN_MEMORY = 512 << 20
_LARGE_STEP = 4096
_CALL_SECONDS = 0.3  # after so long a call returns, for progress bars and Ctrl-C


def in_memory(batches: Batches) -> bool:
    """Whether every input of a split is at hand and small, and nothing changes it on the way."""
    if batches.change is not None:
        return False
    table = _table(batches)
    return table is not None and table.dtype != object and table.nbytes <= _IN_MEMORY


def fit_whole_epochs(
    model: keras.Model,
    train: Batches,
    val: Batches,
    *,
    epochs: int,
    first: int = 0,
    step: int = 0,
    callbacks: Sequence[keras.callbacks.Callback],
    reusable: ReusableHead | None = None,
) -> None:
    """What `model.fit` does with these callbacks, from a step of an epoch on; `reusable` has its steps compiled."""
    every = keras.callbacks.CallbackList(list(callbacks), model=model, epochs=epochs, steps=len(train))
    training, validation = _steps(model, train, val, reusable)
    model.stop_training = False
    every.on_train_begin()
    for epoch in range(first, epochs):
        every.on_epoch_begin(epoch)
        logs = training.run(epoch, step, lambda done: every.on_train_batch_end(done - 1))
        every.on_test_begin()
        judged = validation.run(0, 0, lambda done: every.on_test_batch_end(done - 1))
        every.on_test_end()
        every.on_epoch_end(epoch, {**logs, **{f"val_{name}": value for name, value in judged.items()}})
        step = 0
        if model.stop_training:
            break
    every.on_train_end()


class _Steps(Protocol):
    """One split's steps, compiled."""

    def run(self, epoch: int, first: int, tell: Callable[[int], None]) -> dict[str, float]:
        """Those of an epoch from `first` on, telling how many are done; the metrics behind them."""


def _steps(model: keras.Model, train: Batches, val: Batches, reusable: ReusableHead | None) -> tuple[_Steps, _Steps]:
    """The steps over both splits: of what is in memory, and of what must be fed."""
    if not (in_memory(train) and in_memory(val)):
        model.make_train_function()
        model.make_test_function()
        return _FedSteps(model, model.train_function, train), _FedSteps(model, model.test_function, val)
    training = _CompiledSteps(model, model.train_step, train, reusable)
    return training, _LargeSteps(model, val, reusable) if _is_flat(val) else _CompiledSteps(model, model.test_step, val)


class _CompiledSteps:
    """Steps over one split, compiled once for any number of them."""

    def __init__(
        self, model: keras.Model, step: Callable[..., Any], batches: Batches, reusable: ReusableHead | None = None
    ) -> None:
        import tensorflow as tf

        self.model, self.batches, self.pace = model, batches, 0.0
        columns = [each for each in (batches.beside, batches.targets, batches.weights) if each is not None]
        with tf.device("CPU"):
            self.table, *self.columns = (tf.constant(each) for each in (_table(batches), *columns))
        if reusable is None or not reusable.functions:
            self._build(reusable)
        whole, pairs = isinstance(batches.source, Examples), batches.beside is not None
        make = functools.partial(_compiled, step, exact=whole, pairs=pairs)
        self.function = reusable.compiled("train", make) if reusable is not None else make()

    def run(self, epoch: int, first: int, tell: Callable[[int], None]) -> dict[str, float]:
        """The steps of an epoch from `first` on; the metrics behind them."""
        if not first:
            self.model.reset_metrics()
        order, steps, done = _order(self.batches, epoch), len(self.batches), first
        size = np.int32(self.batches.batch_size)
        while done < steps:
            begun = time.monotonic()
            stop = min(steps, done + max(1, int(_CALL_SECONDS / self.pace))) if self.pace else done + 1
            self.function(self.table, *self.columns, order, size, np.int32(done), np.int32(stop))
            self.pace = (time.monotonic() - begun) / (stop - done) if done > first or self.pace else 0.0
            done = stop
            tell(done)
        return {name: float(value) for name, value in self.model.get_metrics_result().items()}

    def _build(self, reusable: ReusableHead | None) -> None:
        """Let metrics and optimizer make their variables before anything is compiled."""
        if not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)
        rows, *columns = (each[:1] for each in (self.table, *self.columns))
        if self.batches.beside is not None:
            rows = (rows, columns.pop(0))
        if reusable is None:
            self.model.test_step((rows, *columns))
        else:
            self.model.compute_metrics(rows, columns[0], columns[0])  # of a head, metrics are all that is not yet built
        self.model.reset_metrics()


class _LargeSteps:
    """One split of pooled features looked at in few large steps."""

    def __init__(self, model: keras.Model, batches: Batches, reusable: ReusableHead | None = None) -> None:
        self.model, self.batches, self.step = model, batches, model.test_step
        if reusable is not None:
            import tensorflow as tf

            compiled = functools.partial(tf.function, model.test_step, autograph=False, reduce_retracing=True)
            self.step = reusable.compiled("val", compiled)

    def run(self, epoch: int, first: int, tell: Callable[[int], None]) -> dict[str, float]:
        """The metrics of the whole split."""
        self.model.reset_metrics()
        for start in range(0, len(self.batches.targets), _LARGE_STEP):
            indices = np.arange(start, min(start + _LARGE_STEP, len(self.batches.targets)))
            columns = [each[indices] for each in (self.batches.targets, self.batches.weights) if each is not None]
            self.step((paired(self.batches.source.load(indices), self.batches.beside, indices), *columns))
        return {name: float(value) for name, value in self.model.get_metrics_result().items()}


class _FedSteps:
    """One split's steps, its batches read ahead by tf.data, as Keras's fit has it.

    Args:
        function: of a model, what its `make_train_function` or `make_test_function` made.
    """

    def __init__(self, model: keras.Model, function: Callable[..., Any], batches: Batches) -> None:
        import tensorflow as tf

        self.model, self.function, self.batches, self.first = model, function, batches, 0
        batches.skip_to(0)
        samples = batches[0], batches[min(1, len(batches) - 1)]
        data = tf.data.Dataset.from_generator(self._rest, output_signature=keras.tree.map_structure(_spec, *samples))
        self.data = data.prefetch(tf.data.AUTOTUNE)

    def run(self, epoch: int, first: int, tell: Callable[[int], None]) -> dict[str, float]:
        """The steps of an epoch from `first` on; the metrics behind them."""
        if not first:
            self.model.reset_metrics()
        self.batches.skip_to(epoch + 1)
        self.first, done = first, first
        rows = iter(self.data)
        while done < len(self.batches):
            self.function(rows)
            done = min(done + self.model.steps_per_execution, len(self.batches))
            tell(done)
        return {name: float(value) for name, value in self.model.get_metrics_result().items()}

    def _rest(self) -> Iterator[tuple[Any, ...]]:
        return (self.batches[index] for index in range(self.first, len(self.batches)))


def _spec(*samples: Any) -> Any:
    """Type and shape of a column of any number of rows; open where two batches differ."""
    import tensorflow as tf

    sides = [
        sizes[0] if len(set(sizes)) == 1 else None for sizes in zip(*(each.shape for each in samples), strict=True)
    ]
    return tf.TensorSpec([None, *sides[1:]], samples[0].dtype)


def _is_flat(batches: Batches) -> bool:
    """Whether a split is of rows of numbers behind a frozen part, small however many they are."""
    table = _table(batches)
    return not isinstance(batches.source, Examples) and table is not None and table.ndim == 2


def _table(batches: Batches) -> np.ndarray | None:
    """All rows that inputs are picked from: those of features, or arrays that are examples themselves."""
    source = batches.source
    if isinstance(source, Examples):
        return np.asarray(source.items) if source.read is None else None
    return batches.table()


def _order(batches: Batches, epoch: int) -> np.ndarray:
    """(row of the table, example) in the order of an epoch."""
    if isinstance(batches.source, Examples):
        batches.skip_to(epoch)
        return np.stack([batches.order, batches.order], axis=1).astype(np.int32)
    return batches.rows_in_order(epoch).astype(np.int32)


def _compiled(step: Callable[..., Any], *, exact: bool, pairs: bool) -> Callable[..., Any]:
    import tensorflow as tf

    def stretch(table: Tensor, *given: Tensor) -> Tensor:
        *columns, order, size, start, stop = given

        def body(index: Tensor) -> Tensor:
            indices = order[index * size : (index + 1) * size]
            inputs = tf.gather(table, indices[:, 0])
            inputs = inputs if exact else tf.cast(inputs, tf.float32)  # features are kept in half precision
            rest = [tf.gather(each, indices[:, 1]) for each in columns]
            step(((inputs, rest[0]), *rest[1:]) if pairs else (inputs, *rest))
            return index + 1

        return tf.while_loop(lambda index: index < stop, body, [start], parallel_iterations=1)

    traced: Callable[..., Any] = tf.function(stretch, autograph=False, reduce_retracing=True)
    return traced
