"""The studio over HTTP: what it does, one thing at a time, and what it refuses to do."""

import re
import shutil

import psutil
import pytest
from drawing import draw_pictures
from studio_process import line_of, studio

SLOW = """
name: slow
data: {path: data/pictures, image_size: 32, val: 0.25, test: 0.25}
model: {net: cnn, filters: [4]}
train: {epochs: 100000, batch_size: 8, few_examples: as_written, early_stopping: null}
track: {system_metrics: false}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A working folder with data in it: one picture stands in both classes, one is broken."""
    folder = tmp_path_factory.mktemp("studio")
    pictures = draw_pictures(folder / "data" / "pictures")
    shutil.copyfile(pictures / "red" / "red_003.png", pictures / "blue" / "same.png")
    (pictures / "blue" / "broken.png").write_bytes(b"no picture")
    (folder / "data" / "notes").mkdir()
    return folder


@pytest.fixture(scope="module")
def bench(home):
    """The studio in that folder, which may look at `data` alone."""
    with studio(home, "data") as running:
        yield running


@pytest.fixture
def checked(bench):
    """The studio with the pictures chosen and checked."""
    if bench.get("state")[1]["folder"] != "pictures":
        assert bench.post("choose", path="pictures")[0] == 200
    bench.over()
    return bench


@pytest.mark.slow
def test_a_folder_that_is_chosen_is_checked(checked):
    state = checked.get("state")[1]
    assert state["job"]["state"] == "done"
    assert state["check"]["classes"] == {"blue": 13, "red": 12}
    assert sum(state["check"]["parts"].values()) == 25
    assert "net: efficientnet-lite0" in state["recipe"]
    assert b"<html" in checked.ask("/api/checked")[1]


def test_what_is_wrong_with_the_data_is_named_with_its_picture(checked):
    found = [each for each in checked.get("state")[1]["check"]["findings"] if each["level"] != "note"]
    paths = {example["path"] for each in found for row in each["examples"] for example in row}
    assert {"pictures/blue/same.png", "pictures/red/red_003.png", "pictures/blue/broken.png"} <= paths
    assert checked.ask("/api/thumbnail?path=pictures/blue/same.png")[0] == 200


def test_a_bad_recipe_is_told_by_its_line(checked):
    text = checked.get("state")[1]["recipe"]
    state = checked.post("recipe", text=text.replace("epochs:", "epoches:"))[1]
    assert len(state["problems"]) == 1
    assert "epoches: unknown key" in state["problems"][0]
    assert "epoches: unknown key" in line_of(checked.post("train"), 422)
    assert checked.post("recipe", text=text)[1]["problems"] == []


def test_a_recipe_cannot_ask_for_data_outside(checked):
    text = checked.get("state")[1]["recipe"]
    state = checked.post("recipe", text=re.sub("path: .*", "path: .", text))[1]
    assert "outside" in state["problems"][0]
    assert "outside" in line_of(checked.post("train"), 422)
    checked.post("recipe", text=text)


def test_nothing_is_reported_tried_or_exported_before_a_run(checked):
    for path, body in (("open", {}), ("export", {"formats": ["onnx"]})):
        assert "train first" in line_of(checked.post(path, **body), 422)
    assert "no model is ready" in line_of(checked.ask("/api/model/predict", b"x"), 422)
    assert "no such page" in line_of(checked.get("report/0000"), 422)


def test_one_training_at_a_time_and_it_can_be_stopped(checked, home):
    checked.post("recipe", text=SLOW)
    assert checked.post("train")[0] == 200
    assert "is under way" in line_of(checked.post("train"), 409)
    assert "is under way" in line_of(checked.post("choose", path="notes"), 409)
    state = checked.until(lambda state: (state["job"]["progress"] or {}).get("done", 0) > 0)
    assert state["job"]["progress"]["label"] == "Training"
    assert "train/loss" in checked.until(lambda state: state["job"]["curve"])["job"]["curve"][0][1]
    assert [each["name"] for each in checked.get("folders")[1]["folders"]] == ["notes", "pictures"]
    assert checked.get("state")[1]["folder"] == "pictures"
    checked.post("stop")
    assert checked.over()["job"]["state"] == "stopped"
    assert list((home / "mlruns" / "unfinished").glob("*/state*.npz"))


def test_the_end_of_the_studio_ends_what_it_does(home):
    with studio(home, "data") as running:
        assert running.post("choose", path="pictures")[1]["job"]["state"] == "running"
        own = psutil.Process(running.process.pid)
        running.until(lambda _: own.children())
        works = own.children(recursive=True)
        running.process.terminate()
        assert running.process.wait(60) == 0
    assert psutil.wait_procs(works, timeout=60)[1] == []


@pytest.mark.slow
def test_what_leaks_is_left_out_on_request(bench, home):
    scenes = home / "data" / "scenes"
    for part, count in (("train", 8), ("test", 4)):
        draw_pictures(scenes / part, count=count, seed=count)
    shutil.copyfile(scenes / "train" / "red" / "red_001.png", scenes / "test" / "red" / "seen.png")
    bench.over()
    bench.post("choose", path="scenes")
    assert "leak" in {each["topic"] for each in bench.over()["check"]["findings"] if each["level"] == "error"}
    bench.post("check", quarantine=True)
    assert "leak" not in {each["topic"] for each in bench.over()["check"]["findings"]}
