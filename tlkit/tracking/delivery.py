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
from mlflow.utils.validation import MAX_METRICS_PER_BATCH, MAX_PARAMS_TAGS_PER_BATCH

from tlkit.errors import TrackingError
from tlkit.tracking import entries, store
from tlkit.tracking.pending import Operation, Pending
from tlkit.tracking.records import MARK

if TYPE_CHECKING:
    from mlflow.tracking.client import MlflowClient

REFUSED = {"INVALID_PARAMETER_VALUE", "BAD_REQUEST"}  # no use in trying these again


@dataclass
class Delivery:
    """A pending folder and the store that it goes to."""

    pending: Pending
    client: MlflowClient
    warn: Callable[[str], None]
    address: str = ""
    run_id: str = ""
    finish: Operation | None = None
    _artifact_uri: str = ""
    _offset: int = 0
    _unsent: list[Operation] = field(default_factory=list)

    def begin(self) -> str:
        """Create the run, or find the one that an earlier attempt created."""
        self.address = self.pending.opening()["uri"]
        sent = self.pending.sent()
        self._offset = sent.get("offset", 0)
        run = self._known(sent) or self._create()
        self.run_id, self._artifact_uri = run.info.run_id, run.info.artifact_uri
        self.pending.acknowledge(self.run_id, self._offset)
        return self.run_id

    def advance(self) -> None:
        """Send what the journal has gained; sets `finish` as soon as the journal has its end, sent or not."""
        gained, self._offset = self.pending.read(self._offset)
        self.finish = next((each for each in gained if each["op"] == "finish"), self.finish)
        self._unsent += gained
        if not self._unsent:
            return
        for kind in ("params", "tags", "metrics"):
            self._send([each for operation in self._unsent for each in _entities(operation, kind)])
        self._unsent.clear()
        if not self.finish:  # the end is to be read again, should this process be cut off now
            self.pending.acknowledge(self.run_id, self._offset)

    def end(self) -> None:
        """Put the files in place and set the status: KILLED if the journal has no end."""
        folder = self.artifacts()
        if folder:
            _move(self.pending.artifacts, folder)
        elif any(self.pending.artifacts.iterdir()):
            self.client.log_artifacts(self.run_id, str(self.pending.artifacts))
        finish = self.finish or {"status": "KILLED", "time": None}
        self.client.set_terminated(self.run_id, finish["status"], finish["time"])
        self.pending.remove()

    def artifacts(self) -> Path | None:
        """The run's folder of files, if it is on this machine."""
        return store.local_folder(self._artifact_uri)

    def _known(self, sent: dict[str, Any]) -> Any:
        """The run of an earlier attempt, even if nobody lived to note its id; None if this is the first."""
        if not sent:
            return None
        return self.client.get_run(sent["run_id"]) if sent["run_id"] else self._orphan()

    def _orphan(self) -> Any:
        experiment = self.client.get_experiment_by_name(self.pending.opening()["experiment"])
        if experiment is None:
            return None
        found = self.client.search_runs(
            [experiment.experiment_id], f"tags.`{MARK}` = '{self.pending.folder.name}'", max_results=1
        )
        return found[0] if found else None

    def _create(self) -> Any:
        opening = self.pending.opening()
        experiment = _experiment(self.client, opening)
        self.pending.acknowledge(None, 0)
        tags = {
            **opening["tags"],
            MARK: self.pending.folder.name,
            "mlflow.user": _user(),
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
        metrics = [each for each in batch if isinstance(each, Metric)]
        params = [each for each in batch if isinstance(each, Param)]
        tags = [each for each in batch if isinstance(each, RunTag)]
        try:
            self.client.log_batch(self.run_id, metrics, params, tags)
        except MlflowException as error:
            if error.error_code not in REFUSED:
                raise
            if len(batch) == 1:
                self.warn(f"'{batch[0].key}' is left out of the record: {store.first_line(error)}")
                return
            self._send_batch(batch[: len(batch) // 2])
            self._send_batch(batch[len(batch) // 2 :])


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without user names
        return str(os.getuid())


def _entities(operation: Operation, kind: str) -> Iterable[Metric | Param | RunTag]:
    if operation["op"] != kind:
        return []
    if kind == "metrics":
        return [Metric(entries.key(key), value, time, step) for key, value, step, time in operation["metrics"]]
    if kind == "tags":
        return [RunTag(key, value) for key, value in entries.tags(operation["tags"]).items()]
    return [Param(key, value) for key, value in entries.params(operation["params"]).items()]


def _experiment(client: MlflowClient, opening: Operation) -> str:
    """The experiment's id; creates it unless it is there."""
    name = opening["experiment"]
    location = store.artifact_location(opening["uri"], Path(opening["root"]))
    found = client.get_experiment_by_name(name) or _new_experiment(client, name, location)
    if found.lifecycle_stage == "deleted":
        mend = f"Restore it with `mlflow experiments restore -x {found.experiment_id}` or choose another name."
        raise TrackingError(f"experiment '{name}': was deleted in MLflow. {mend}")
    return str(found.experiment_id)


def _new_experiment(client: MlflowClient, name: str, location: str | None) -> Any:
    try:
        return client.get_experiment(client.create_experiment(name, location))
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
        return client.get_experiment_by_name(name)  # another run was faster by a moment


def _move(source: Path, target: Path) -> None:
    """Move a tree of files into another, file by file, so that it can be cut off and done again."""
    target.mkdir(parents=True, exist_ok=True)
    for folder, _, names in os.walk(source):
        goal = target / Path(folder).relative_to(source)
        goal.mkdir(exist_ok=True)
        for name in names:
            shutil.move(Path(folder) / name, goal / name)
