"""The training process's side of a record: it writes a journal, and a process of its own sends it to MLflow."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tlkit.errors import TrackingError
from tlkit.quiet import is_own_process
from tlkit.tracking import outbox, store
from tlkit.tracking.sender_process import OfflineSender, SenderProcess
from tlkit.tracking.tracker import Tracker, now, texts


def start(
    *,
    name: str,
    experiment: str,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    root: Path = Path("mlruns"),
    description: str = "",
    system_metrics: bool = True,
    parent: str = "",
    resume: str = "",
    goes_on: str = "",
    offline: bool = False,
) -> Tracker:
    """Open a record and return at once; use it in a `with` statement, put files in `folder`, and `finish` it.

    Args:
        experiment: where `MLFLOW_EXPERIMENT_NAME` does not say otherwise.
        parent: the `journal` of the run that this one is part of.
        resume: the id of a run in the store that goes on here, rather than a new one.
        goes_on: the `journal` of a run that was cut off and goes on here; what it said of epochs stands.
        offline: keep the record; the next run or `tlkit sync` sends it.

    Example:
        with tracking.start(name="cats", experiment="pets", params={"seed": 1}) as tracker:
            tracker.log_metrics({"val/accuracy": 0.9}, step=1)
            (tracker.folder / "classes.txt").write_text("cat, dog")
    """
    if not offline:
        store.refuse_file_store(root)
    create = {
        "op": "create",
        "time": now(),
        "name": name,
        "experiment": os.environ.get("MLFLOW_EXPERIMENT_NAME") or experiment,
        "description": description,
        "tags": texts(tags or {}),
        "uri": store.uri(root),
        "root": str(root.absolute()),
        "system_metrics": system_metrics,
        "parent": parent,
        "resume": resume,
        "goes_on": goes_on,
    }
    folder, lock = outbox.create(root, [create, {"op": "params", "params": texts(params or {})}])
    try:
        with outbox.translated(root):
            if is_own_process():
                folder.note_crashes()
            return Tracker(folder, lock, OfflineSender(folder.folder) if offline else SenderProcess(folder.folder))
    except TrackingError:  # no process could be started
        folder.remove()
        lock.release()
        raise


def check_store(root: Path = Path("mlruns")) -> None:
    """Raise one clear line if the store plainly cannot be had; takes milliseconds where it can."""
    store.refuse_file_store(root)
    store.examine(store.uri(root))
