"""A project folder of its own for each test, and one finished run that many tests look at."""

import shutil
from pathlib import Path

import pytest
from workflow_doors import RECIPE, run_json


@pytest.fixture
def project(tmp_path, drawn_pictures, monkeypatch):
    """The current folder: a recipe for a tiny frozen run and its pictures."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(drawn_pictures, tmp_path / "pictures")
    (tmp_path / "tiny.yaml").write_text(RECIPE)
    return tmp_path


@pytest.fixture(scope="session")
def finished(tmp_path_factory, drawn_pictures):
    """A project in which the tiny recipe has run twice; not to be changed. Gives the folder and both results."""
    folder = tmp_path_factory.mktemp("finished")
    shutil.copytree(drawn_pictures, folder / "pictures")
    (folder / "tiny.yaml").write_text(RECIPE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TLKIT_CACHE", str(folder / "cache"))
        results = [run_json("tiny.yaml") for _ in range(2)]
    return Path(folder), results
