"""A project with a tiny search over a frozen backbone, and one such search that many tests look at."""

import shutil

import pytest
from search_commands import RECIPE, tune_json


@pytest.fixture
def project(tmp_path, drawn_pictures, monkeypatch):
    """The current folder: a recipe with a tiny search, and its pictures."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(drawn_pictures, tmp_path / "pictures")
    (tmp_path / "tiny.yaml").write_text(RECIPE)
    return tmp_path


@pytest.fixture(scope="session")
def searched(tmp_path_factory, drawn_pictures):
    """A project in which the tiny search has run; not to be changed. Gives the folder and the result."""
    folder = tmp_path_factory.mktemp("searched")
    shutil.copytree(drawn_pictures, folder / "pictures")
    (folder / "tiny.yaml").write_text(RECIPE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return folder, tune_json("tiny.yaml")
