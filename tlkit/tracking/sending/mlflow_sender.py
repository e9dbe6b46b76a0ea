"""What a journal says, done in MLflow: the run created, its operations sent in batches, its files put in place.

Everything here may be cut off and done again from the start without doubling anything: the run is found by its tag,
metrics carry the time at which they were logged, files are moved or overwritten.
"""

from __future__ import annotations

import getpass
import json
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from tlkit.compat.mlflow_parts import MAX_METRICS_PER_BATCH, MAX_PARAMS_TAGS_PER_BATCH
from tlkit.errors import TrackingError
from tlkit.redaction import redact_files
from tlkit.tracking import store
from tlkit.tracking.outbox import Operation, Outbox, Sent
from tlkit.tracking.recorder import RecordedData, RecordedModel
from tlkit.tracking.records import FAILURE, MARK, PARENT
from tlkit.tracking.sending import entries, models
from tlkit.tracking.sending.experiments import find_or_create, run_of
from tlkit.tracking.sending.nested_runs import NestedRuns

if TYPE_CHECKING:
    from mlflow.tracking.client import MlflowClient

REFUSED = {"INVALID_PARAMETER_VALUE", "BAD_REQUEST"}  # no use in trying these again
_MOST_PROFILE = 16_000_000  # letters, MLflow's limit


