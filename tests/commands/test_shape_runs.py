"""DNA, texts, views and voxels through the command line: run, predict on new files, load with plain Keras."""

import json
from pathlib import Path

import keras
import mlflow
import numpy as np
import pandas as pd
import pytest
from command_line import run_json, run_offline, tlkit
from shape_files import write_dna, write_texts, write_views, write_voxels

import tlkit as package

COMMON = (
    "train: {epochs: 2, batch_size: 8, learning_rate: 0.01, few_examples: as_written}\ntrack: {system_metrics: false}\n"
)
KINDS = {
    "dna": (write_dna, "{net: cnn1d, filters: [4]}", "", "genes.fasta"),
    "text": (write_texts, "{net: cnn1d, filters: [4]}", ", width: 4", "new.csv"),
    "views": (write_views, "{net: multiview, options: {filters: [2]}}", ", image_size: 8, channels: 1", "cup/00"),
    "voxels": (write_voxels, "{net: voxnet, filters: [2], kernel: 3, stride: 1, dropout: 0.1}", "", "box/0.npy"),
}


@pytest.fixture(scope="module", params=KINDS)
def done(request, tmp_path_factory):
    """A finished tiny run of one kind: its name, folder, result, and a new file."""
    folder = tmp_path_factory.mktemp(request.param)
    write, model, data, new = KINDS[request.param]
    write(folder / "data")
    (folder / "tiny.yaml").write_text(
        f"name: tiny\ndata: {{source: {request.param}, path: data{data}, val: 0.2, test: 0.2}}\n"
        f"model: {model}\n{COMMON}"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield request.param, folder, run_json("tiny.yaml"), folder / "data" / new


def test_a_run_is_scored_and_its_file_verified(done):
    _, _, result, _ = done
    assert 0 <= result["metrics"]["test/accuracy"] <= 1
    assert result["model"]


def test_the_same_seed_gives_the_same_result(done):
    assert run_offline("tiny.yaml")["metrics"] == done[2]["metrics"]


def test_new_files_are_predicted(done):
    _, _, result, new = done
    output = tlkit("predict", result["run_id"], new)
    assert output.exit_code == 0, output.output
    assert output.output.strip()


def test_plain_keras_loads_the_file_and_says_what_tlkit_says(done):
    kind, folder, result, _ = done
    model = keras.saving.load_model(result["model"], safe_mode=True)
    predictor = package.load_run(result["run_id"])
    name, read = next(iter(predictor.inputs_at(folder / "data" if kind != "text" else folder / "data" / "new.csv")))
    raw = read()[None]
    np.testing.assert_allclose(model.predict_on_batch(raw), predictor.outputs(raw), atol=1e-6)
    assert name


def test_python_predicts_examples_as_people_have_them(done):
    kind, folder, result, _ = done
    example = {
        "dna": "ACGTNACGT",
        "text": "a wave on the shore",
        "views": sorted((folder / "data" / "cup" / "00").glob("*.png")),
        "voxels": np.ones((6, 6, 6)),
    }[kind]
    found = package.load_run(result["run_id"]).predict([example])
    assert found[0].label in package.load_run(result["run_id"]).class_names


def test_mlflow_serves_the_model(done, monkeypatch):
    kind, folder, result, new = done
    monkeypatch.setenv("TLKIT_SERVE_FOLDER", str(folder))
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlruns/mlflow.db")
    served = mlflow.pyfunc.load_model(f"runs:/{result['run_id']}/model")
    mlflow.set_tracking_uri(None)
    example = {"dna": "ACGTNACGT", "text": "a wave on the shore"}.get(kind, str(new))
    (answer,) = served.predict(pd.DataFrame({"example": [example]}))
    assert answer["class"] in package.load_run(result["run_id"]).class_names
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    if served.input_example is not None:
        assert served.predict(served.input_example)[0]["class"] in answer["probabilities"]


def test_the_report_shows_examples_of_the_kind_and_the_layers(done):
    page = Path(done[2]["report"]).read_text()
    assert "data:image/jpeg" in page
    assert "Every layer of the model" in page


@pytest.mark.slow
def test_multiview_takes_a_pretrained_backbone_and_keeps_features_by_object(tmp_path, monkeypatch):
    write_views(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(
        "name: tiny\ndata: {source: views, path: data, image_size: 32, val: 0.2, test: 0.2}\n"
        f"model: {{net: multiview, backbone: efficientnet-lite0}}\n{COMMON}"
    )
    first, second = (run_offline("tiny.yaml") for _ in range(2))
    assert first["engine"] == "openvino"
    assert "features" in first["images_per_second"]
    assert "features" not in second["images_per_second"]
    assert first["metrics"] == second["metrics"]


@pytest.mark.slow
def test_a_text_model_can_be_made_from_arrays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(f"name: tiny\nmodel: {{net: cnn1d, filters: [4]}}\n{COMMON}")
    texts = [f"{word} number {place}" for place, word in enumerate(["sea", "wood"] * 20)]
    splits = package.Splits.from_arrays(texts, ["wet", "dry"] * 20)
    result = package.run(package.load_recipe("tiny.yaml"), splits=splits)
    assert 0 <= result.metrics["test/accuracy"] <= 1


@pytest.mark.parametrize("freeze", ["none", "1"])
def test_word_vectors_are_frozen_with_what_stands_behind_them(tmp_path, monkeypatch, freeze):
    monkeypatch.chdir(tmp_path)
    write_texts(tmp_path / "data")
    (tmp_path / "tiny.yaml").write_text(
        f"name: tiny\ndata: {{source: text, path: data, width: 4}}\nmodel: {{net: cnn1d, filters: [4, 4]}}\n{COMMON}"
    )
    results = [run_offline("tiny.yaml", "--set", f"train.unfreeze={freeze}") for _ in range(2)]
    assert results[0]["metrics"] == results[1]["metrics"]
    assert results[0]["model"]


def test_bad_examples_stop_a_run_in_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_dna(tmp_path / "data")
    with (tmp_path / "data" / "genes.fasta").open("a") as file:
        file.write(">bad a\nACGX\n" * 9)
    (tmp_path / "tiny.yaml").write_text(f"data: {{source: dna, path: data}}\nmodel: {{net: cnn1d}}\n{COMMON}")
    result = tlkit("run", "tiny.yaml")
    assert result.exit_code == 2
    assert "9 of 49 examples cannot be used" in result.output
    assert "genes.fasta:81: letter 'X' at place 4" in result.output


def test_labelled_files_are_scored(done):
    _, folder, result, _ = done
    output = tlkit("evaluate", result["run_id"], "--data", folder / "data", "--json")
    assert output.exit_code == 0, output.output
    assert json.loads(output.stdout.strip().splitlines()[-1])["examples"] >= 20


def test_steps_for_other_kinds_of_data_are_refused(done):
    result = tlkit("run", "tiny.yaml", "--set", "augment=[{flip: horizontal}]")
    assert result.exit_code == 2
    assert "'flip' is for data of kind image" in result.output
