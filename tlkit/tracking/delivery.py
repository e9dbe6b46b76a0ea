"""What a journal says, done in MLflow: the run created, its operations sent in batches, its files put in place.

Everything here may be cut off and done again from the start without doubling anything: the run is found by its tag,
metrics carry the time at which they were logged, files are moved or overwritten.
"""

from __future__ import annotations

import getpass
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.utils.file_utils import local_file_uri_to_path
from mlflow.utils.validation import MAX_METRICS_PER_BATCH, MAX_PARAMS_TAGS_PER_BATCH

from tlkit.errors import TrackingError
from tlkit.tracking import entries, store
from tlkit.tracking.pending import Operation, Pending

if TYPE_CHECKING:
    from mlflow.tracking.client import MlflowClient

MARK = "tlkit.journal"  # the tag of every run made here: the name of its pending folder
REFUSED = {"INVALID_PARAMETER_VALUE", "BAD_REQUEST"}  # no use in trying these again


@dataclass
class Delivery:
    """A pending folder and the store that it goes to."""

    pending: Pending
    client: MlflowClient
    warn: Callable[[str], None]
    run_id: str = ""
    finish: Operation | None = None
    _offset: int = 0
    _artifact_uri: str = field(default="", repr=False)

    def begin(self) -> str:
        """Create the run, or find the one that an earlier attempt created."""
        sent = self.pending.sent()
        self._offset = sent.get("offset", 0)
        run_id = sent.get("run_id")
        if run_id:
            run = self.client.get_run(run_id)
        else:
            run = (self._orphan() if sent else None) or self._create()
        self.run_id, self._artifact_uri = run.info.run_id, run.info.artifact_uri
        self.pending.acknowledge(self.run_id, self._offset)
        return self.run_id

    def advance(self) -> None:
        """Send what the journal has gained; afterwards `finish` is set if that was all."""
        operations, offset = self.pending.read(self._offset)
        for kind in ("params", "tags", "metrics"):
            self._send([each for operation in operations for each in _entities(operation, kind)])
        self.finish = next((each for each in operations if each["op"] == "finish"), self.finish)
        if not self.finish and offset > self._offset:
            self.pending.acknowledge(self.run_id, offset)
            self._offset = offset

    def end(self, otherwise: Operation) -> Path | None:
        """Put the files in place and set the status, that of `otherwise` if the journal has no end."""
        folder = self.artifacts()
        if folder:
            _move(self.pending.artifacts, folder)
        elif any(self.pending.artifacts.iterdir()):
            self.client.log_artifacts(self.run_id, str(self.pending.artifacts))
        finish = self.finish or otherwise
        self.client.set_terminated(self.run_id, finish["status"], finish["time"])
        self.pending.remove()
        return folder

    def artifacts(self) -> Path | None:
        """The run's folder of files, if it is on this machine."""
        return local_folder(self._artifact_uri)

    def _orphan(self) -> Any:
        """The run that was created without anybody noting its id."""
        experiment = self.client.get_experiment_by_name(self._opening()["experiment"])
        if experiment is None:
            return None
        found = self.client.search_runs(
            [experiment.experiment_id], f"tags.`{MARK}` = '{self.pending.folder.name}'", max_results=1
        )
        return found[0] if found else None

    def _opening(self) -> Operation:
        return self.pending.read()[0][0]

    def _create(self) -> Any:
        opening = self._opening()
        experiment = _experiment(self.client, opening)
        self.pending.acknowledge(None, 0)
        tags = {
            **opening["tags"],
            MARK: self.pending.folder.name,
            "mlflow.user": getpass.getuser(),
            "mlflow.source.name": "tlkit",
            "mlflow.source.type": "LOCAL",
        }
        if opening["description"]:
            tags["mlflow.note.content"] = opening["description"]
        return self.client.create_run(
            experiment, opening["time"], entries.tags(tags), run_name=entries.run_name(opening["name"])
        )

    def _send(self, entities: Sequence[Metric | Param | RunTag]) -> None:
        size = MAX_METRICS_PER_BATCH if entities and isinstance(entities[0], Metric) else MAX_PARAMS_TAGS_PER_BATCH
        for start in range(0, len(entities), size):
            self._send_batch(entities[start : start + size])

    def _send_batch(self, batch: Sequence[Metric | Param | RunTag]) -> None:
        """Send a batch; if it is refused, send its halves, until only what is to blame is left out."""
        by_kind = {kind: [each for each in batch if isinstance(each, kind)] for kind in (Metric, Param, RunTag)}
        try:
            self.client.log_batch(self.run_id, by_kind[Metric], by_kind[Param], by_kind[RunTag])
        except MlflowException as error:
            if error.error_code not in REFUSED:
                raise
            if len(batch) == 1:
                self.warn(f"'{batch[0].key}' is left out of the record: {store.first_line(error)}")
                return
            self._send_batch(batch[: len(batch) // 2])
            self._send_batch(batch[len(batch) // 2 :])


def local_folder(artifact_uri: str) -> Path | None:
    """The folder behind an artifact address, if it is on this machine."""
    if artifact_uri.startswith("file:") or "://" not in artifact_uri and not artifact_uri.startswith("mlflow-artifacts:"):
        return Path(local_file_uri_to_path(artifact_uri))
    return None


def _entities(operation: Operation, kind: str) -> Iterable[Metric | Param | RunTag]:
    if operation["op"] != kind:
        return []
    if kind == "metrics":
        return [Metric(entries.key(key), value, time, step) for key, value, step, time in operation["metrics"]]
    if kind == "tags":
        return [RunTag(key, value) for key, value in entries.tags(operation["tags"]).items()]
    return [Param(key, value) for key, value in entries.params(operation["params"]).items()]


def _experiment(client: MlflowClient, opening: Operation) -> str:
    """The experiment's id; creates it, though another run may be doing the same right now."""
    name = opening["experiment"]
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            location = store.artifact_location(opening["uri"], Path(opening["root"]))
            return client.create_experiment(name, location)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            found = client.get_experiment_by_name(name)
    if found.lifecycle_stage == "deleted":
        mend = f"Restore it with `mlflow experiments restore -x {found.experiment_id}` or choose another name."
        raise TrackingError(f"experiment '{name}': was deleted in MLflow. {mend}")
    return found.experiment_id


def _move(source: Path, target: Path) -> None:
    """Move a tree of files into another, file by file, so that it can be cut off and done again."""
    target.mkdir(parents=True, exist_ok=True)
    for folder, _, names in os.walk(source):
        goal = target / Path(folder).relative_to(source)
        goal.mkdir(exist_ok=True)
        for name in names:
            shutil.move(Path(folder) / name, goal / name)
