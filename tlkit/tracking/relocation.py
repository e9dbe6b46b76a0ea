"""A local database that was copied or moved with its project: its files are beside it, not where they were.

MLflow keeps the addresses of files as whole paths, so that a copy would go on writing into the folder it was made of.
"""

from __future__ import annotations

import os
import sqlite3
import urllib.parse
from pathlib import Path

_ADDRESSES = {
    "experiments": ("artifact_location",),
    "runs": ("artifact_uri",),
    "logged_models": ("artifact_location",),
    "model_versions": ("source", "storage_location"),
}


def moved_from(connection: sqlite3.Connection, file: Path) -> list[str]:
    """The addresses of the folders of files that the database names, and that have become its own `artifacts`."""
    rows = connection.execute("SELECT DISTINCT artifact_location FROM experiments").fetchall()
    return [address for (address,) in rows if address and _was_beside(address, file)]


def bring_along(connection: sqlite3.Connection, file: Path, addresses: list[str]) -> None:
    """Let all that lay in these folders be looked for beside the database."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.execute("BEGIN IMMEDIATE")
    for old in addresses:
        given = {"old": old, "new": (file.parent / "artifacts").as_uri()}
        for table in _ADDRESSES.keys() & tables:
            for column in _ADDRESSES[table]:
                connection.execute(
                    f"UPDATE {table} SET {column} = :new || substr({column}, length(:old) + 1)"  # noqa: S608  (names of ours)
                    f" WHERE {column} = :old OR substr({column}, 1, length(:old) + 1) = :old || '/'",
                    given,
                )
    connection.execute("COMMIT")


def _was_beside(address: str, file: Path) -> bool:
    """Whether a folder is the one beside this database's former self: gone, or with the original beside it still."""
    parts = urllib.parse.urlsplit(address)
    old, new = Path(urllib.parse.unquote(parts.path)), file.parent / "artifacts"
    if parts.scheme not in ("", "file") or old == new or (old.parent.name, old.name) != (new.parent.name, new.name):
        return False
    original = old.with_name(file.name)
    return not original.samefile(file) if os.path.exists(original) else not os.path.exists(old)  # or not to be seen
