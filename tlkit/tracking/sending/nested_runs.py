"""Runs within a run: found by their key or created, and closed with the one around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tlkit.tracking.outbox import Operation
from tlkit.tracking.records import MARK, PARENT
from tlkit.tracking.sending import entries

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking.client import MlflowClient

CHILD = "tlkit.child"  # the tag that holds a child's key


class NestedRuns:
    """The children of one run, as far as a journal speaks of them."""

    def __init__(self, client: MlflowClient, parent: Run) -> None:
        self._client, self._parent = client, parent
        self._known: dict[str, str] | None = None
        self._open: set[str] = set()

    def sorted(self, operations: Sequence[Operation]) -> Iterator[tuple[str, list[Operation], Operation | None]]:
        """Operations by the run that they are about: (run id, operations, the one that closes it)."""
        groups: dict[str | None, list[Operation]] = {}
        for operation in operations:
            groups.setdefault(operation.get("child"), []).append(operation)
        for key, group in groups.items():
            if key is None:
                yield self._parent.info.run_id, group, None
                continue
            begin = next((each for each in group if each["op"] == "begin_child"), None)
            run_id = self._begun(key, begin)
            end = group[-1] if group[-1]["op"] == "end_child" else None
            yield run_id, group, end
            if end:
                self._open.discard(run_id)

    def close(self, status: str) -> None:
        """Close what is still open, when the parent ends."""
        for run_id in self._open:
            self._client.set_terminated(run_id, "KILLED" if status == "FINISHED" else status)
        self._open.clear()

    def _begun(self, key: str, begin: Operation | None) -> str:
        known = self._ids()
        if key not in known:
            known[key] = self._create(key, begin or {"name": key, "time": None, "tags": {}})
        elif begin is not None:
            self._client.update_run(known[key], status="RUNNING")
        if begin is not None:
            self._open.add(known[key])
        return known[key]

    def _ids(self) -> dict[str, str]:
        """Keys and run ids that the store has already."""
        if self._known is None:
            condition = f"tags.`{PARENT}` = '{self._parent.info.run_id}'"
            self._known, token = {}, None
            while True:
                found = self._client.search_runs([self._parent.info.experiment_id], condition, page_token=token)
                self._known |= {each.data.tags[CHILD]: each.info.run_id for each in found if CHILD in each.data.tags}
                token = found.token
                if not token:
                    break
        return self._known

    def _create(self, key: str, begin: Operation) -> str:
        tags: dict[str, Any] = {
            **begin["tags"],
            MARK: f"{self._parent.data.tags.get(MARK, self._parent.info.run_id)}/{key}",
            PARENT: self._parent.info.run_id,
            CHILD: key,
            "mlflow.source.name": "tlkit",
            "mlflow.source.type": "LOCAL",
        }
        created = self._client.create_run(
            self._parent.info.experiment_id, begin["time"], entries.tags(tags), run_name=entries.run_name(begin["name"])
        )
        return str(created.info.run_id)
