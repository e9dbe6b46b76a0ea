"""The open inference protocol, version 2 (KServe, Triton, MLServer): its JSON, and arrays as bytes behind it."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlkit.errors import DataError
from tlkit.serving.request_batches import Example, Rows
from tlkit.serving.request_bodies import json_in
from tlkit.serving.request_examples import ExampleReader
from tlkit.serving.served_model import InputSpec, Json, ServedModel

LENGTH = "inference-header-content-length"  # of the JSON, where bytes follow it
_TYPES = {
    "BOOL": "bool", "UINT8": "uint8", "UINT16": "uint16", "UINT32": "uint32", "UINT64": "uint64", "INT8": "int8",
    "INT16": "int16", "INT32": "int32", "INT64": "int64", "FP16": "float16", "FP32": "float32", "FP64": "float64",
}  # fmt: skip
_NAMES = {name: key for key, name in _TYPES.items()}


def model_metadata(model: ServedModel) -> Json:
    """What `/v2/models/NAME` says."""
    inputs = [{"name": each.name, **_tensor(each.dtype, each.shape)} for each in model.inputs]
    outputs = [{"name": "outputs", **_tensor("float32", [len(model.class_names)])}]
    outputs += [{"name": "unknown", **_tensor("float32", [])}] if "unknown" in model.outputs else []
    outputs += [{"name": "answers", "datatype": "BYTES", "shape": [-1]}]
    return {"name": model.name, "versions": [model.version], "platform": f"tlkit_{model.file.replace(' ', '_')}",
            "inputs": inputs, "outputs": outputs}  # fmt: skip


@dataclass(frozen=True)
class Inference:
    """One request to infer: what is asked, and how the answer is wanted."""

    asked: Mapping[str, Any]
    examples: list[Example]

    def answer(
        self, model: ServedModel, rows: Sequence[Rows], answers: Sequence[Mapping[str, Any]]
    ) -> tuple[bytes, int | None]:
        """The body of the answer, and of how many bytes its JSON is where bytes follow it."""
        binary: list[bytes] = []
        told = [self._output(name, values, binary) for name, values in self._wanted(model, rows, answers).items()]
        page = {"model_name": model.name, "model_version": model.version, "outputs": told}
        page |= {"id": self.asked["id"]} if "id" in self.asked else {}
        said = json.dumps(page).encode()
        return b"".join([said, *binary]), len(said) if binary else None

    def _wanted(
        self, model: ServedModel, rows: Sequence[Rows], answers: Sequence[Mapping[str, Any]]
    ) -> dict[str, np.ndarray]:
        outputs = np.stack([each[0] for each in rows]).astype(np.float32)
        found = {"outputs": outputs, "answers": np.array([json.dumps(each) for each in answers], object)}
        if "unknown" in model.outputs:
            found["unknown"] = np.array([model.row("unknown", each) for each in rows], np.float32)
        names = [each.get("name") for each in self.asked.get("outputs") or []] or list(found)
        if unknown := [each for each in names if each not in found]:
            raise DataError(f"outputs: expected {', '.join(found)}; found {unknown[0]!r}")
        return {each: found[each] for each in names}

    def _output(self, name: str, values: np.ndarray, binary: list[bytes]) -> Json:
        page = {"name": name, "datatype": _NAMES.get(str(values.dtype), "BYTES"), "shape": list(values.shape)}
        if not self._is_binary(name):
            return {**page, "data": values.reshape(-1).tolist()}
        binary.append(_packed(values))
        return {**page, "parameters": {"binary_data_size": len(binary[-1])}}

    def _is_binary(self, name: str) -> bool:
        by_name = {each.get("name"): each.get("parameters") or {} for each in self.asked.get("outputs") or []}
        of_all = (self.asked.get("parameters") or {}).get("binary_data_output", False)
        return bool(by_name.get(name, {}).get("binary_data", of_all))


def inference_in(body: bytes, length: str | None, model: ServedModel, reader: ExampleReader, most: int) -> Inference:
    """What a request to infer asks.

    Args:
        length: how many bytes of the body are JSON, where arrays follow as bytes.
    """
    end = len(body) if length is None else int(length) if length.isdecimal() else -1
    if not 0 <= end <= len(body):
        raise DataError(f"{LENGTH}: expected at most {len(body)}, found {length}")
    asked = json_in(body[:end])
    _check(asked)
    arrays, start = {}, end
    for tensor in asked["inputs"]:
        size = (tensor.get("parameters") or {}).get("binary_data_size")
        stop = start + (size if isinstance(size, int) else 0)
        arrays[tensor["name"]] = _array(tensor, body[start:stop] if size is not None else None)
        start = stop
    return Inference(asked, _examples(arrays, model, reader, most))


def _check(asked: Any) -> None:
    try:
        for each in asked["inputs"]:
            if not isinstance(each["name"], str) or not all(isinstance(n, int) and n >= 0 for n in each["shape"]):
                raise DataError("inputs: expected a name and a shape of whole numbers")
            if each["datatype"] not in (*_TYPES, "BYTES"):
                raise DataError(f"datatype: expected BYTES, {', '.join(_TYPES)}; found {each['datatype']!r}")
    except (KeyError, TypeError) as error:
        raise DataError('expected {"inputs": [{"name", "shape", "datatype", "data"}, …]}') from error


def _array(tensor: Mapping[str, Any], data: bytes | None) -> np.ndarray:
    """A tensor's values; texts are objects."""
    name, shape, kind = tensor["name"], tensor["shape"], tensor["datatype"]
    try:
        if kind == "BYTES":
            values = np.array([*(tensor["data"] if data is None else _unpacked(data)), None], object)[:-1]
        elif data is None:
            values = np.asarray(tensor["data"], _TYPES[kind]).reshape(-1)
        else:
            values = np.frombuffer(data, _TYPES[kind])
        if math.prod(shape) != values.size:
            raise DataError(f"{name}: {values.size} values do not make the shape {tuple(shape)}")
        return values.reshape(shape)
    except (KeyError, ValueError, TypeError, OverflowError, struct.error) as error:
        raise DataError(f"{name}: expected {kind} values of shape {tuple(shape)}") from error


