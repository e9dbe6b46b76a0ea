"""Signals, sounds and IDX files from the recipe to a model that reads new files, through the command line."""

import csv
import json
import zipfile

import numpy as np
import pytest
from command_line import run_json, tlkit
from waves import rows, tone, write_idx, write_rows, write_tones, write_wav

from tlkit.engines.predictor import load_run

SIGNAL = """
name: beats
data: {source: signals, path: beats, val: 0.2, test: 0.2}
augment: [{shift: 0.1}, {noise: 0.1}]
model: {net: cnn1d, weights: none, filters: [8], kernel: 3, batch_norm: none, head: {pooling: flatten}}
train: {epochs: 25, batch_size: 8, learning_rate: 0.01, early_stopping: null, keep: last, optimizer: {average: 0.5}}
track: {system_metrics: false}
"""
SOUND = """
name: tones
data: {source: sounds, path: tones, mel_bins: 16, window: 256, hop: 128, val: 0.2, test: 0.2}
augment: [{shift: 0.1}]
model: {net: cnn, weights: none, filters: [8], kernel: 3, padding: same, batch_norm: none, head: {pooling: flatten}}
train: {epochs: 15, batch_size: 8, learning_rate: 0.01, early_stopping: null}
track: {system_metrics: false}
"""


@pytest.fixture(scope="module")
def beats(tmp_path_factory):
    """A project with a finished run on a table of signals; the folder and the run's result."""
    folder = tmp_path_factory.mktemp("beats")
    (folder / "beats").mkdir()
    write_rows(folder / "beats" / "beats.csv", rows(60), mark=",")
    return folder, _run(folder, SIGNAL)


@pytest.fixture(scope="module")
def tones(tmp_path_factory):
    """A project with a finished run on a folder of WAV files; the folder and the run's result."""
    folder = tmp_path_factory.mktemp("tones")
    write_tones(folder / "tones", 16)
    return folder, _run(folder, SOUND)


def _run(folder, recipe):
    (folder / "recipe.yaml").write_text(recipe)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return run_json("recipe.yaml")


@pytest.fixture
def in_beats(beats, monkeypatch):
    monkeypatch.chdir(beats[0])
    return beats[1]


@pytest.fixture
def in_tones(tones, monkeypatch):
    monkeypatch.chdir(tones[0])
    return tones[1]


def predicted(*arguments):
    result = tlkit("predict", "latest", *arguments)
    assert result.exit_code == 0, result.output
    return [line.removesuffix("unknown").split() for line in result.output.strip().splitlines()]


def test_signals_are_learned(in_beats):
    assert in_beats["metrics"]["test/accuracy"] == 1.0


def test_new_rows_are_predicted_with_and_without_their_label(in_beats, tmp_path):
    lines = rows(6, start=50)
    labelled = predicted(write_rows(tmp_path / "new.csv", lines, mark=","))
    bare = predicted(write_rows(tmp_path / "bare.csv", [line[1:] for line in lines], mark=","))
    assert [label for _, label, _ in labelled] == [label for _, label, _ in bare] == ["1", "2"] * 3
    assert [share for *_, share in labelled] == [share for *_, share in bare]
    assert labelled[0][0].endswith("new.csv:1")


def test_a_scaled_and_lifted_signal_is_the_same_to_a_model_that_standardises(in_beats, tmp_path):
    lines = [line[1:] for line in rows(4, start=50)]
    lifted = [[str(1000 + 5 * float(value)) for value in line] for line in lines]
    plain, moved = (
        predicted(write_rows(tmp_path / f"{i}.csv", each, mark=",")) for i, each in enumerate((lines, lifted))
    )
    np.testing.assert_allclose(*([float(share) for *_, share in each] for each in (plain, moved)), atol=0.01)


def test_a_bad_row_among_new_ones_is_named_and_the_rest_predicted(in_beats, tmp_path):
    lines = rows(4)
    lines[2][3] = "oops"
    result = tlkit("predict", "latest", write_rows(tmp_path / "new.csv", lines, mark=","))
    assert result.exit_code == 2
    assert "new.csv:3: value 3 is 'oops', expected a number" in result.output
    assert "new.csv:4 " in result.output


