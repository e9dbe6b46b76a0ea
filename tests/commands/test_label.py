"""Pictures proposed to be labelled, and what comes back with labels."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from command_line import refused, tlkit
from drawing import draw_pictures

from tlkit.errors import DataError
from tlkit.inspection.next_labels import next_labels
from tlkit.kinds.image.picture_tables import picture_table


@pytest.fixture
def new(finished, tmp_path, monkeypatch):
    """Pictures without labels: ten new ones, a broken one, a copy of one of them, and two that the run has seen."""
    folder, _ = finished
    monkeypatch.chdir(folder)
    draw_pictures(tmp_path / "new", classes=("x", "y"), count=5, seed=5)
    shutil.copy(tmp_path / "new/x/x_000.png", tmp_path / "new/y/again.png")
    (tmp_path / "new/x/broken.png").write_bytes(b"no picture")
    learned = sorted((folder / "pictures/blue").iterdir())
    for each in learned:  # whichever part they stood in
        shutil.copy(each, tmp_path / "new" / each.name)
    return tmp_path / "new"


def test_a_table_of_new_pictures_is_proposed_filled_and_learned_from(new):
    out = new.parent / "next.csv"
    said = tlkit("label", "latest", new, "--count", 8, "--out", out).output
    assert f"{out}: 8 of 10 pictures to label" in said
    for part in ("train", "val", "test"):
        assert f"labelled already: in the run's {part} part, or a copy is (leak)" in said
    assert "left out  1, a copy of another in the folder" in said
    assert "left out  1, cannot be read: not a picture" in said
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["path"].split("/")[1] for row in rows} <= {"x", "y"}
    assert all(row["label"] == "" and row["guess"] in ("blue", "red") for row in rows)
    assert all(0.5 <= float(row["probability"]) <= 1 for row in rows)
    with pytest.raises(DataError, match="8 rows lack a path, a label"):
        picture_table(out)
    filled = [{**row, "label": ("blue", "red")[index % 2]} for index, row in enumerate(rows)]
    with out.open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(filled)
    splits = picture_table(out, val=0.25, test=0.25)
    assert sum(splits.counts().values()) == 8
    assert splits.info.class_names == ("blue", "red")


def test_label_studio_gets_tasks_with_guesses_and_its_export_is_read(new):
    out = new.parent / "next.json"
    tlkit("label", "latest", new, "--count", 7, "--out", out, "--format", "label-studio")
    tasks = json.loads(out.read_text())
    assert '<Choice value="blue"/>' in out.with_suffix(".xml").read_text()
    assert {each["predictions"][0]["result"][0]["value"]["choices"][0] for each in tasks} <= {"blue", "red"}
    with pytest.raises(DataError, match="none of 7 tasks has a choice called 'label'"):
        picture_table(out)
    for index, task in enumerate(tasks[:6]):
        chosen = {**task["predictions"][0]["result"][0], "value": {"choices": [("blue", "red")[index % 2]]}}
        task["annotations"] = [{"was_cancelled": True, "result": []}, {"was_cancelled": False, "result": [chosen]}]
    export = new.parent / "export.json"
    export.write_text(json.dumps(tasks))
    assert sum(picture_table(export, val=0.25, test=0.25).counts().values()) == 6
    least = [
        {"path": task["data"]["path"], "label": "red" if index % 2 else "blue"} for index, task in enumerate(tasks)
    ]
    export.write_text(json.dumps(least))
    assert sum(picture_table(export, val=0.25, test=0.25).counts().values()) == 7


@pytest.mark.parametrize("text", ["{}", "[1]", "[", '[{"label": "red"}]', '[{"annotations": 3}]'])
def test_what_is_no_export_is_refused_in_a_line(tmp_path, text):
    (tmp_path / "export.json").write_text(text)
    with pytest.raises(DataError, match=r"export\.json: not a readable table"):
        picture_table(tmp_path / "export.json")


def test_a_folder_with_nothing_to_label_is_refused(finished, tmp_path, monkeypatch):
    folder, _ = finished
    monkeypatch.chdir(folder)
    assert "expected a folder" in refused("label", "latest", tmp_path / "none")
    assert "no pictures" in refused("label", "latest", tmp_path)
    assert "no picture is left to label" in refused("label", "latest", Path("pictures"), "--out", tmp_path / "next.csv")


def test_what_is_drawn_is_unsure_and_of_all_sorts():
    rng = np.random.default_rng(0)
    features = np.repeat(np.eye(3) * 10, [20, 20, 20], axis=0) + rng.normal(size=(60, 3))
    chances = np.tile([[0.99999, 0.00001]], (60, 1))
    chances[[0, 1, 2, 20, 21, 40]] = [0.55, 0.45]
    chosen = next_labels(features, chances, 6)
    assert len({*chosen}) == 6
    assert {*chosen[:3]} <= {0, 1, 2, 20, 21, 40}
    assert {each // 20 for each in chosen[:4]} == {0, 1, 2}
    np.testing.assert_array_equal(chosen, next_labels(features, chances, 6))
    assert len(next_labels(features[:2], chances[:2], 50)) == 2
