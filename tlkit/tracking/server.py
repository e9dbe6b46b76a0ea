"""Records read through MLflow's client: from a server, or from a database of another version."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tlkit.tracking import store
from tlkit.tracking.records import MARK, PARENT, Records, Run

if TYPE_CHECKING:
    from mlflow.tracking.client import MlflowClient


class ServerRecords(Records):
    """The runs that a client of MLflow can see."""

    def __init__(self, client: MlflowClient) -> None:
        self._client = client

    def with_prefix(self, prefix: str, limit: int) -> list[Run]:
        found = (run for run in self._search(f"attributes.run_id LIKE '{prefix}%'") if run.id.startswith(prefix))
        return list(itertools.islice(found, limit))

    def newest(self, limit: int, *, finished: bool = False) -> list[Run]:
        condition = f"tags.`{MARK}` LIKE '%'" + (" AND attributes.status = 'FINISHED'" if finished else "")
        found = (run for run in self._search(condition) if PARENT not in run.tags)
        return list(itertools.islice(found, limit))

    def within(self, parent: str) -> list[Run]:
        return list(self._search(f"tags.`{PARENT}` = '{parent}'"))[::-1]

    def in_experiment(self, name: str) -> list[Run]:
        return [run for run in self.newest(10_000, finished=True) if run.experiment == name]

    def history(self, run_id: str, metric: str) -> list[tuple[int, float]]:
        values = self._client.get_metric_history(run_id, metric)
        return [(each.step, each.value) for each in sorted(values, key=lambda each: (each.step, each.timestamp))]

    @functools.cached_property
    def _experiments(self) -> dict[str, str]:
        return {each.experiment_id: each.name for each in self._client.search_experiments(max_results=1000)}

    def _search(self, condition: str) -> Iterator[Run]:
        token = None
        while True:
            page = self._client.search_runs(
                list(self._experiments), condition, order_by=["attributes.start_time DESC"], page_token=token
            )
            yield from (self._run(each) for each in page)
            token = page.token
            if not token:
                return

    def _run(self, run: Any) -> Run:
        return Run(
            id=run.info.run_id,
            name=run.info.run_name or "",
            experiment=self._experiments[run.info.experiment_id],
            status=run.info.status,
            started=datetime.fromtimestamp(run.info.start_time / 1000),
            params=dict(sorted(run.data.params.items())),
            metrics=dict(sorted(run.data.metrics.items())),
            tags=dict(sorted(run.data.tags.items())),
            artifacts=store.local_folder(run.info.artifact_uri),
            experiment_id=str(run.info.experiment_id),
        )
