"""`tlkit init`: a recipe for what lies there."""

import zipfile

import numpy as np
import pandas as pd
import pytest
import yaml
from drawing import draw_pictures
from picture_faults import draw_scene
from workflow_doors import run_json, tlkit

from tlkit.workflows.guesses import some_files

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


def test_pictures_named_by_object_and_view_give_a_recipe_that_runs(there):
    (there / "turns").mkdir()
    for number in range(2):
        for view in range(16):
            draw_scene(20 * number + view, width=32, height=32).save(there / f"turns/cup{number}__{view}.png")
    data = started("turns")["data"]
    assert (data["source"], data["pattern"], data["split_by"]) == ("views", "{object}__{view}.png", "turn")
    small = ["--set", "model={net: multiview, backbone: cnn, options: {filters: [4]}}", "--set", "train.epochs=1"]
    assert run_json("mine.yaml", *small, "--set", "data.image_size=32")["recipe"] == "turns"


def test_a_table_of_numbers_gives_a_recipe_that_runs(there):
    rows = np.random.default_rng(0).normal(size=(60, 3))
    pd.DataFrame(rows, columns=["width", "height", "weight"]).assign(species=["owl", "hen"] * 30).to_csv("birds.csv")
    data = started("birds.csv")["data"]
    assert (data["source"], data["label"]) == ("table", "species")
    assert run_json("mine.yaml", "--set", "train.epochs=1")["recipe"] == "birds"


def test_folders_of_sounds_are_recognised(there):
    for name in ("bell", "horn"):
        (there / "sounds" / name).mkdir(parents=True)
        (there / "sounds" / name / "1.wav").write_bytes(b"RIFF")
    assert started("sounds")["data"]["source"] == "sounds"


def test_a_large_folder_is_not_listed_to_the_end(there):
    for name in ("many", "few"):
        (there / "all" / name).mkdir(parents=True)
    for number in range(5000):
        (there / f"all/many/{number}.jpg").touch()
    (there / "all/few/1.jpg").touch()
    assert len(some_files(there / "all")) == 2001
    assert started("all")["data"]["source"] == "image_folder"


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
