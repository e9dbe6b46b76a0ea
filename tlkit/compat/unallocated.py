"""Models that have shapes and no weights, to learn what a net is without the memory that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras
from keras.src.backend.common import global_state

_LEFT = "uninitialized_variables"  # where Keras notes what it is to fill in later


@contextmanager
def unallocated() -> Iterator[None]:
    """Layers that are built in here get no values, then or later; they are good for their shapes alone.

    Example:
        >>> with unallocated():
        ...     keras.Sequential([keras.Input((1000,)), keras.layers.Dense(10**12)]).count_params()
        1001000000000000
    """
    before = list(global_state.get_global_attribute(_LEFT, []))
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        global_state.set_global_attribute(_LEFT, before)
