"""A new MLflow database in milliseconds: what MLflow's own migrations build in seconds, as one script.

`schema.sql` is the dump of a database which MLflow made. It serves only while the installed MLflow stands at the same
revision; with any other MLflow the migrations run. `SCRIPT.write_text(dump())` renews it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

SCRIPT = Path(__file__).with_name("schema.sql")
_DEFAULT = "INSERT INTO experiments VALUES (0, 'Default', ?, 'active', ?, ?, 'default')"


def create(file: Path) -> None:
    """Make the database unless it is there; it appears complete, and of two processes at once only one makes it."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with _locked(file.parent), tempfile.TemporaryDirectory(prefix=".new-database-", dir=file.parent) as folder:
        if not file.exists():
            draft = Path(folder) / file.name
            build = run_script if shipped() == migrations().get_current_head() else migrate
            build(draft, (file.parent / "artifacts").as_uri())
            _publish(draft, file)


def run_script(file: Path, artifacts: str) -> None:
    """Make a database with `schema.sql`, and in it the experiment that MLflow expects."""
    now = time.time_ns() // 1_000_000
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.executescript(SCRIPT.read_text())
        connection.execute(_DEFAULT, [f"{artifacts}/0", now, now])
        connection.commit()


def migrate(file: Path, artifacts: str) -> None:
    """Make a database as MLflow does, with all its migrations."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    SqlAlchemyStore(f"sqlite:///{file}", artifacts).engine.dispose()


def shipped() -> str:
    """The revision of `schema.sql`, from its first line; empty without the file."""
    if not SCRIPT.exists():
        return ""
    with SCRIPT.open() as file:
        return file.readline().rpartition(" ")[2].strip()


def migrations() -> ScriptDirectory:
    """The revisions that the installed MLflow knows."""
    import mlflow
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(Path(mlflow.__file__).parent / "store" / "db_migrations"))


def dump() -> str:
    """The script that makes the tables of a database which MLflow made, and the rows of its migrations."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mlflow.db"
        migrate(file, "file:///none")
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute("DELETE FROM experiments")
            lines = [line.rstrip() for text in connection.iterdump() for line in text.splitlines()]
    return "\n".join([f"-- MLflow's SQLite schema at revision {migrations().get_current_head()}", *lines, ""])


def _publish(draft: Path, file: Path) -> None:
    """Give the finished database its name, unless some other program was faster."""
    with contextlib.suppress(FileExistsError):
        try:
            os.link(draft, file)
        except PermissionError:  # a file system without links
            draft.rename(file)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
