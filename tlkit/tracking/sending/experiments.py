"""Experiments in MLflow: made where they are missing, and marked as ones whose runs are to be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow.exceptions import MlflowException

from tlkit.errors import TrackingError
from tlkit.tracking import store
from tlkit.tracking.outbox import Operation
from tlkit.tracking.records import MARK, SCORE, VIEW_TAG

if TYPE_CHECKING:
    from mlflow.tracking.client import MlflowClient

_COLUMNS = ["attributes.`Duration`", f"tags.`{SCORE}`", "attributes.`Models`"]
_TAGS = {
    "mlflow.experimentKind": "custom_model_development",  # else MLflow's pages open on traces of chats
    VIEW_TAG: json.dumps({"selectedColumns": _COLUMNS}),
}


def find_or_create(client: MlflowClient, opening: Operation) -> str:
    """The experiment's id; creates it unless it is there."""
    name = opening["experiment"]
    location = store.artifact_location(opening["uri"], Path(opening["root"]))
    found = client.get_experiment_by_name(name) or _create(client, name, location)
    if found.lifecycle_stage == "deleted":
        mend = f"Restore it with `mlflow experiments restore -x {found.experiment_id}` or choose another name."
        raise TrackingError(f"experiment '{name}': was deleted in MLflow. {mend}")
    for key, value in _TAGS.items():
        if key not in found.tags:
            client.set_experiment_tag(found.experiment_id, key, value)
    return str(found.experiment_id)


def run_of(client: MlflowClient, experiment: str, journal: str) -> Any:
    """The run that came of a journal; None if there is none."""
    home = client.get_experiment_by_name(experiment)
    if home is None:
        return None
    found = client.search_runs([home.experiment_id], f"tags.`{MARK}` = '{journal}'", max_results=1)
    return found[0] if found else None


def _create(client: MlflowClient, name: str, location: str | None) -> Any:
    try:
        return client.get_experiment(client.create_experiment(name, location, _TAGS))
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
        return client.get_experiment_by_name(name)  # another run was faster by a moment
