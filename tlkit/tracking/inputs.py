"""The data set of a run as MLflow's dataset input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mlflow.entities import Dataset, DatasetInput, InputTag

from tlkit.tracking import entries
from tlkit.tracking.outbox import Operation

if TYPE_CHECKING:
    from mlflow.tracking.client import MlflowClient

_MOST_PROFILE = 16_000_000  # letters, MLflow's limit


def send(client: MlflowClient, run_id: str, operation: Operation) -> None:
    """Record the data set that an operation describes; the store knows a digest that it has seen.

    The operation has `name`, `digest`, `source` (where it is), `profile` (counts and the like) and `tags`.
    """
    profile = json.dumps(operation["profile"], ensure_ascii=False)
    dataset = Dataset(
        name=entries.cut(operation["name"], 500),
        digest=operation["digest"][:36],
        source_type="local",
        source=json.dumps({"uri": operation["source"]}),
        profile=profile if len(profile) < _MOST_PROFILE else None,
    )
    tags = {"mlflow.data.context": "training", **operation["tags"]}
    labels = [InputTag(entries.cut(key, 255), entries.cut(str(value), 500)) for key, value in tags.items()]
    client.log_inputs(run_id, [DatasetInput(dataset, labels)])
