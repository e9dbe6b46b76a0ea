"""The fast way to a new database gives the same one as MLflow's own."""

import contextlib
import sqlite3

import pytest

from tlkit.tracking import database_schema, store


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    """One database by our script and one by MLflow's migrations."""
    if database_schema.shipped() != database_schema.migrations().get_current_head():
        pytest.skip("schema.sql is of another MLflow than the one here: renew it, see database_schema.py")
    folder = tmp_path_factory.mktemp("databases")
    database_schema.run_script(folder / "ours.db", "file:///artifacts")
    database_schema.migrate(folder / "theirs.db", "file:///artifacts")
    with (
        contextlib.closing(sqlite3.connect(folder / "ours.db")) as ours,
        contextlib.closing(sqlite3.connect(folder / "theirs.db")) as theirs,
    ):
        yield ours, theirs


def test_the_statements_are_the_same(databases):
    ours, theirs = (
        {
            (kind, name): _clauses(_words(text))
            for kind, name, text in each.execute("SELECT type, name, sql FROM sqlite_master")
        }
        for each in databases
    )
    assert len(ours) > 100
    assert ours == theirs


@pytest.mark.parametrize("pragma", ["table_xinfo", "foreign_key_list", "index_list"])
def test_sqlite_understands_them_the_same(databases, pragma):
    ours, theirs = ({name: _facts(each, pragma, name) for name in _tables(each)} for each in databases)
    assert any(ours.values())
    assert ours == theirs


def test_the_first_rows_are_the_same(databases):
    ours, theirs = (
        {name: each.execute(f'SELECT * FROM "{name}"').fetchall() for name in _tables(each)} for each in databases
    )
    now = ours["experiments"][0][4]
    theirs["experiments"] = [(*row[:4], now, now, *row[6:]) for row in theirs["experiments"]]
    assert ours["experiments"][0][:3] == (0, "Default", "file:///artifacts/0")
    assert ours == theirs


def test_other_versions_of_mlflow_run_their_own_migrations(monkeypatch, tmp_path):
    monkeypatch.setattr(database_schema, "SCRIPT", tmp_path / "none.sql")
    database_schema.create(tmp_path / "mlruns" / "mlflow.db")
    assert store.revision(tmp_path / "mlruns" / "mlflow.db") == database_schema.migrations().get_current_head()


def _tables(connection):
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]


def _facts(connection, pragma, table):
    rows = connection.execute(f'PRAGMA {pragma}("{table}")').fetchall()
    return sorted(str(row[1:]) for row in rows)  # the first is a running number


def _words(statement):
    return " ".join((statement or "").split())


def _clauses(statement):
    """The parts between the commas of the outer brackets, sorted: the migrations write nameless checks in any order."""
    parts, depth = [""], 0
    for letter in statement:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 1:
            parts.append("")
        else:
            parts[-1] += letter
    return sorted(part.strip(" ()") for part in parts)
