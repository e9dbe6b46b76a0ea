"""A database that is copied from the cache is the one that MLflow makes, and the cache may be as it is."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from mlflow import MlflowClient

from tlkit.tracking import database_schema, store

pytestmark = pytest.mark.contract
FILE = Path("mlruns/mlflow.db")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path / "tlkit"))
    return tmp_path / "tlkit"


def rows(file):
    """Every table with its rows, but for the moment and place of the first experiment."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE experiments SET artifact_location = '', creation_time = 0, last_update_time = 0")
        return list(connection.iterdump())


def values(lines):
    """What is written in the tables; the migrations write their nameless checks in any order."""
    return [line for line in lines if line.startswith("INSERT")]


def made():
    """A new database in the place of any other."""
    FILE.unlink(missing_ok=True)
    database_schema.create(FILE.absolute())
    assert store.revision(FILE) == database_schema.migrations().get_current_head()
    return rows(FILE)


def test_the_second_database_is_copied_and_the_same_as_that_of_mlflow(cache, monkeypatch):
    first = made()
    assert database_schema.known_revision() == database_schema.migrations().get_current_head()
    monkeypatch.delattr(database_schema, "migrate")
    assert made() == first
    database_schema.create(FILE.absolute())
    (experiment,) = MlflowClient(f"sqlite:///{FILE.absolute()}").search_experiments()
    assert experiment.artifact_location == f"{FILE.absolute().parent.as_uri()}/artifacts/0"
    assert [each.name for each in FILE.parent.iterdir()] == ["mlflow.db"]


@pytest.mark.parametrize("damage", [b"", b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_damaged_copy_is_made_again(cache, damage):
    first = made()
    (kept,) = (cache / "mlflow").glob("*.db")
    whole = kept.read_bytes()
    kept.write_bytes(damage)
    assert values(made()) == values(first)
    assert kept.read_bytes()[:16] == whole[:16]
    assert kept.stat().st_size == len(whole)


def test_a_cache_that_cannot_be_written_is_done_without(cache):
    cache.write_text("a file where the folder should be")
    assert values(made()) == values(made())
    assert database_schema.known_revision() == ""
    store.examine(store.uri(Path("mlruns")))
    store.prepare(store.uri(Path("mlruns")))


def test_a_full_cache_is_done_without(small_disk, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(small_disk("100k")))
    assert values(made()) == values(made())
    assert database_schema.known_revision() == ""
