"""`tf.data` datasets as splits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tlkit.data.splits import Splits
from tlkit.errors import DataError
from tlkit.kinds.memory.arrays import from_arrays

if TYPE_CHECKING:
    import tensorflow as tf


def from_dataset(dataset: tf.data.Dataset, **options: Any) -> Splits:
    """Splits of a `tf.data.Dataset` of (input, target) examples, batched or not, drawn once and kept in memory."""
    for part in ("val_data", "test_data"):
        if options.get(part) is not None:
            options[part] = _drawn(options[part])
    return from_arrays(*_drawn(dataset), **options)


def _drawn(dataset: tf.data.Dataset) -> tuple[np.ndarray, np.ndarray]:
    spec = dataset.element_spec
    if not isinstance(spec, tuple) or len(spec) != 2:
        raise DataError(f"dataset: expected (input, target) elements, found {spec}")
    pairs = list((dataset.unbatch() if _batched(*spec) else dataset).as_numpy_iterator())
    if not pairs:
        raise DataError("dataset: expected examples, found none")
    shapes = sorted({np.shape(each) for each, _ in pairs})
    if len(shapes) > 1:
        raise DataError(
            f"dataset: expected inputs of one shape, found {shapes[0]} and {shapes[1]}. Bring them to one first: "
            "dataset.map(lambda x, y: (tf.cast(tf.image.resize(x, (224, 224)), x.dtype), y))"
        )
    return np.stack([each for each, _ in pairs]), np.stack([label for _, label in pairs])


def _batched(inputs: Any, targets: Any) -> bool:
    """Whether elements are batches; those of a fixed size are known by pictures and targets with one first axis."""
    sides, others = inputs.shape, targets.shape
    if not sides.rank or others.rank == 0:
        return False
    return sides[0] is None or (sides.rank >= 4 and bool(others.rank) and sides[0] == others[0])
