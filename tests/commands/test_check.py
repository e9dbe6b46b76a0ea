"""What can be known of a recipe without training is known to `tlkit check`, in the words of `tlkit run`."""

import os
import re
import subprocess
import sys

import keras
import pytest
from command_line import tlkit
from waves import rows, write_rows

from tlkit.pretrained.available_weights import kept_file


def checked(*settings, recipe="tiny.yaml"):
    return tlkit("check", recipe, *[part for each in settings for part in ("--set", each)])


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("train.unfreeze=200", "train.unfreeze: expected 0 to 18 blocks for this backbone, found 200"),
        ("train.phases=[{unfreeze: none}, {unfreeze: 200}]", "expected 0 to 18 blocks for this backbone, found 200"),
        ("model.weights=none.h5", "found 'none.h5', which does not exist"),
        ("model.weights=tiny.yaml", "tiny.yaml: expected a .keras or .weights.h5 file"),
        ("model.weights=text.weights.h5", "text.weights.h5: is no .h5 file inside"),
        ("model.weights=other.weights.h5", "other.weights.h5: does not fit efficientnet"),
        ("augment=[{shift: 0.2}]", "augment[0]: 'shift' is for data of kind signal or sound, this is image"),
        ("augment=[{flip: horizontal}, {contrast: -5}]", "augment[1]: contrast: The `factor` argument should be"),
        ("augment=[{rand_augment: {num_ops: many}}]", "augment[0]: rand_augment: fails on an example of shape"),
        ("augment=[{'half.py:half': {}}]", "half.py:half: expected to return an array of shape (32, 32, 3)"),
        ("model={net: cnn, activation: swoosh}", "model.activation: unknown activation 'swoosh'."),
        ("model={net: cnn, kernel: 300}", "model: cnn: block1_conv: expected a kernel under 64 for input of 32"),
        ("model={net: resnet18, filters: [1, 2]}", "model.repeats: expected one number or 2, one for each stage"),
        ("model={net: cnn1d}", "cnn1d: takes input of shape (length, channels)"),
        ("model={net: cnn, weights: imagenet}", "'cnn' is a net from scratch and has no ImageNet weights"),
        ("model.head.units=[0]", "model.head: cannot be built on (1, 1, 1280)"),
        ("model.head={units: [3], activation: swoosh}", "model.head.activation: unknown activation 'swoosh'."),
        ("model.head.pooling=none", "model.head.pooling: 'none' leaves (1, 1, 1280) of each example"),
        ("train.early_stopping.monitor=val/acuracy", "Did you mean 'val/accuracy'?"),
        ("tune={space: [heads]}", "tune.space: no ready space 'heads'. Did you mean 'head'?"),
        ("tune={space: {model.head.dropout: {float: [0, 5]}}}", "expected less than 1, found 5"),
        ("tune={space: [head], objective: val/mae}", "tune.objective: no metric 'val/mae' for this data"),
        ("tune={space: {model.filters: {choice: [[4, 4, 4, 4, 4, 4]]}}}", "no point of it can be"),
        ("model={net: cnn, filters: [4, 100000, 100000]}", "weights and 8 inputs of 3,072 values take"),
        ("model={net: cnn, padding: 1000000}", "block1_pad: gives 2000032 x 2000032 x 3 values of each example"),
        ("model={net: rocket, kernels: 1000000}", "kernels: expected at most 100,000"),
        ("data.image_size=1000000", "weights and 8 inputs of 3,000,000,000,000 values take"),
        ("data={source: image_folder}", "data.path: missing; source 'image_folder' reads a folder or file. Say which"),
        ("data.channels=2", "data.channels: pictures have 1 or 3 channels, found 2"),
        ("data.beside=[age]", "data.beside: a list of columns is for examples that are rows of a text table"),
        ("data={source: picture_table, path: table.csv, beside: [age]}", "table.csv: no column 'age'"),
        ("data={source: picture_table, path: table.csv, label: breed}", "table.csv: no column 'breed'"),
        ("data.group=(", "'(' is no regular expression"),
    ],
)  # fmt: skip
def test_a_check_finds_what_a_run_would_refuse(project, setting, why):
    (project / "text.weights.h5").write_text("not weights")
    (project / "table.csv").write_text("path,label\npictures/red/0.png,red\n")
    (project / "half.py").write_text("def half(image, seed, *, share=0.5):\n    return image[:16]\n")
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save_weights("other.weights.h5")
    net = ["model.net=cnn"] if "model.filters" in setting or "mixup" in setting else []
    result = checked(*net, setting)
    assert result.exit_code == 2, result.output
    assert why in result.output
    assert len(result.output.splitlines()) == 1
    assert not (project / "mlruns").exists()


