"""Batches of one split for Keras's fit: shuffled by seed, encoded for the loss, augmented on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import keras
import numpy as np

from tlkit.data.splits import paired
from tlkit.engines.feature_cache import FeatureRows
from tlkit.training.hard_data.imbalance import balanced_order

Change = Callable[[np.ndarray, np.ndarray, np.ndarray, int], tuple[Any, Any]]  # inputs, targets, indices, epoch


class BatchSource(Protocol):
    """Anything that gives the inputs at some indices as one batch: examples, cached features, views."""

    def __len__(self) -> int: ...

    def load(self, indices: np.ndarray) -> np.ndarray: ...


@runtime_checkable
class TableSource(BatchSource, Protocol):
    """Rows that may be in memory as one table, to be picked from by index."""

    def rows_at(self, epoch: int) -> np.ndarray: ...
    def table(self) -> np.ndarray | None: ...


class Views:
    """Several feature rows an example, the plain one and its augmented views; each epoch takes one of them."""

    def __init__(self, rows: Sequence[FeatureRows], seed: int) -> None:
        self.rows, self.seed, self.epoch = rows, seed, 0

    def __len__(self) -> int:
        return len(self.rows[0])

    def load(self, indices: np.ndarray) -> np.ndarray:
        views, rows = np.divmod(self.rows_at(self.epoch)[indices], len(self))
        batch = self.rows[0].load(indices)
        for view in np.unique(views):
            batch[views == view] = self.rows[view].load(rows[views == view])
        return batch

    def rows_at(self, epoch: int) -> np.ndarray:
        """Which row of `table` stands for each example in this epoch."""
        chosen = np.random.default_rng([self.seed, epoch]).integers(len(self.rows), size=len(self))
        return chosen * len(self) + np.arange(len(self))

    def table(self) -> np.ndarray | None:
        """All views below each other, where they are in memory."""
        tables = [each.table() for each in self.rows]
        there = [each for each in tables if each is not None]
        return np.concatenate(there) if len(there) == len(tables) else None


class Batches(keras.utils.PyDataset):
    """A split as batches (inputs, targets, weights); the same seed gives the same batches in the same order.

    Where columns stand `beside` the inputs, a batch has pairs of both; `change` sees the first alone. By `classes`, an
    epoch has as many of each.
    """

    def __init__(
        self,
        source: BatchSource,
        targets: np.ndarray,
        *,
        batch_size: int,
        seed: int,
        shuffle: bool = False,
        weights: np.ndarray | None = None,
        change: Change | None = None,
        beside: np.ndarray | None = None,
        classes: np.ndarray | None = None,
    ) -> None:
        super().__init__(workers=1, max_queue_size=8)
        self.source, self.targets, self.weights, self.change = source, targets, weights, change
        self.beside, self.classes = beside, classes
        self.batch_size, self.seed, self.shuffle, self.epoch = batch_size, seed, shuffle, 0
        self._arrange()

    def __len__(self) -> int:
        return -(-len(self.targets) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        indices = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        inputs, targets = self.source.load(indices), self.targets[indices]
        if self.change is not None:
            inputs, targets = self.change(inputs, targets, indices, self.epoch)
        if inputs.dtype == object:  # texts: Keras takes them as tensors only
            inputs = keras.ops.convert_to_tensor(inputs, "string")
        inputs = paired(inputs, self.beside, indices)
        return (inputs, targets) if self.weights is None else (inputs, targets, self.weights[indices])

    def on_epoch_end(self) -> None:
        """Called by Keras after each epoch, and once before the first, when it has looked at some batches."""
        self.epoch += 1
        self._arrange()

    def skip_to(self, epoch: int) -> None:
        """Go on as if `epoch` epochs had been seen."""
        self.epoch = epoch
        self._arrange()

    def table(self) -> np.ndarray | None:
        """All rows that inputs are picked from, where they are in memory and used as they are."""
        return self.source.table() if isinstance(self.source, TableSource) and self.change is None else None

    def rows_in_order(self, epoch: int) -> np.ndarray:
        """(row of the table, example) in the order of an epoch."""
        assert isinstance(self.source, TableSource), "as where there is a table"
        order = self._order(epoch)
        return np.stack([self.source.rows_at(epoch)[order], order], axis=1)

    def _order(self, epoch: int) -> np.ndarray:
        rng = np.random.default_rng([self.seed, epoch])
        order = np.arange(len(self.targets)) if self.classes is None else balanced_order(self.classes, rng)
        if self.shuffle:
            rng.shuffle(order)
        return order

    def _arrange(self) -> None:
        self.order = self._order(self.epoch)
        if isinstance(self.source, Views):
            self.source.epoch = self.epoch