@pytest.mark.parametrize("arrays", [{}, {"y": [1, 2]}])
def test_an_archive_without_signals_is_refused(in_beats, tmp_path, arrays):
    np.savez(tmp_path / "new.npz", **arrays)
    result = tlkit("predict", "latest", tmp_path / "new.npz")
    assert result.exit_code == 2
    assert f"expected an array x of signals, found {', '.join(arrays) or 'none'}" in result.output


@pytest.mark.parametrize("net", ["efficientnet-lite0", "MobileNetV2"])
def test_a_backbone_for_pictures_is_refused_for_signals(in_beats, net):
    result = tlkit("run", "recipe.yaml", "--set", f"model={{net: {net}, weights: none}}")
    assert result.exit_code == 2
    assert f"{net}: takes pictures (height, width, channels). Received: (12, 1)" in result.output


def test_a_folder_its_predictions_in_a_table(in_beats, tmp_path):
    assert tlkit("predict", "latest", "beats", "--csv", tmp_path / "out.csv").exit_code == 0
    assert len(list(csv.DictReader((tmp_path / "out.csv").open()))) == 60


def test_other_labelled_rows_are_scored(in_beats, tmp_path):
    path = write_rows(tmp_path / "new.csv", [*rows(10, start=200), ["1", "2"]], mark=",")
    result = tlkit("evaluate", "latest", "--data", path, "--json")
    metrics = json.loads(result.stdout.strip().splitlines()[-1])
    assert (metrics["accuracy"], metrics["examples"], metrics["set_aside"]) == (1.0, 10, 1)


def test_rows_of_an_unknown_class_are_refused(in_beats, tmp_path):
    path = write_rows(tmp_path / "new.csv", [["7", *line[1:]] for line in rows(4)], mark=",")
    result = tlkit("evaluate", "latest", "--data", path)
    assert result.exit_code == 2
    assert "classes 7 are unknown to the model; it knows 1, 2" in result.output


def test_from_python_paths_and_arrays_are_predicted_alike(in_beats, tmp_path):
    lines = rows(4, start=50)
    path = write_rows(tmp_path / "new.csv", lines, mark=",")
    arrays = np.array([line[1:] for line in lines], "float32")[..., None]
    predictor = load_run("latest")
    there, here = predictor.predict([path]), predictor.predict(arrays)
    assert len(there) == len(here) == 4
    np.testing.assert_allclose([each.outputs for each in there], [each.outputs for each in here], atol=1e-5)


def test_the_model_file_says_what_it_reads(in_beats):
    with zipfile.ZipFile(in_beats["model"]) as archive:
        facts = json.loads(archive.read("tlkit.json"))
    assert (facts["kind"], facts["input_shape"]) == ("signal", [12, 1])
    assert facts["reading"] == {"layout": "rows", "label": "first", "fields": 13}


@pytest.mark.slow
def test_sounds_are_learned_and_new_files_predicted(in_tones, tmp_path):
    assert in_tones["metrics"]["test/accuracy"] >= 0.8
    low = write_wav(tmp_path / "a.wav", tone(330))
    fast = write_wav(tmp_path / "b.wav", tone(330, rate=16000), rate=16000)
    lines = predicted(low, fast)
    assert [label for _, label, _ in lines] == ["low", "low"]
    assert abs(float(lines[0][2]) - float(lines[1][2])) < 0.1


def test_a_sound_is_judged_the_same_in_any_company(in_tones):
    predictor = load_run("latest")
    quiet, loud = 0.001 * tone(330).astype("float32"), tone(2000).astype("float32")
    alone, together = predictor.predict([quiet])[0], predictor.predict([quiet, loud])[0]
    np.testing.assert_allclose(alone.outputs, together.outputs, atol=1e-3)


def test_a_torn_sound_among_new_ones_is_named(in_tones, tmp_path):
    (tmp_path / "torn.wav").write_bytes(b"RIFF....")
    result = tlkit("predict", "latest", tmp_path / "torn.wav", "tones/low")
    assert result.exit_code == 2
    assert "torn.wav: not a WAV file" in result.output
    assert "tones/low/0.wav" in result.output