def test_a_net_whose_layers_fit_alone_but_not_together_is_refused(project):
    net = f"{{net: cnn, filters: {[64] * 20}, pooling: {{kind: max, size: 1}}, batch_norm: before}}"
    result = checked(f"model={net}", "data.image_size=2048")  # 8 GB for the largest layer, 160 and more for all
    assert "the layers that learn are given" in result.output
    assert len(result.output.splitlines()) == 1


def test_what_a_layer_makes_but_does_not_give_counts_too(project):
    result = checked("model={net: filter-bank, head: {pooling: none}}", "data.image_size=12000")  # 160 GB and more of 8
    assert re.search(r"model: \w+: makes [\d,]+ values of each example", result.output)
    assert len(result.output.splitlines()) == 1


def test_fields_left_over_from_a_base_are_found(project):
    (project / "based.yaml").write_text("base: base.yaml\nmodel: {net: cnn}\n")
    (project / "base.yaml").write_text("data: {path: pictures}\nmodel: {net: efficientnet-lite0, weights: imagenet}\n")
    assert "has no ImageNet weights; say weights: none" in checked(recipe="based.yaml").output


def test_weights_that_are_not_here_and_cannot_be_fetched_are_missed_at_once(project, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # where nobody listens
    monkeypatch.setenv("KERAS_HOME", str(project / "keras"))
    code = "from tlkit.cli import main; main()"
    for command in ("check", "run"):
        done = subprocess.run(
            [sys.executable, "-c", code, command, "tiny.yaml", "--set", "model.net=ResNet50"],
            capture_output=True, text=True, timeout=60, env=os.environ,
        )  # fmt: skip
        assert done.returncode == 2
        assert done.stderr.startswith("ResNet50: its ImageNet weights cannot be downloaded here.")
        assert len(done.stderr.splitlines()) == 1
    assert not (project / "mlruns" / "mlflow.db").exists()


@pytest.mark.parametrize(
    ("backbone", "file"),
    [
        ("ResNet50", "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        ("ResNet50V2", "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        ("ConvNeXtTiny", "convnext_tiny_notop.h5"),
        ("EfficientNetV2B0", "efficientnetv2-b0_notop.h5"),
        ("MobileNet", "mobilenet_1_0_224_tf_no_top.h5"),
        ("MobileNetV2", "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"),
        ("MobileNetV3Large", "weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5"),
        ("InceptionResNetV2", "inception_resnet_v2_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        ("NASNetMobile", "nasnet_mobile_no_top.h5"),
    ],
)
def test_weights_that_keras_has_kept_are_found_by_their_file(tmp_path, monkeypatch, backbone, file):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "resnet50_weights_tf_dim_ordering_tf_kernels.h5").touch()  # with its top
    assert not kept_file(backbone)
    (tmp_path / "models" / file).touch()
    assert kept_file(backbone)


def test_shapes_of_other_data_are_taken_from_the_data(project):
    write_rows(project / "rows.tsv", rows(40))
    (project / "waves.yaml").write_text("data: {source: signals, path: rows.tsv}\nmodel: {net: cnn1d, filters: [4]}\n")
    assert "no problems found" in checked(recipe="waves.yaml").output
    assert (
        "augment[0]: 'flip' is for data of kind image"
        in checked("augment=[flip: horizontal]", recipe="waves.yaml").output
    )
    assert "block" in checked("model.filters=[4, 4, 4, 4, 4, 4, 4, 4, 4, 4]", recipe="waves.yaml").output


def test_several_problems_are_told_together(project):
    result = checked("model.weights=none.h5", "train.early_stopping.monitor=val/f1", "augment=[{shift: 1}]")
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 3


def test_a_plain_recipe_is_checked_without_keras(project):
    code = "import sys; from tlkit.cli import main; main(standalone_mode=False); print('keras' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, "check", "tiny.yaml", "--set", "data.image_size=96"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.endswith("no problems found\nFalse\n")


def test_one_line_that_is_very_long_is_cut(project):
    result = checked(f"data.{'k' * 5000}=1")
    assert result.exit_code == 2
    assert "more characters" in result.output
    assert len(result.output) < 3100


def test_a_step_that_makes_no_numbers_is_named(project):
    result = checked("augment=[{mixup: -1}]", "train.unfreeze=all")
    assert result.exit_code == 2
    assert "augment[0]: mixup: makes values that are no numbers" in result.output
