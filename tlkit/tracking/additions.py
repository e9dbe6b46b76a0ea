"""Numbers and files added to a run that has long finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tlkit.errors import TrackingError
from tlkit.tracking import store
from tlkit.tracking.records import Run


def add_to_run(
    run: Run,
    metrics: Mapping[str, float],
    folder: Path,
    name: str,
    *,
    files: Sequence[Path] = (),
    root: Path = Path("mlruns"),
) -> None:
    """Put metrics, a folder of files as the artifacts `name`, and single files beside them into a run's record."""
    from mlflow.exceptions import MlflowException

    address = store.uri(root)
    store.prepare(address)
    try:
        client = store.client(address)
        for key, value in metrics.items():
            client.log_metric(run.id, key, value)
        client.log_artifacts(run.id, str(folder), name)
        for file in files:
            client.log_artifact(run.id, str(file))
    except (MlflowException, OSError) as error:
        raise TrackingError(f"run {run.id[:8]}: cannot be added to ({store.first_line(error)})") from error
