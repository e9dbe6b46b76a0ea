"""Examples as requests hold them: numbers, base64, the bytes of a file, or paths below folders that a server allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlkit.errors import DataError
from tlkit.kinds.kind import Kind, as_array, kind_of
from tlkit.model.metadata import Metadata
from tlkit.paths import temporary_folder

if TYPE_CHECKING:
    import pandas as pd

_LONGEST_PATH = 4096
_LONGEST = 32 << 20  # letters of an example in a request
_LONGEST_ENDING = 12


@dataclass(frozen=True)
class ExampleReader:
    """Reads what requests hold as a model with this metadata takes it.

    Args:
        folders: below them paths in requests are read; without one none is, nor is told whether it is there.
        told_by: how a server is told of a folder.
        rows_as: how columns beside the examples are sent.
    """

    metadata: Metadata
    folders: Sequence[Path] = ()
    told_by: str = "--allow-paths"
    rows_as: str = "beside"

    @property
    def kind(self) -> Kind:
        """What is looked at."""
        return kind_of(self.metadata["kind"])

    def input_of(self, index: int, example: Any) -> np.ndarray:
        """One example: numbers, or a text that is a path, a picture in base64 or the example itself."""
        if isinstance(example, str):
            path = self._allowed(example)
            return self._decoded(index, example) if path is None else self._at(index, path)
        try:
            return as_array(example, self.metadata)
        except DataError as error:
            raise DataError(f"example {index}: {error}") from error

    def in_file(self, name: str, data: bytes) -> list[np.ndarray]:
        """The examples in a file that was sent: one of a picture or a text, as many of a table as it has rows."""
        if self.kind.decoded is not None:
            return [self.kind.decoded(data, self.metadata)]
        if self.kind.is_string:
            return [self.kind.input_of(_text(data), self.metadata)]
        if self.kind.inputs_at is None:
            raise DataError("expected numbers in JSON, this model has learned from arrays")
        ending = Path(name).suffix
        with temporary_folder("request") as folder:
            file = Path(folder) / f"sent{ending if ending[1:].isalnum() and len(ending) <= _LONGEST_ENDING else ''}"
            file.write_bytes(data)
            return self._inputs_in(file)

    def columns(self, rows: pd.DataFrame | None) -> np.ndarray | None:
        """What stands beside the examples, where the model takes anything there."""
        if not self.metadata.get("beside"):
            return None
        kinds = self.metadata["beside"]["columns"]
        if rows is None:
            raise DataError(f"expected a row with {', '.join(kinds)} for each example; send {self.rows_as}")
        from tlkit.data.side_columns.encoding import encoded  # which brings pandas, for few models

        columns, bad = encoded(rows, kinds, list(map(str, rows.index)), "request")
        if bad:
            raise DataError("; ".join(bad.values()))
        return columns

    def _inputs_in(self, file: Path) -> list[np.ndarray]:
        assert self.kind.inputs_at is not None, "asked before"
        try:
            return [read() for _, read in self.kind.inputs_at(file, self.metadata)]
        except DataError as error:  # tells a path of the server's
            raise DataError(str(error).replace(f"{file}", "the file")) from error

    def _allowed(self, text: str) -> Path | None:
        """The path that a text is, if it leads to something below a folder."""
        return next(filter(None, (_below(folder, text) for folder in self.folders)), None)

    def _at(self, index: int, path: Path) -> np.ndarray:
        if self.kind.inputs_at is None:
            raise DataError(f"example {index}: expected numbers, this model has learned from arrays")
        try:
            found = list(self.kind.inputs_at(path, self.metadata))
            inputs = found[0][1]() if len(found) == 1 else None
        except DataError as error:  # tells what the file holds
            raise DataError(f"example {index}: what lies at this path cannot be read as this model's input") from error
        if inputs is None:
            raise DataError(f"example {index}: expected one example at this path, found {len(found)}")
        return inputs

    def _decoded(self, index: int, text: str) -> np.ndarray:
        wanted = f"a path below the folder that the server was told of ({self.told_by})"
        if len(text) > _LONGEST:
            raise DataError(f"example {index}: {len(text):,} letters, at most {_LONGEST:,} are read")
        if self.kind.is_string:
            return self.kind.input_of(text, self.metadata)
        if self.kind.decoded is None:
            raise DataError(f"example {index}: expected {wanted}")
        try:
            return self.kind.decoded(text, self.metadata)
        except DataError as error:
            raise DataError(f"example {index}: {error}, nor {wanted}") from error


def _below(folder: Path, text: str) -> Path | None:
    if len(text) >= _LONGEST_PATH:
        return None
    try:
        path = (folder / text).resolve()
        return path if path.is_relative_to(folder) and path.exists() else None
    except (OSError, ValueError):  # no name of a file
        return None


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise DataError("expected a text in UTF-8") from error
