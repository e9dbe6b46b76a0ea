"""What a service has answered, as a table on disk: a folder of Parquet files, which readers take for one."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from tlkit.errors import writing
from tlkit.serving.request_batches import Rows
from tlkit.serving.served_model import Json, ServedModel

_MOST, _SECONDS = 1000, 60.0  # rows, and their age, after which a file is written
_log = logging.getLogger(__name__)


class AnswerLog:
    """Rows of time, answer, outputs and how unknown an example was; nothing of the example itself."""

    def __init__(self, folder: Path, model: ServedModel) -> None:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._model, self._rows, self._number = folder, model, list[Json](), 0
        self._since = time.monotonic()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="tlkit-log")

    def add(self, answer: Mapping[str, Any], rows: Rows) -> None:
        """Note one answer."""
        names = self._model.task.output_names(self._model.class_names)
        said = {"class": "|".join(answer["classes"])} if "classes" in answer else {}
        said |= {each: answer[each] for each in ("class", "probability") if each in answer}
        outputs = dict(zip(names, np.asarray(rows[0], np.float32).reshape(-1), strict=True))
        told = {each: row for each in ("unknown", "features") if (row := self._model.row(each, rows)) is not None}
        self._rows.append({"time": datetime.now(UTC), **said, **outputs, **told})
        if len(self._rows) >= _MOST or time.monotonic() - self._since > _SECONDS:
            self._write()

    def close(self) -> None:
        """Write what is left."""
        self._write()
        self._writer.shutdown()

    def _write(self) -> None:
        rows, self._rows, self._since = self._rows, [], time.monotonic()
        if rows:
            self._number += 1
            name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}-{self._number:05}.parquet"
            self._writer.submit(_written, rows, self._folder / name)


def _written(rows: list[Json], file: Path) -> None:
    """A full disk costs rows of the log, and no answers."""
    import pandas as pd  # after the service has begun to answer

    try:
        begun = file.with_name(f".{file.name}")  # readers of the folder pass over it
        pd.DataFrame(rows).to_parquet(begun, index=False)
        begun.rename(file)
    except OSError:
        _log.exception("%s: %d answers cannot be logged", file, len(rows))
