"""Examples that are decoded once: what an epoch has read stays in memory for the next, where there is room."""

from __future__ import annotations

import numpy as np

from tlkit.data.splits import Examples, Info

_MOST_BYTES = 512 << 20  # of one split, as for features


class DecodedCache:
    """Examples that are read when first asked for and then stay in memory.

    Example:
        >>> DecodedCache(splits.train).load(np.arange(8)).shape  # doctest: +SKIP
        (8, 96, 96, 3)
    """

    def __init__(self, examples: Examples) -> None:
        self.examples = examples
        self._rows: np.ndarray | None = None
        self._read = np.zeros(len(examples), bool)

    def __len__(self) -> int:
        return len(self.examples)

    def load(self, indices: np.ndarray) -> np.ndarray:
        """The inputs at these indices as one batch."""
        indices = np.asarray(indices, int)
        new = np.unique(indices[~self._read[indices]])
        if len(new):
            rows = self.examples.load(new)
            if self._rows is None:
                self._rows = np.empty((len(self), *rows.shape[1:]), rows.dtype)
            self._rows[new], self._read[new] = rows, True
        assert self._rows is not None
        return self._rows[indices]


def kept(examples: Examples, info: Info, *, most_bytes: int = _MOST_BYTES) -> Examples | DecodedCache:
    """The examples, kept in memory where they are read from files and have room there."""
    if examples.read is None or info.input_dtype == "string" or None in info.input_shape:
        return examples
    size = len(examples) * int(np.prod(info.input_shape)) * np.dtype(info.input_dtype).itemsize
    return DecodedCache(examples) if size <= most_bytes else examples
