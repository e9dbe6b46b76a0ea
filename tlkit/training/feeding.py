"""Batches that come from disk or are changed on the way, from any place of an epoch on, through Keras's own steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras

from tlkit.training.batches import Batches


class Feed:
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