@dataclass
class RunSender:
    """A pending folder and the store that it goes to."""

    pending: Outbox
    client: MlflowClient
    warn: Callable[[str], None]
    address: str = ""
    run_id: str = ""
    finish: Operation | None = None
    _artifact_uri: str = ""
    _offset: int = 0
    _unsent: list[Operation] = field(default_factory=list)
    _children: NestedRuns | None = None
    _told: dict[str, dict[int, str]] = field(default_factory=dict)  # metrics by step that stand there already

    def begin(self) -> str:
        """Create the run, or find the one that an earlier attempt created."""
        self.address = self.pending.opening()["uri"]
        sent = self.pending.sent()
        self._offset = sent.get("offset", 0)
        run = self._known(sent) or self._create()
        self.run_id, self._artifact_uri = run.info.run_id, run.info.artifact_uri
        self.pending.acknowledge(self.run_id, self._offset)
        self._children = NestedRuns(self.client, run)
        return self.run_id

    def advance(self) -> None:
        """Send what the journal has gained; sets `finish` as soon as the journal has its end, sent or not."""
        gained, self._offset = self.pending.read(self._offset)
        self.finish = next((each for each in gained if each["op"] == "finish"), self.finish)
        self._unsent += gained
        if not self._unsent:
            return
        assert self._children is not None, "begun before anything is sent"
        for run_id, operations, end in self._children.sorted(self._unsent):
            for kind in ("params", "tags", "metrics"):
                found = [each for operation in operations for each in _entities(operation, kind)]
                if run_id == self.run_id:
                    found = [each for each in found if not isinstance(each, Metric) or self._is_new(each)]
                self._send(found, run_id)
            if end:
                self.client.set_terminated(run_id, end["status"], end["time"])
        for operation in self._unsent:
            if operation["op"] == "dataset":
                data = RecordedData(**_fields(operation))
                self._guard("the data set", _send_inputs, self.client, self.run_id, data)
        self._unsent.clear()
        if not self.finish:  # the end is to be read again, should this process be cut off now
            self.pending.acknowledge(self.run_id, self._offset)

    def end(self) -> None:
        """Put the files in place and set the status: KILLED if the journal has no end, FAILED after a crash."""
        for operation in self.pending.read()[0]:
            if operation["op"] == "model":
                model = RecordedModel(**_fields(operation))
                self._guard("the model", models.send, self.client, self.run_id, model, self.pending)
        for left in self.pending.artifacts.glob(".*"):  # half-written by a process that was killed
            left.unlink()
        folder = self.artifacts()
        if not self.finish:  # else whoever wrote them has done so, and knows of more
            redact_files(self.pending.artifacts)
        if folder:
            _move(self.pending.artifacts, folder)
        elif any(self.pending.artifacts.iterdir()):
            self.client.log_artifacts(self.run_id, str(self.pending.artifacts))
        finish = self.finish or self._cut_off()
        if self._children is not None:
            self._children.close(finish["status"])
        self.client.set_terminated(self.run_id, finish["status"], finish["time"])
        self.pending.remove()

    def _cut_off(self) -> Operation:
        """The end of a journal that has none."""
        if reason := self.pending.crash():
            self.client.set_tag(self.run_id, FAILURE, reason)
        return {"status": "FAILED" if reason else "KILLED", "time": None}

    def artifacts(self) -> Path | None:
        """The run's folder of files, if it is on this machine."""
        return store.local_folder(self._artifact_uri)

    def _known(self, sent: Sent) -> Any:
        """The run of an earlier attempt, even if nobody lived to note its id, or the one that goes on; else None."""
        opening = self.pending.opening()
        if not sent:
            return self._taken_up(opening) if opening.get("resume") or opening.get("goes_on") else None
        if sent["run_id"]:
            return self.client.get_run(sent["run_id"])
        return run_of(self.client, opening["experiment"], self.pending.folder.name)

    def _taken_up(self, opening: Operation) -> Any:
        """The run in the store that goes on here, by its id or its earlier journal; None where it never came there."""
        before = run_of(self.client, opening["experiment"], opening["goes_on"]) if opening.get("goes_on") else None
        run_id = opening["resume"] or (before.info.run_id if before else "")
        if not run_id:
            return None
        self.client.update_run(run_id, "RUNNING")
        if FAILURE in self.client.get_run(run_id).data.tags:
            self.client.delete_tag(run_id, FAILURE)
        mark = {MARK: self.pending.folder.name} if before else {}
        self._send([RunTag(key, value) for key, value in {**entries.tags(opening["tags"]), **mark}.items()], run_id)
        return self.client.get_run(run_id)

    def _is_new(self, metric: Metric) -> bool:
        """Whether a metric is not in the store from before the run was cut off; of an epoch, whatever its value."""
        opening = self.pending.opening()
        if not (opening.get("goes_on") or opening.get("resume")):
            return True
        if metric.key not in self._told:
            history = self.client.get_metric_history(self.run_id, metric.key)
            self._told[metric.key] = {each.step: repr(each.value) for each in history}
        before = self._told[metric.key].get(metric.step)
        of_epoch = opening.get("goes_on") and metric.key.startswith(("train/", "val/"))
        return before is None or not (of_epoch or before == repr(metric.value))

    def _create(self) -> Any:
        opening = self.pending.opening()
        experiment = find_or_create(self.client, opening)
        parent = self._parent(opening)
        self.pending.acknowledge(None, 0)
        tags = {
            **opening["tags"],
            **({PARENT: parent} if parent else {}),
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

    def _parent(self, opening: Operation) -> str | None:
        """The id of the run that this one is part of; while that is still to be sent, this one waits."""
        if opening.get("parent_run") or not opening.get("parent"):
            return opening.get("parent_run") or None
        beside = Outbox(self.pending.folder.with_name(opening["parent"]))
        if known := beside.sent().get("run_id"):
            return str(known)
        found = run_of(self.client, opening["experiment"], opening["parent"])
        if found is None and beside.journal.exists():
            raise TrackingError(f"{self.pending.folder.name}: waits for the run that it is part of.")
        return found.info.run_id if found else None

    def _guard(self, what: str, send: Callable[..., None], *given: Any) -> None:
        """Send one thing; where the store refuses it, the record goes on without."""
        try:
            send(*given)
        except MlflowException as error:
            if error.error_code not in REFUSED:
                raise
            self.warn(f"{what} is left out of the record: {store.first_line(error)}")

    def _send(self, entities: Sequence[Metric | Param | RunTag], run_id: str = "") -> None:
        size = MAX_METRICS_PER_BATCH if entities and isinstance(entities[0], Metric) else MAX_PARAMS_TAGS_PER_BATCH
        for start in range(0, len(entities), size):
            self._send_batch(entities[start : start + size], run_id or self.run_id)

    def _send_batch(self, batch: Sequence[Metric | Param | RunTag], run_id: str) -> None:
        """Send a batch; if it is refused, send its halves, until only what is to blame is left out."""
        metrics = [each for each in batch if isinstance(each, Metric)]
        params = [each for each in batch if isinstance(each, Param)]
        tags = [each for each in batch if isinstance(each, RunTag)]
        try:
            self.client.log_batch(run_id, metrics, params, tags)
        except MlflowException as error:
            if error.error_code not in REFUSED:
                raise
            if len(batch) == 1:
                self.warn(f"'{batch[0].key}' is left out of the record: {store.first_line(error)}")
                return
            self._send_batch(batch[: len(batch) // 2], run_id)
            self._send_batch(batch[len(batch) // 2 :], run_id)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without user names
        return str(os.getuid())


def _fields(operation: Operation) -> Operation:
    """An operation's arguments; older journals call a model's metadata its facts."""
    return {"metadata" if name == "facts" else name: value for name, value in operation.items() if name != "op"}


def _entities(operation: Operation, kind: str) -> Iterable[Metric | Param | RunTag]:
    if operation["op"] != kind:
        return []
    if kind == "metrics":
        return [Metric(entries.key(key), value, time, step) for key, value, step, time in operation["metrics"]]
    if kind == "tags":
        return [RunTag(key, value) for key, value in entries.tags(operation["tags"]).items()]
    return [Param(key, value) for key, value in entries.params(operation["params"]).items()]


def _move(source: Path, target: Path) -> None:
    """Move a tree of files into another, file by file, so that it can be cut off and done again."""
    target.mkdir(parents=True, exist_ok=True)
    for folder, _, names in os.walk(source):
        goal = target / Path(folder).relative_to(source)
        goal.mkdir(exist_ok=True)
        for name in names:
            shutil.move(Path(folder) / name, goal / name)


def _send_inputs(client: MlflowClient, run_id: str, data: RecordedData) -> None:
    """Record a data set; the store knows a digest that it has seen."""
    profile = json.dumps(data.profile, ensure_ascii=False)
    dataset = Dataset(
        name=entries.cut(data.name, 500),
        digest=data.digest[:36],
        source_type="local",
        source=json.dumps({"uri": data.source}),
        profile=profile if len(profile) < _MOST_PROFILE else None,
    )
    tags = {"mlflow.data.context": "training", **data.tags}
    labels = [InputTag(entries.cut(key, 255), entries.cut(str(value), 500)) for key, value in tags.items()]
    client.log_inputs(run_id, [DatasetInput(dataset, labels)])
