"""`tlkit init`: a recipe for what lies there."""

import zipfile

import pandas as pd
import pytest
import yaml
from drawing import draw_pictures
from workflow_doors import run_json, tlkit

QUICK = ["--set", "train.epochs=1", "--set", "data.image_size=32", "--set", "model={net: cnn, filters: [4]}"]


@pytest.fixture
def there(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def started(path):
    result = tlkit("init", path, "--out", "mine.yaml")
    assert result.exit_code == 0, result.output
    return yaml.safe_load(open("mine.yaml"))


def test_class_folders_give_a_recipe_that_runs(there):
    draw_pictures(there / "flowers", count=20)
    assert started("flowers")["data"]["source"] == "image_folder"
    assert "guessed" in (there / "mine.yaml").read_text()
    assert run_json("mine.yaml", *QUICK)["recipe"] == "flowers"


def test_an_archive_gives_a_recipe_that_runs(there):
    draw_pictures(there / "flowers", count=20)
    with zipfile.ZipFile("flowers.zip", "w") as archive:
        for path in sorted((there / "flowers").rglob("*.png")):
            archive.write(path, path.relative_to(there))
    started("flowers.zip")
    assert run_json("mine.yaml", *QUICK)["set_aside"] == 0


def test_a_table_is_recognised_by_its_columns(there):
    files = sorted(draw_pictures(there / "flowers", count=20).rglob("*.png"))
    rows = {
        "file": [f"flowers/{each.parent.name}/{each.name}" for each in files],
        "Species": [each.parent.name for each in files],
        "patient": [index // 2 for index in range(40)],
    }
    pd.DataFrame(rows).to_csv("list.csv", index=False)
    data = started("list.csv")["data"]
    assert (data["source"], data["image"], data["label"], data["group"]) == (
        "picture_table",
        "file",
        "Species",
        "patient",
    )
    assert run_json("mine.yaml", *QUICK)["recipe"] == "list"


def test_without_out_the_recipe_is_printed(there):
    draw_pictures(there / "flowers")
    assert yaml.safe_load(tlkit("init", "flowers").output)["name"] == "flowers"


def test_a_recipe_that_stands_there_is_left_alone(there):
    draw_pictures(there / "flowers")
    (there / "mine.yaml").write_text("mine")
    result = tlkit("init", "flowers", "--out", "mine.yaml")
    assert (result.exit_code, (there / "mine.yaml").read_text()) == (2, "mine")


@pytest.mark.parametrize("path", ["gone", "."])
def test_what_is_not_recognised_is_one_line(there, path):
    result = tlkit("init", path)
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1
