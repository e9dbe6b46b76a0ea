"""What a user can get wrong: one clear line, exit code 2, nothing half-written."""

import re
import shutil

import pytest
from command_line import refused, run_offline
from PIL import Image

from tlkit.model.saving import load_model


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: [", "bad.yaml:1: not valid YAML"),
        ("data: {path: pictures}\nmodle: {net: cnn}", "bad.yaml:2: modle: unknown key. Did you mean 'model'?"),
        ("train: {epochs: many}", "train.epochs: expected"),
        ("model: {net: efficientnet-lite9}", "Did you mean 'efficientnet-lite"),
        ("data: {path: nowhere}", "nowhere"),
        ("model: {net: efficientnet-lite0}", "data.path: missing; source 'image_folder' reads a folder"),
        ("data: {path: pictures}\nmodel: {net: cnn, weights: imagenet}", "no ImageNet weights"),
        ("data: {path: pictures, image_size: 32}\nmodel: {net: efficientnet-lite0, weights: none.h5}", "none.h5"),
        ("data: {path: pictures, image_size: 32}\ntrain: {phases: [{unfreeze: 2}, {unfreeze: none}]}", "train.phases"),
        ("data: {path: pictures, image_size: 32}\ntrain: {unfreeze: 99}", "expected 0 to 18 blocks"),
        ("data: {path: pictures, image_size: 32}\ntrain: {early_stopping: {monitor: val/acuracy}}", "val/acuracy"),
    ],
)
def test_a_faulty_recipe_is_refused_in_one_line(project, text, expected):
    (project / "bad.yaml").write_text(text)
    assert expected in refused("run", "bad.yaml")


def test_one_class_only(project):
    shutil.rmtree(project / "pictures" / "red")
    assert "expected one folder per class, found 1 folder ('blue')" in refused("run", "tiny.yaml")
    assert not (project / "mlruns").exists()


def test_an_empty_class(project):
    (project / "pictures" / "green").mkdir()
    assert "green" in refused("run", "tiny.yaml")


def test_a_class_too_small_for_the_split(project):
    (project / "pictures" / "green").mkdir()
    Image.new("RGB", (16, 16), "green").save(project / "pictures" / "green" / "only.png")
    assert "class 'green'" in refused("run", "tiny.yaml")


def test_too_many_broken_pictures_stop_the_run_by_name(project):
    for index in range(5):
        (project / "pictures" / "red" / f"torn{index}.jpg").write_text("not a picture")
    message = refused("run", "tiny.yaml")
    assert "5 of 29 pictures" in message
    assert "torn0.jpg" in message


def test_a_place_for_records_that_cannot_be_written(project):
    (project / "mlruns").write_text("in the way")
    assert "mlruns" in refused("run", "tiny.yaml")


def test_a_cache_that_cannot_be_written(project, monkeypatch):
    (project / "full").write_text("in the way")
    monkeypatch.setenv("TLKIT_CACHE", str(project / "full"))
    assert "features cannot be written" in refused("run", "tiny.yaml")


def test_a_full_cache_lets_a_run_go_on_without_it(project, monkeypatch, small_disk, caplog):
    monkeypatch.setenv("TLKIT_CACHE", str(small_disk("40k")))
    assert run_offline("tiny.yaml")["model"]
    assert "no room for all features, so this run goes on without keeping them" in caplog.text


# too little for the journal, and for the model
@pytest.mark.parametrize("size", ["1m", pytest.param("2m", marks=pytest.mark.slow)])
def test_a_full_disk_leaves_the_trained_model_where_there_is_room(project, small_disk, size):
    small_disk(size, project / "mlruns")
    message = refused("run", "tiny.yaml")
    kept = re.match(r"mlruns: no space left on the device\. What was trained is kept: (\S+)\. Make room, then", message)
    assert load_model(project / kept[1])[1]["class_names"] == ["blue", "red"]


def test_a_loss_that_is_no_number(project):
    huge = ["--set", "model={net: cnn, filters: [4], batch_norm: none}", "--set", "train.learning_rate=1e30"]
    assert "Lower train.learning_rate" in refused("run", "tiny.yaml", *huge, "--set", "train.optimizer=sgd")


@pytest.mark.parametrize("engine", ["auto", "keras"])
def test_backbone_weights_without_a_network_name_what_works(project, monkeypatch, tmp_path, engine):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    message = refused("run", "tiny.yaml", "--set", "model.net=MobileNetV2", "--set", f"train.engine={engine}")
    assert "efficientnet-lite0 works offline; so does a file (model.weights in a recipe" in message


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("summary", "lenet5", "--classes", 10**11),
        ("run", "tiny.yaml", "--set", "model={net: cnn}", "--set", "data.image_size=2000000"),
    ],
)
def test_what_does_not_fit_into_memory_is_one_line(project, arguments):
    said = refused(*arguments)
    assert said.startswith("not enough memory: ")
    assert "Ask for less at once: the sizes of inputs" in said