def test_other_sounds_are_scored(in_tones):
    result = tlkit("evaluate", "latest", "--data", "tones", "--json")
    assert json.loads(result.stdout.strip().splitlines()[-1])["examples"] == 32


def test_a_spectrogram_finer_than_the_sound_is_refused_in_one_line(in_tones):
    result = tlkit("run", "recipe.yaml", "--set", "data.window=4096")
    assert result.exit_code == 2
    assert "2000 samples are fewer than a window of 4096. Lower data.window" in result.output


def test_a_backbone_for_colours_asks_a_sound_for_three_channels(in_tones):
    result = tlkit("run", "recipe.yaml", "--set", "model={net: efficientnet-lite0, weights: none}")
    assert result.exit_code == 2
    assert "takes pictures of 3 channels. Received: 1. Say data.channels: 3" in result.output


def test_a_step_for_pictures_is_refused_for_signals(in_beats):
    result = tlkit("run", "recipe.yaml", "--set", "augment=[{flip: horizontal}]")
    assert result.exit_code == 2
    assert result.output.strip().splitlines()[-1].startswith("augment[0]: 'flip' is for data of kind image")


def test_a_table_is_learned_predicted_and_scored(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = [f"{1000 + 10 * index},{index % 3},{'large' if index > 30 else 'small'}" for index in range(60)]
    (tmp_path / "table.csv").write_text("\n".join(["size,other,kind", *table]) + "\n")
    (tmp_path / "recipe.yaml").write_text(
        "data: {source: table, path: table.csv, label: kind, val: 0.2, test: 0.2}\n"
        "model: {net: mlp, weights: none, units: [16]}\n"
        "train: {epochs: 30, batch_size: 8, learning_rate: 0.03}\ntrack: {system_metrics: false}\n"
    )
    assert run_json("recipe.yaml")["metrics"]["test/accuracy"] >= 0.8
    (tmp_path / "new.csv").write_text("other,size\n1,1010\n1,1590\n1,big\n")
    result = tlkit("predict", "latest", "new.csv")
    assert [line.split()[1] for line in result.output.splitlines()[:2]] == ["small", "large"]
    assert result.exit_code == 2
    assert "new.csv:4: column 'size': expected a finite number, found 'big'" in result.output
    result = tlkit("evaluate", "latest", "--data", "table.csv", "--json")
    assert json.loads(result.stdout.strip().splitlines()[-1])["examples"] == 60


def test_pictures_in_idx_files_are_learned(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for part, count in (("train", 60), ("t10k", 20)):
        shades = (
            np.random.default_rng(count).integers(0, 60, (count, 8, 8)) + 180 * (np.arange(count) % 2)[:, None, None]
        )
        write_idx(tmp_path / "set" / f"{part}-images-idx3-ubyte.gz", shades, packed=True)
        write_idx(tmp_path / "set" / f"{part}-labels-idx1-ubyte.gz", np.arange(count) % 2, packed=True)
    (tmp_path / "recipe.yaml").write_text(
        "data: {source: idx, path: set, class_names: [dark, light]}\n"
        "model: {net: cnn, weights: none, filters: [4], padding: same, batch_norm: none}\n"
        "train: {epochs: 10, batch_size: 8, learning_rate: 0.02}\ntrack: {system_metrics: false}\n"
    )
    assert run_json("recipe.yaml")["metrics"]["test/accuracy"] == 1.0
    assert "no problems found" in tlkit("check", "recipe.yaml").output
    said = tlkit("predict", "latest", "set").output.splitlines()
    assert [line.split() for line in said[60:62]] == [
        [f"set/t10k-images-idx3-ubyte.gz[{index}]", name, said[60 + index].split()[-1]]
        for index, name in enumerate(("dark", "light"))
    ]
    found = json.loads(tlkit("evaluate", "latest", "--data", "set", "--json").stdout.strip().splitlines()[-1])
    assert (found["examples"], found["accuracy"]) == (80, 1.0)
