"""Runs found again: by id, by the beginning of an id, or the latest; and their files, fetched if they are far away."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from tlkit.errors import NotFoundError, TrackingError, nearest
from tlkit.tracking import store
from tlkit.tracking.addresses import database
from tlkit.tracking.database import DatabaseRecords
from tlkit.tracking.records import MARK, Records, Run, is_prefix

_NAMED = 10  # of the runs within another

__all__ = ["Run", "children", "fetch", "find", "in_experiment", "metric_history", "recent"]


def find(run: str, root: Path = Path("mlruns")) -> Run:
    """The run of an id, of the beginning of one, or the `latest` finished one that is not part of a search.

    Example:
        accuracy = lookup.find("latest").metrics["test/accuracy"]
    """
    records = _records(root)
    if run == "latest":
        return _latest(records, root)
    found = records.with_prefix(run, limit=6) if records and is_prefix(run) else []
    if not found:
        raise NotFoundError(_missing(run, records, root))
    if len(found) > 1:
        choice = ", ".join(f"{each.id[: len(run) + 6]} ({_title(each)})" for each in found[:5])
        raise NotFoundError(f"'{run}' begins the ids of several runs: {choice}. Give more letters.")
    return found[0]


def recent(root: Path = Path("mlruns"), limit: int = 20) -> list[Run]:
    """The newest runs first, whatever became of them; without the trials within a search."""
    records = _records(root)
    return records.newest(limit) if records else []


def children(run: Run, root: Path = Path("mlruns")) -> list[Run]:
    """The runs within a run, such as the trials of a search, oldest first."""
    records = _records(root)
    found = records.within(run.id) if records else []
    return sorted(found, key=lambda each: (each.started, each.tags.get(MARK, "")))  # journals tell moments more finely


def in_experiment(name: str, root: Path = Path("mlruns")) -> list[Run]:
    """All finished runs of an experiment, newest first, without those within another run."""
    records = _records(root)
    return records.in_experiment(name) if records else []


def metric_history(run: Run, metric: str, root: Path = Path("mlruns")) -> list[tuple[int, float]]:
    """A metric's values as (step, value), in order; empty if the run has no such metric."""
    records = _records(root)
    return records.history(run.id, metric) if records else []


def fetch(run: Run, path: str, root: Path = Path("mlruns")) -> Path:
    """A file or folder of the run, on this machine; downloaded once if the store is elsewhere.

    Example:
        model = keras.saving.load_model(lookup.fetch(run, "model.keras"))
    """
    if run.artifacts is None:
        return _fetched(run, path, root)
    if not (run.artifacts / path).exists():
        names = [str(each.relative_to(run.artifacts)) for each in sorted(run.artifacts.rglob("*"))]
        raise NotFoundError(_lacks(run, path, names, root))
    return run.artifacts / path


def _records(root: Path) -> Records | None:
    """The store's runs; None if there is no database yet. MLflow is imported only where there is no other way."""
    address = store.uri(root)
    file = database(address)
    if file and not file.exists():
        return None
    if file and DatabaseRecords(file).are_readable():
        store.settle(file)
        return DatabaseRecords(file)
    store.prepare(address)
    from tlkit.tracking.server import ServerRecords

    return ServerRecords(store.client(address))


def _latest(records: Records | None, root: Path) -> Run:
    found = records.newest(1, finished=True) if records else []
    if not found:
        raise NotFoundError(f"'latest': no finished run in {store.shown(store.uri(root))} yet.")
    return found[0]


def _missing(run: str, records: Records | None, root: Path) -> str:
    known = records.newest(50) if records else []
    hint = nearest(run, ["latest", *{each.id[: len(run)] for each in known}]) if run else ""
    if known and not hint:
        hint = f"The newest is {known[0].id[:8]} ({_title(known[0])})."
    return f"'{run}': no such run in {store.shown(store.uri(root))}. {hint}".strip()


def _title(run: Run) -> str:
    return run.name if len(run.name) <= 40 else f"{run.name[:37]}..."


def _fetched(run: Run, path: str, root: Path) -> Path:
    """The local copy of what is far away; it appears under its name only when complete."""
    home = root / "fetched" / run.id / hashlib.sha256(path.encode()).hexdigest()[:8]  # a folder may hold a known file
    target = home / Path(path).name
    if not target.exists():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home, prefix=".part-") as folder:
            _download(run, path, root, folder).rename(target)
    return target


def _download(run: Run, path: str, root: Path, folder: str) -> Path:
    from mlflow.exceptions import MlflowException

    client = store.client(store.uri(root))
    try:
        return Path(client.download_artifacts(run.id, path, folder))
    except (MlflowException, OSError) as error:
        names = [each.path for each in client.list_artifacts(run.id, str(Path(path).parent) if "/" in path else None)]
        if path in names:
            raise TrackingError(f"run {run.id[:8]}: '{path}' cannot be fetched ({store.first_line(error)}).") from error
        raise NotFoundError(_lacks(run, path, names, root)) from error


def _lacks(run: Run, path: str, names: list[str], root: Path) -> str:
    within = ", ".join(each.id[:8] for each in children(run, root)[:_NAMED])
    hint = nearest(path, names) or (f"Name one of the runs within it: {within}" if within else "")
    return f"run {run.id[:8]} ({_title(run)}): has no '{path}'. {hint}".strip()
