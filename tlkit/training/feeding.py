"""Batches of rows that are in memory, put together by tf.data: no Python between one step and the next."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from tlkit.compat.tensors import Tensor
from tlkit.training.batches import Batches


class Reorder(keras.callbacks.Callback):
    """Shuffles the rows anew before each epoch, as `Batches` would."""

    def __init__(self, batches: Batches, order: Tensor) -> None:
        super().__init__()
        self.batches, self.order = batches, order

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self.order.assign(self.batches.rows_in_order(epoch))


def fed(batches: Batches) -> tuple[object, list[keras.callbacks.Callback]]:
    """The same batches in the fastest form for Keras's fit, with the callbacks that this form needs."""
    table = batches.table() if keras.backend.backend() == "tensorflow" else None
    if table is None or batches.beside is not None:
        return batches, []
    import tensorflow as tf

    order = tf.Variable(batches.rows_in_order(0), dtype=tf.int64)  # (examples, 2): row and example
    columns = [each for each in (batches.targets, batches.weights) if each is not None]
    held, *others = (tf.constant(each) for each in (table, *columns))

    def batch(indices: Tensor) -> tuple[Tensor, ...]:
        rows = tf.gather(order, indices)
        inputs = tf.cast(tf.gather(held, rows[:, 0]), tf.float32)
        return inputs, *(tf.gather(each, rows[:, 1]) for each in others)

    given = tf.autograph.experimental.do_not_convert(batch)  # it would write a file of what it makes of it
    data = tf.data.Dataset.range(len(batches.targets)).batch(batches.batch_size).map(given).prefetch(2)
    return data, [Reorder(batches, order)] if batches.shuffle else []
