"""Reads tensors out of a legacy PyTorch weight file with numpy alone; nothing in the file is executed."""

from __future__ import annotations

import collections
import math
import pickle
from pathlib import Path
from typing import IO, Any

import numpy as np

from tlkit.errors import ModelError

_MAGIC = 0x1950A86A20F9469CFC6C
_STORAGES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8"}
_FAULTS = (
    pickle.UnpicklingError, EOFError, ValueError, TypeError, LookupError, AttributeError, OverflowError, MemoryError,
    RecursionError,
)  # fmt: skip


class _Storage:
    def __init__(self, dtype: str, count: int) -> None:
        self.dtype, self.count = np.dtype(dtype), count
        self.values = np.empty(0, self.dtype)


class _Tensor:
    def __init__(self, storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides

    def array(self) -> np.ndarray:
        values = self.storage.values
        if not isinstance(values, np.ndarray) or not self._lies_within(values.size):
            raise ValueError("a tensor reaches beyond its storage")
        strides = tuple(step * values.itemsize for step in self.strides)
        view = np.lib.stride_tricks.as_strided(values[self.offset :], self.shape, strides)
        return np.ascontiguousarray(view)

    def _lies_within(self, count: int) -> bool:
        """Whether all elements are in the storage, and no more than it has; the file's word is not taken for it."""
        counts = [self.offset, *self.shape, *self.strides]
        if len(self.shape) != len(self.strides) or any(type(each) is not int or each < 0 for each in counts):
            return False
        last = self.offset + sum((size - 1) * step for size, step in zip(self.shape, self.strides, strict=True))
        return 0 in self.shape or (last < count and math.prod(self.shape) <= count)


class _Unpickler(pickle.Unpickler):
    """Knows six harmless names and refuses every other."""

    def __init__(self, file: IO[bytes], storages: dict[str, _Storage]) -> None:
        super().__init__(file)
        self.storages = storages

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *rest: _Tensor(storage, offset, shape, strides)
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module == "torch" and name in _STORAGES:
            return name
        raise ModelError(f"weights file asks for '{module}.{name}', which plain tensors do not need: not loaded")

    def persistent_load(self, pid: Any) -> _Storage:
        _, kind, key, _, count, *_ = pid
        return self.storages.setdefault(key, _Storage(_STORAGES[kind], count))


def read_tensors(path: Path) -> dict[str, np.ndarray]:
    """Every named tensor of a legacy `.pth` state dict, as numpy arrays.

    Example:
        >>> read_tensors(Path("weights.pth"))["conv_stem.weight"].shape  # doctest: +SKIP
        (32, 3, 3, 3)
    """
    try:
        return _read(path)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    except _FAULTS as error:
        raise ModelError(f"{path}: expected a legacy PyTorch weight file, found something else") from error


def _read(path: Path) -> dict[str, np.ndarray]:
    storages: dict[str, _Storage] = {}
    with path.open("rb") as file:
        if _Unpickler(file, storages).load() != _MAGIC:
            raise ValueError("another magic number")
        _Unpickler(file, storages).load()  # protocol version
        _Unpickler(file, storages).load()  # facts of the writing machine
        tensors = _Unpickler(file, storages).load()
        for key in _Unpickler(file, storages).load():
            file.seek(8, 1)  # the count, known already
            storage = storages[key]
            length = storage.count * storage.dtype.itemsize
            if not 0 <= length <= path.stat().st_size:
                raise ValueError("a storage is larger than the file")
            storage.values = np.frombuffer(file.read(length), storage.dtype, storage.count)
    return {name: each.array() for name, each in tensors.items()}
