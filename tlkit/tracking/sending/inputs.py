"""The data set of a run as MLflow's dataset input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mlflow.entities import Dataset, DatasetInput, InputTag

from tlkit.tracking.recorder import RecordedData
from tlkit.tracking.sending import entries

if TYPE_CHECKING:
    from mlflow.tracking.client import MlflowClient

_MOST_PROFILE = 16_000_000  # letters, MLflow's limit


def send(client: MlflowClient, run_id: str, data: RecordedData) -> None:
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
