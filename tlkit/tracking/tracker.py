"""One run's record, open for writing: what training has to say becomes lines of the journal."""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tlkit.errors import TlkitError, TrackingError, exhausted
from tlkit.locks import Lock
from tlkit.redaction import redact_files
from tlkit.tracking import outbox
from tlkit.tracking.recorder import Metrics, RecordedData, RecordedModel, status_of
from tlkit.tracking.records import FAILURE
from tlkit.tracking.sender_process import OfflineSender, SenderProcess

_log = logging.getLogger(__name__)


class Tracker:
    """A `Recorder` whose record goes to MLflow, by way of a journal."""

    def __init__(self, folder: outbox.Outbox, lock: Lock, sender: SenderProcess | OfflineSender) -> None:
        self._pending, self._lock, self._sender = folder, lock, sender
        self._finished = self._has_content = False
        self._local: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()
            return
        try:
            if (status := status_of(kind)) == "FAILED" and error is not None and not self._finished:
                self._pending.append({"op": "tags", "tags": {FAILURE: _reason(error)}})
            self.finish(status)
        except TrackingError as second:  # must neither hide the first nor repeat it
            if isinstance(error, TrackingError) and str(second).startswith(str(error)):
                raise second from error  # it says where the record is kept, too
            _log.warning("%s", second)

    @property
    def folder(self) -> Path:
        """Files and folders put here become the run's artifacts when it finishes, under the same names."""
        return self._pending.artifacts

    @property
    def run_id(self) -> str:
        """The id in MLflow; waits until the run exists there. Where it is sent later: the `journal`."""
        return self._sender.run_id()

    @property
    def known_id(self) -> str | None:
        """The id in MLflow if the run exists there already; never waits."""
        return self._sender.known_id

    @property
    def journal(self) -> str:
        """The record's own name, known at once, by which another run says that it is part of this one."""
        return self._pending.folder.name

    def child(self, *, name: str, params: Mapping[str, Any], tags: Mapping[str, str], description: str = "") -> Tracker:
        """A run within this one, such as a trial; sent, with its files, once it is finished, by this run's sender."""
        opening = self._pending.opening()
        create = {
            **opening, "time": now(), "name": name, "description": description, "tags": texts(tags),
            "system_metrics": False, "parent": self.journal, "parent_run": opening["resume"], "resume": "",
        }  # fmt: skip
        root = Path(opening["root"])
        folder, lock = outbox.create(root, [create, {"op": "params", "params": texts(params)}])
        return Tracker(folder, lock, OfflineSender(folder.folder, quiet=True))

    def check(self) -> None:
        """Raise if the store cannot be had; never waits, so call it between any two steps."""
        self._tell()
        if self._sender.error:
            raise TrackingError(self._sender.error)

    def log_metrics(self, metrics: Metrics, step: int, *, child: str | None = None) -> None:
        """Record values at a step, such as an epoch; any float, infinite ones and NaN as well."""
        moment = now()
        values = [[key, float(value), int(step), moment] for key, value in metrics.items()]
        self._append({"op": "metrics", "metrics": values, **({"child": child} if child else {})})

    def begin_child(self, child: str, *, name: str, params: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        """Open a run without files within this one, in the same journal; or go on with the one of this key."""
        self._append({"op": "begin_child", "child": child, "name": name, "time": now(), "tags": texts(tags)})
        self._append({"op": "params", "params": texts(params), "child": child})

    def end_child(self, child: str, status: str, tags: Mapping[str, str] | None = None) -> None:
        """Close what `begin_child` opened."""
        if tags:
            self._append({"op": "tags", "tags": texts(tags), "child": child})
        self._append({"op": "end_child", "child": child, "status": status, "time": now()})

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Record settings that became known only now."""
        self._append({"op": "params", "params": texts(params)})

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set or replace tags."""
        self._append({"op": "tags", "tags": texts(tags)})

    def describe(self, text: str) -> None:
        """Set or replace the note of MLflow's pages, in Markdown."""
        self.set_tags({"mlflow.note.content": text})

    def add_file(self, file: Path, name: str = "") -> None:
        """Copy a file into `folder`."""
        shutil.copy2(file, self.folder / (name or file.name))

    def show_table(self, name: str) -> None:
        """Have MLflow's pages compare runs by a table of `folder`."""
        self.set_tags({"mlflow.loggedArtifacts": json.dumps([{"path": name, "type": "table"}])})

    def log_data(self, data: RecordedData) -> None:
        """Record what was learned from."""
        self._append({"op": "dataset", **vars(data)})

    def log_model(self, model: RecordedModel) -> None:
        """Record a model file of `folder` as an MLflow model."""
        self._append({"op": "model", **vars(model)})

    def finish(self, status: str = "FINISHED") -> Path | None:
        """Wait until all is in the store; the folder of the artifacts, or None if the store is elsewhere."""
        if self._finished:
            return self._local
        self._finished = True
        try:
            redact_files(self.folder)
            self._pending.append({"op": "finish", "status": status, "time": now()})
            self._sender.wait()
            return self._conclude()
        finally:
            self._sender.close()
            self._lock.release()

    def _conclude(self) -> Path | None:
        self._tell()
        if self._sender.error:
            self._give_up(self._sender.error)
        self._local = self._sender.artifacts
        if not self._sender.done and self._sender.left != "":
            _log.warning("%s", self._kept(self._sender.left or "the sender stopped"))
        return self._local

    def _give_up(self, error: str) -> None:
        """The run was never created: what nobody would miss goes, the rest is kept for `sync`."""
        if self._has_content or any(self.folder.iterdir()):
            raise TrackingError(self._kept(error))
        self._pending.remove()
        raise TrackingError(error)

    def _kept(self, reason: str) -> str:
        place = outbox.near(self._pending.folder)
        return f"{reason} The record is kept in {place} and is sent by the next run or `tlkit sync`."

    def _append(self, operation: outbox.Operation) -> None:
        self._has_content = True
        self._pending.append(operation)

    def _tell(self) -> None:
        for warning in self._sender.take_warnings():
            _log.warning("%s", warning)


def _reason(error: BaseException) -> str:
    """Why a run failed, in one line."""
    said = (str(error).strip().splitlines() or [""])[0][:300]
    return exhausted(error) or (said if isinstance(error, TlkitError) else f"{type(error).__name__}: {said}")


def now() -> int:
    """Milliseconds, as MLflow counts them."""
    return time.time_ns() // 1_000_000


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    """All names and values as text."""
    return {str(key): str(value) for key, value in values.items()}
