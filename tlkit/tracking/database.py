"""Records read straight from MLflow's SQLite database: milliseconds, where importing MLflow takes over a second."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tlkit.tracking import store
from tlkit.tracking.records import MARK, PARENT, Records, Run

_RUNS = """
SELECT run_uuid, runs.name, experiments.name AS experiment, status, start_time, artifact_uri, experiment_id
FROM runs JOIN experiments USING (experiment_id) WHERE runs.lifecycle_stage = 'active' AND """
_HISTORY = "SELECT step, value, is_nan FROM metrics WHERE run_uuid = ? AND key = ? ORDER BY step, timestamp"
_PARAMS = "SELECT key, value FROM params WHERE run_uuid = ? ORDER BY key"
_TAGS = "SELECT key, value FROM tags WHERE run_uuid = ? ORDER BY key"
_METRICS = "SELECT key, value, is_nan FROM latest_metrics WHERE run_uuid = ? ORDER BY key"
_ORDER = " ORDER BY start_time DESC, run_uuid LIMIT ?"
_TAGGED = "EXISTS (SELECT 1 FROM tags WHERE tags.run_uuid = runs.run_uuid AND tags.key = ?)"


class DatabaseRecords(Records):
    """The runs in a database file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def are_readable(self) -> bool:
        """Whether this database, of whichever MLflow, has the tables and columns that are read here."""
        with store.opened(self._file) as connection:
            try:
                for query in (_RUNS + "TRUE", _HISTORY, _PARAMS, _TAGS, _METRICS):
                    connection.execute(f"{query} LIMIT 0", [None] * query.count("?"))
            except sqlite3.OperationalError as error:
                if "no such" not in str(error):
                    raise
                return False
        return True

    def with_prefix(self, prefix: str, limit: int) -> list[Run]:
        return self._select("substr(run_uuid, 1, ?) = ?", [len(prefix), prefix, limit])

    def newest(self, limit: int, *, finished: bool = False) -> list[Run]:
        condition = f"{_TAGGED} AND NOT {_TAGGED}" + (" AND status = 'FINISHED'" if finished else "")
        return self._select(condition, [MARK, PARENT, limit])

    def within(self, parent: str) -> list[Run]:
        condition = "EXISTS (SELECT 1 FROM tags WHERE tags.run_uuid = runs.run_uuid AND key = ? AND value = ?)"
        return self._select(condition, [PARENT, parent, -1])[::-1]

    def in_experiment(self, name: str) -> list[Run]:
        condition = f"{_TAGGED} AND NOT {_TAGGED} AND status = 'FINISHED' AND experiments.name = ?"
        return self._select(condition, [MARK, PARENT, name, -1])

    def history(self, run_id: str, metric: str) -> list[tuple[int, float]]:
        with store.opened(self._file) as connection:
            rows = connection.execute(_HISTORY, [run_id, metric]).fetchall()
        return [(step, math.nan if is_nan else value) for step, value, is_nan in rows]

    def _select(self, condition: str, values: Sequence[Any]) -> list[Run]:
        with store.opened(self._file) as connection:
            rows = connection.execute(_RUNS + condition + _ORDER, values).fetchall()
            return [_run(connection, row) for row in rows]


def _run(connection: sqlite3.Connection, row: Sequence[Any]) -> Run:
    run_id, name, experiment, status, started, artifact_uri, experiment_id = row

    def pairs(query: str) -> dict[str, str]:
        return dict(connection.execute(query, [run_id]).fetchall())

    return Run(
        id=run_id,
        name=name or "",
        experiment=experiment,
        status=status,
        started=datetime.fromtimestamp(started / 1000),
        params=pairs(_PARAMS),
        metrics=_metrics(connection, run_id),
        tags=pairs(_TAGS),
        artifacts=store.local_folder(artifact_uri),
        experiment_id=str(experiment_id),
    )


def _metrics(connection: sqlite3.Connection, run_id: str) -> dict[str, float]:
    return {key: math.nan if is_nan else value for key, value, is_nan in connection.execute(_METRICS, [run_id])}
