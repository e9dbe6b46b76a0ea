"""The addresses of SQLite databases, as SQLAlchemy reads them: `?` begins options there, and `%41` is a letter."""

from __future__ import annotations

from pathlib import Path

_SCHEME = "sqlite:///"


def address_of(file: Path) -> str:
    """A database file's address.

    Example:
        >>> address_of(Path("/runs/mlflow.db"))
        'sqlite:////runs/mlflow.db'
        >>> address_of(Path("/100%41/mlflow.db"))
        'sqlite:////100%2541/mlflow.db'
    """
    if not {"%", "?"} & {*str(file)}:
        return f"{_SCHEME}{file}"
    from sqlalchemy import URL  # 0.2 s, for names that few files have

    return URL.create("sqlite", database=str(file)).render_as_string(hide_password=False)


def database(address: str) -> Path | None:
    """The file behind a SQLite address; None for any other store.

    Example:
        >>> database("sqlite:////100%2541/mlflow.db").parent.name
        '100%41'
    """
    if not address.startswith(_SCHEME):
        return None
    if not {"%", "?"} & {*address}:
        return Path(address.removeprefix(_SCHEME))
    from sqlalchemy import make_url

    return Path(make_url(address).database or "")