def _examples(arrays: Mapping[str, np.ndarray], model: ServedModel, reader: ExampleReader, most: int) -> list[Example]:
    names = [each.name for each in model.inputs]
    if sorted(arrays) != sorted(names):
        raise DataError(f"inputs: expected {', '.join(names)}; found {', '.join(arrays) or 'none'}")
    counts = {len(each) if each.ndim else 0 for each in arrays.values()}
    if len(counts) != 1 or not 1 <= (count := counts.pop()) <= most:
        raise DataError(f"inputs: expected the same number of examples in each, 1 to {most}")
    read = [
        _reading(each, arrays[each.name], reader if index == 0 else None) for index, each in enumerate(model.inputs)
    ]
    return [tuple(one(index) for one in read) for index in range(count)]


def _reading(spec: InputSpec, values: np.ndarray, reader: ExampleReader | None) -> Callable[[int], np.ndarray]:
    """What gives one example's input: texts are read as those of other requests, arrays are held to the model's."""
    if values.dtype == object and reader is not None:
        flat = values.reshape(len(values), -1)[:, 0]
        return lambda index: _read(reader, index, flat[index])
    shape, wanted = values.shape[1:], tuple(spec.shape)
    if len(shape) != len(wanted) or any(want not in (None, have) for have, want in zip(shape, wanted, strict=True)):
        raise DataError(f"{spec.name}: expected examples of shape {wanted}, found {shape}")
    try:
        fitting = values.astype(spec.dtype)
    except (ValueError, TypeError) as error:
        raise DataError(f"{spec.name}: expected {spec.dtype}") from error
    if fitting.dtype.kind in "iu" and not np.array_equal(fitting, values):
        raise DataError(f"{spec.name}: expected whole numbers that {spec.dtype} can hold")
    return lambda index: fitting[index]


def _read(reader: ExampleReader, index: int, value: Any) -> np.ndarray:
    """An example that is text, or the bytes of a file."""
    try:
        return reader.input_of(index, value.decode() if isinstance(value, bytes) else value)
    except UnicodeDecodeError:
        return reader.in_file("", value)[0]


def _tensor(dtype: str, shape: Sequence[int | None]) -> Json:
    return {"datatype": _NAMES.get(dtype, "BYTES"), "shape": [-1, *(-1 if each is None else each for each in shape)]}


def _packed(values: np.ndarray) -> bytes:
    """Bytes of an array; texts each behind their length."""
    if values.dtype != object:
        return values.tobytes()
    return b"".join(struct.pack("<I", len(data := each.encode())) + data for each in values.reshape(-1))


def _unpacked(data: bytes) -> list[bytes]:
    found, start = [], 0
    while start < len(data):
        (length,) = struct.unpack_from("<I", data, start)
        found.append(data[start + 4 : start + 4 + length])
        start += 4 + length
    return found
