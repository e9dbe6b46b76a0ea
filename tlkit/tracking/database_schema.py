"""A new MLflow database in milliseconds: its migrations run once for each version, and a copy is kept."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tlkit.locks import take
from tlkit.paths import cache_root
from tlkit.tracking.addresses import address_of

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory


_DRAFT = ".new-database-"


def create(file: Path) -> None:
    """Make the database unless it is there; it appears complete, and of two processes at once only one makes it."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    _remove_left_drafts(file.parent)
    with tempfile.TemporaryDirectory(prefix=f"{_DRAFT}{os.getpid()}-", dir=file.parent) as folder:
        draft = Path(folder) / file.name
        if not _copied(draft):
            migrate(draft)
            _keep(draft)
        _make_own(draft, (file.parent / "artifacts").as_uri())
        _publish(draft, file)


def _remove_left_drafts(folder: Path) -> None:
    """Those of makers that were killed."""
    import psutil  # needs modules that not every system has

    for each in folder.glob(f"{_DRAFT}*"):
        maker = each.name.removeprefix(_DRAFT).partition("-")[0]
        if maker.isdecimal() and not psutil.pid_exists(int(maker)):
            shutil.rmtree(each, ignore_errors=True)


def migrate(file: Path) -> None:
    """Make a database as MLflow does, with all its migrations: a second beside what it takes to import them."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
    from sqlalchemy import Engine, event

    event.listen(Engine, "connect", _waits_for_no_disk)
    try:
        SqlAlchemyStore(address_of(file), "file:///none").engine.dispose()
    finally:
        event.remove(Engine, "connect", _waits_for_no_disk)


def _waits_for_no_disk(connection: sqlite3.Connection, record: object) -> None:
    """A draft that is cut off is thrown away: none of the migrations' 70 commits needs to reach the disk at once."""
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = MEMORY")


def known_revision() -> str:
    """The revision of the installed MLflow's databases, if one is kept; else empty: `migrations` knows, in a second."""
    kept = _kept()
    return kept.stem.rpartition("-")[2] if kept else ""


def migrations() -> ScriptDirectory:
    """The revisions that the installed MLflow knows."""
    import mlflow
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(Path(mlflow.__file__).parent / "store" / "db_migrations"))


def _kept() -> Path | None:
    return next(_home().glob(f"{importlib.metadata.version('mlflow')}-*.db"), None)


def _home() -> Path:
    return cache_root() / "mlflow"


def _copied(draft: Path) -> bool:
    """Whether a kept database could be had; one that is damaged goes."""
    if (kept := _kept()) is None:
        return False
    try:
        shutil.copyfile(kept, draft)
        return bool(_revision(draft))
    except (OSError, sqlite3.Error):
        draft.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            kept.unlink(missing_ok=True)
        return False


def _keep(draft: Path) -> None:
    """Put a copy of a new database into the cache, if there is room."""
    name = f"{importlib.metadata.version('mlflow')}-{_revision(draft)}.db"
    with contextlib.suppress(OSError):
        _home().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_home()) as folder:
            shutil.copyfile(draft, Path(folder) / name).replace(_home() / name)


def _make_own(file: Path, artifacts: str) -> None:
    """Let the experiment that MLflow expects begin now, and have its files here."""
    now = time.time_ns() // 1_000_000
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "UPDATE experiments SET artifact_location = ?, creation_time = ?, last_update_time = ?",
            [f"{artifacts}/0", now, now],
        )
        connection.commit()


def _revision(file: Path) -> str:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _publish(draft: Path, file: Path) -> None:
    """Give the finished database its name, unless some other program was faster."""
    try:
        os.link(draft, file)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        with take(file.with_suffix(".lock"), wait=True) or contextlib.nullcontext():
            if not file.exists():
                draft.rename(file)
