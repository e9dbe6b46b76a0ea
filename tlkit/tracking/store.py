"""Where the records are kept, and what can be wrong with that place; MLflow is imported only to open it."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sqlite3
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tlkit.errors import TrackingError
from tlkit.redaction import redact_files, redacted
from tlkit.tracking import database_schema, relocation
from tlkit.tracking.addresses import address_of, database
from tlkit.tracking.outbox import near
from tlkit.tracking.records import Run

if TYPE_CHECKING:
    from mlflow.tracking.client import MlflowClient

_log = logging.getLogger(__name__)

PATIENCE = 10  # seconds for a first answer, of a server or of a locked database


def uri(root: Path) -> str:
    """`MLFLOW_TRACKING_URI` where it is set, else the SQLite database under `root`."""
    given = os.environ.get("MLFLOW_TRACKING_URI", "").strip()
    file = database(given) if given else root / "mlflow.db"
    options = "".join(given.partition("?")[1:])
    return given if file is None else address_of(file.absolute()) + options


def artifact_location(address: str, root: Path) -> str | None:
    """Where the files of a new experiment go; None lets the server decide."""
    if urllib.parse.urlsplit(address).scheme in ("http", "https", "databricks"):
        return None
    home = database(address)
    return ((home.parent if home else root.absolute()) / "artifacts").as_uri()


def refuse_file_store(root: Path) -> None:
    """Raise if the store is one of plain folders, as MLflow kept them up to version 3.6."""
    given = os.environ.get("MLFLOW_TRACKING_URI", "").strip()
    if given.startswith("file:") or (given and "://" not in given and given != "databricks"):
        mend = f"Expected the address of a server or a database, such as sqlite:///{root}/mlflow.db."
        raise TrackingError(f"MLFLOW_TRACKING_URI={given}: MLflow no longer keeps records in plain folders. {mend}")
    if not given and not (root / "mlflow.db").exists() and next(root.glob("[0-9]*/meta.yaml"), None):
        command = f"mlflow migrate-filestore --source {root} --target sqlite:///{root}/mlflow.db"
        raise TrackingError(f"{root}: holds an old MLflow file store. Migrate it with `{command}`, or move it away.")


def prepare(address: str) -> None:
    """Raise one clear line if the store cannot be had; create the database if there is none yet."""
    file = database(address)
    if file is None:
        _knock(address)
    else:
        with _translated(file):
            database_schema.create(file)
        found = revision(file, writable=True)
        if found != database_schema.known_revision():
            _refuse_foreign(file, address, found)
        settle(file)


def examine(address: str) -> None:
    """Raise one clear line if a server does not answer or a database is no database; makes none."""
    file = database(address)
    if file is None:
        _knock(address)
    elif file.exists():
        known = database_schema.known_revision()
        if (found := revision(file)) != known and known:
            _refuse_foreign(file, address, found)
        settle(file)


def settle(file: Path) -> None:
    """Where a database was copied or moved with its project, let its files be looked for beside it, and say so."""
    with opened(file) as connection:
        addresses = relocation.moved_from(connection, file)
        if addresses and os.access(file, os.W_OK):
            relocation.bring_along(connection, file, addresses)
            places = " and ".join(str(local_folder(each)) for each in addresses)
            _log.warning("%s: was moved or copied; the files of its runs are now looked for beside it, not in %s",
                         near(file), places)  # fmt: skip


def revision(file: Path, *, writable: bool = False) -> str:
    """The version of a database's schema; raises one clear line if it is not sound."""
    with opened(file) as connection:
        connection.execute("BEGIN IMMEDIATE" if writable else "BEGIN")
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


@contextlib.contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """A database that exists, opened without MLflow, so that nothing is written unless asked for."""
    place = f"file:{urllib.parse.quote(str(file))}?mode=rw"  # rw, as ro could not repair what a killed writer left
    with (
        _translated(file),
        contextlib.closing(sqlite3.connect(place, uri=True, timeout=PATIENCE, isolation_level=None)) as connection,
    ):
        yield connection


def client(address: str) -> MlflowClient:
    """MLflow's client for a prepared store."""
    from mlflow.exceptions import MlflowException
    from mlflow.tracking.client import MlflowClient

    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    try:
        return MlflowClient(address)
    except (MlflowException, OSError) as error:
        raise TrackingError(f"{shown(address)}: cannot be used ({first_line(error)}).") from error


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

    address = uri(root)
    prepare(address)
    redact_files(folder)
    try:
        opened_client = client(address)
        for key, value in metrics.items():
            opened_client.log_metric(run.id, key, value)
        opened_client.log_artifacts(run.id, str(folder), name)
        for file in files:
            opened_client.log_artifact(run.id, str(file))
    except (MlflowException, OSError) as error:
        raise TrackingError(f"run {run.id[:8]}: cannot be added to ({first_line(error)})") from error


def local_folder(artifact_uri: str) -> Path | None:
    """The folder behind an artifact address, if it is on this machine."""
    parts = urllib.parse.urlsplit(artifact_uri)
    return Path(urllib.parse.unquote(parts.path)) if parts.scheme in ("", "file") else None


def shown(address: str) -> str:
    """The store as users know it: a path, or the variable that they set; no passwords."""
    file = database(address)
    if file is not None:
        return str(near(file))
    parts = urllib.parse.urlsplit(address)
    return f"MLFLOW_TRACKING_URI={redacted(parts._replace(netloc=parts.netloc.rpartition('@')[2]).geturl())}"


def first_line(error: BaseException) -> str:
    """What an error of MLflow says, short enough for one line."""
    if "Max retries exceeded" in str(error):
        return "no connection"
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return redacted(lines[0])[:300]


def _knock(address: str) -> None:
    """See that somebody listens at a server's address, before seconds go into importing MLflow."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme not in ("http", "https") or _proxied(parts):
        return
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), timeout=PATIENCE).close()
    except (OSError, ValueError) as error:
        mend = "Start the server, mend the address, or unset the variable to record in a local database."
        raise TrackingError(f"{shown(address)}: nobody answers ({first_line(error)}). {mend}") from error


def _proxied(parts: urllib.parse.SplitResult) -> bool:
    import urllib.request  # slow: brings ssl

    return parts.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(parts.hostname or "")


@contextlib.contextmanager
def _translated(file: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise TrackingError(f"{near(file)}: {_diagnosis(error)}") from error


def _diagnosis(error: sqlite3.Error | OSError) -> str:
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    if "locked" in text:
        return f"locked by another program for {PATIENCE} seconds. Close what holds it, then try again."
    if "full" in text or "space" in text:
        return f"cannot be written ({text}). Make room there."
    if "readonly" in text or "unable to open" in text or isinstance(error, OSError):
        return f"cannot be written ({text}). Mend the permissions or set MLFLOW_TRACKING_URI."
    return f"is not a sound database ({text}). Move it away to begin a new one, or bring back a copy."


def _refuse_foreign(file: Path, address: str, revision: str) -> None:
    """Raise if the installed MLflow cannot use a database of this revision."""
    import importlib.metadata

    from alembic.util import CommandError

    known, here = database_schema.migrations(), f"the {importlib.metadata.version('mlflow')} here"
    if revision == known.get_current_head():
        return
    try:
        known.get_revision(revision)
    except CommandError:
        mend = "Upgrade mlflow, or move the file away to begin a new one."
        raise TrackingError(
            f"{near(file)}: written by a newer MLflow than {here} (schema {revision}). {mend}"
        ) from None
    mend = f"Keep a copy, then run `mlflow db upgrade {address}`."
    raise TrackingError(f"{near(file)}: written by an older MLflow than {here}. {mend}")
