"""The bodies of requests: JSON, the parts of a form, or a file as it is; what each holds as examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlkit.errors import DataError
from tlkit.serving.request_batches import Example
from tlkit.serving.request_examples import ExampleReader

LISTS = ("examples", "inputs", "instances")  # the latter two as MLflow and TensorFlow Serving have them
_SAID_OF_ANYTHING = ("", "application/x-www-form-urlencoded")  # the latter by `curl -d`


@dataclass(frozen=True)
class SentFile:
    """A file that was sent."""

    name: str
    data: bytes


def examples_in(body: bytes, content_type: str, reader: ExampleReader, most: int) -> list[Example]:
    """The examples of a request, each as the inputs that the model takes; a DataError where it holds none.

    Args:
        most: examples that a request may hold.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _of_form(list(parts_of(body, content_type)), reader, most)
    if not body:
        raise DataError("an empty request; expected a file, or JSON with examples")
    if kind == "application/json" or (kind in _SAID_OF_ANYTHING and body[:1] in b"{["):
        return _of_json(json_in(body), reader, most)
    return _of_files([SentFile("", body)], reader, None, most)


def json_in(body: bytes) -> Any:
    """What stands in JSON; malformed JSON is a DataError."""
    try:
        return json.loads(body)
    except RecursionError as error:
        raise DataError("JSON too deep to be read") from error
    except ValueError as error:
        raise DataError(f"not JSON ({error})") from error


def parts_of(body: bytes, content_type: str) -> Iterator[tuple[str, SentFile]]:
    """The fields of a form and their contents (RFC 7578)."""
    boundary = re.search(r'boundary=(?:"([^"]+)"|([^\s;]+))', content_type)
    if boundary is None:
        raise DataError("multipart/form-data without a boundary")
    mark = b"\r\n--" + (boundary[1] or boundary[2]).encode()
    for part in (b"\r\n" + body).split(mark)[1:]:
        head, found, data = part.partition(b"\r\n\r\n")
        if part.startswith(b"--"):
            return
        if not found:
            raise DataError("multipart/form-data: a part without a body")
        said = head.decode("utf-8", "replace")
        yield _field(said, "name"), SentFile(_field(said, "filename"), data)
    raise DataError("multipart/form-data: cut off before its end")


def _field(head: str, name: str) -> str:
    found = re.search(rf'[;\s]{name}="([^"]*)"', head)
    return found[1] if found else ""


def _of_form(fields: list[tuple[str, SentFile]], reader: ExampleReader, most: int) -> list[Example]:
    rows = next((json_in(each.data) for name, each in fields if name == "beside"), None)
    files = [each for name, each in fields if name != "beside"]
    if not files:
        raise DataError("expected a file in the form, found none")
    return _of_files(files, reader, rows, most)


def _of_files(files: list[SentFile], reader: ExampleReader, rows: Any, most: int) -> list[Example]:
    inputs = [each for file in files for each in reader.in_file(file.name, file.data)]
    return _beside(inputs, reader, rows, most)


def _of_json(said: Any, reader: ExampleReader, most: int) -> list[Example]:
    if isinstance(said, dict) and "example" in said:
        said = {**said, "examples": [said["example"]]}
    examples = next((said[each] for each in LISTS if each in said), None) if isinstance(said, dict) else said
    if not isinstance(examples, list) or not examples:
        raise DataError(f'expected {{"examples": [...]}} (also: {", ".join(LISTS[1:])}), {{"example": ...}}, or a list')
    _refuse_many(len(examples), most)
    inputs = [reader.input_of(index, each) for index, each in enumerate(examples)]
    return _beside(inputs, reader, said.get("beside") if isinstance(said, dict) else None, most)


def _beside(inputs: list[np.ndarray], reader: ExampleReader, rows: Any, most: int) -> list[Example]:
    """The examples, with the columns that the model takes beside them."""
    _refuse_many(len(inputs), most)
    if not reader.metadata.get("beside"):
        return [(each,) for each in inputs]
    columns = reader.columns(None if rows is None else _frame(rows))
    if columns is None or len(columns) != len(inputs):
        raise DataError(f"beside: expected {len(inputs)} rows, found {0 if columns is None else len(columns)}")
    return list(zip(inputs, columns, strict=True))


def _frame(rows: Any) -> Any:
    if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
        raise DataError('beside: expected a list of rows, as [{"age": 61}]')
    import pandas as pd  # for few models

    return pd.DataFrame(rows)


def _refuse_many(count: int, most: int) -> None:
    if count > most:
        raise DataError(f"{count} examples, at most {most} are read from one request")
