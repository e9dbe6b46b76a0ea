"""A run's model scored on other data: what it has learned from is told apart from the rest."""

import csv
import json
import shutil

import numpy as np
import pytest
from command_line import RECIPE, run_json, tlkit
from PIL import Image


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """A project whose run has learned from pictures of coarse noise, redder or bluer; more of them lie elsewhere."""
    folder = tmp_path_factory.mktemp("learned")
    for index in range(32):
        for label, channel in (("blue", 2), ("red", 0)):
            pixels = np.random.default_rng(index + 100 * channel).integers(0, 128, (8, 8, 3)).astype(np.uint8)
            pixels[..., channel] += 100
            place = folder / ("pictures" if index < 24 else "more") / label
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).resize((128, 128), Image.Resampling.NEAREST).save(place / f"{index}.png")
    (folder / "tiny.yaml").write_text(RECIPE.replace("efficientnet-lite0", "cnn, filters: [4]"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run_json("tiny.yaml")
    return folder


@pytest.fixture
def there(learned, monkeypatch):
    monkeypatch.chdir(learned)
    return learned


def scored(*arguments):
    result = tlkit("evaluate", "latest", "--json", "--data", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.strip().splitlines()[-1])


def test_examples_that_were_learned_from_are_told_and_the_rest_is_scored_beside_them(there):
    result = tlkit("evaluate", "latest", "--data", "pictures")
    note, head, *rows = result.output.splitlines()
    assert note.startswith("note: the run learned from ")
    assert "of 48 examples, or from copies of them (" in note
    assert note.endswith("a score on these says nothing; the others are scored beside them")
    assert head.split() == ["all", "unseen"]
    found = scored("pictures")
    tested = list(csv.DictReader(next(there.glob("mlruns/**/predictions.csv")).open()))
    assert found["learned_from"] == found["examples"] - len(tested)
    assert next(row.split() for row in rows if row.startswith("examples")) == ["examples", "48", str(len(tested))]
    assert found["unseen"]["accuracy"] == np.mean([row["correct"] == "True" for row in tested])


def test_data_that_were_never_seen_are_scored_without_a_word(there):
    found = scored("more")
    assert (found["examples"], found["learned_from"], found["unseen"]) == (16, 0, None)
    assert "note" not in tlkit("evaluate", "latest", "--data", "more").output


def test_copies_of_pictures_that_were_learned_from_are_known(there, tmp_path):
    shutil.copytree("more", tmp_path / "mixed")
    for label in ("blue", "red"):
        for index in range(24):
            with Image.open(f"pictures/{label}/{index}.png") as picture:
                picture.resize((100, 100)).save(tmp_path / "mixed" / label / f"copy{index}.jpg", quality=90)
    assert scored(tmp_path / "mixed")["learned_from"] == scored("pictures")["learned_from"]


def test_pictures_of_other_sizes_and_formats_are_scored_and_damaged_ones_set_aside(there, tmp_path):
    shutil.copytree("more", tmp_path / "other")
    for index, (size, mode) in enumerate([((9, 400), "RGB"), ((700, 30), "L"), ((64, 64), "CMYK"), ((1, 1), "RGB")]):
        Image.new(mode, size).save(tmp_path / f"other/red/{index}.{'jpg' if mode == 'CMYK' else 'png'}")
    whole = (tmp_path / "other/blue/24.png").read_bytes()
    (tmp_path / "other/blue/24.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "other/blue/25.png").write_bytes(b"")
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "other")
    found = scored(packed)
    assert (found["examples"], found["set_aside"], found["learned_from"]) == (18, 2, 0)
    assert [(row["class"], row["support"]) for row in found["per_class"]] == [("blue", 6), ("red", 12)]


def test_classes_that_the_model_does_not_know_are_refused_in_a_line(there, tmp_path):
    shutil.copytree("more", tmp_path / "other")
    (tmp_path / "other/red").rename(tmp_path / "other/green")
    result = tlkit("evaluate", "latest", "--data", tmp_path / "other")
    assert result.exit_code == 2
    assert result.output.endswith("other: classes green are unknown to the model; it knows blue, red\n")


@pytest.mark.slow
def test_several_labels_a_picture_are_scored_by_a_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for index in range(32):
        flags = index % 2, index // 2 % 2
        pixels = np.random.default_rng(index).integers(0, 100, (16, 16, 3)).astype(np.uint8)
        pixels[..., 0] += 150 * flags[0]
        pixels[..., 2] += 150 * flags[1]
        Image.fromarray(pixels).save(tmp_path / f"{index}.png")
        for name in ("learned.csv", "more.csv") if index >= 24 else ("learned.csv",):
            with (tmp_path / name).open("a") as table:
                table.write("file,red,blue\n" * (not table.tell()) + f"{index}.png,{flags[0]},{flags[1]}\n")
    (tmp_path / "labels.yaml").write_text(
        "data: {source: picture_table, path: learned.csv, image: file, label: [red, blue], image_size: 16}\n"
        "model: {net: cnn, filters: [8]}\ntrain: {epochs: 12, batch_size: 8}\ntrack: {system_metrics: false}\n"
    )
    run_json("labels.yaml")
    found = scored("more.csv")
    assert (found["examples"], [row["class"] for row in found["per_class"]]) == (8, ["red", "blue"])
    assert {"subset_accuracy", "micro_f1", "macro_f1"} <= set(found)
    assert [row["support"] for row in found["per_class"]] == [4, 4]
    (tmp_path / "folders/red").mkdir(parents=True)
    refused = tlkit("evaluate", "latest", "--data", "folders")
    assert (refused.exit_code, refused.output.count("\n")) == (2, 1)
    assert "folders give one label a picture, and tables any" in refused.output


def test_each_class_has_its_scores(there):
    output = tlkit("evaluate", "latest", "--data", "more").output
    assert output.splitlines()[-3].split() == ["class", "precision", "recall", "f1", "examples"]
    assert [line.split()[0] for line in output.splitlines()[-2:]] == ["blue", "red"]
    assert [(row["class"], row["support"]) for row in scored("more")["per_class"]] == [("blue", 8), ("red", 8)]


def test_the_truth_among_the_surest_is_counted(there):
    assert scored("more", "--top", 2)["top_2"] == 1.0
    assert "top_1" in tlkit("evaluate", "latest", "--data", "more", "--top", 1).output


def test_the_next_likely_classes_are_named(there):
    lines = tlkit("predict", "latest", "more/red", "--top", 2).output.splitlines()
    assert len(lines) == 8
    for line in lines:
        _, first, high, second, low = line.split()
        assert {first, second} == {"red", "blue"}
        assert float(high) >= float(low)


def test_a_table_of_predictions_holds_the_probability_of_the_answer(there, tmp_path):
    assert tlkit("predict", "latest", "more", "--csv", tmp_path / "out.csv").exit_code == 0
    for row in csv.DictReader((tmp_path / "out.csv").open()):
        assert row["probability"] == row[f"p_{row['predicted']}"] == max(row["p_red"], row["p_blue"])


@pytest.mark.slow
def test_rows_of_a_table_that_were_learned_from_are_known_unless_the_run_does_not_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    values = np.random.default_rng(0).normal(size=(60, 3)).round(3)
    lines = [f"{a},{b},{c},{'high' if a > 0 else 'low'}" for a, b, c in values]
    (tmp_path / "rows.csv").write_text("\n".join(["a,b,c,label", *lines]) + "\n")
    (tmp_path / "rows.yaml").write_text(
        "data: {source: table, path: rows.csv}\nmodel: {net: mlp}\ntrain: {epochs: 1}\ntrack: {system_metrics: false}\n"
    )
    run_json("rows.yaml")
    assert 30 <= scored("rows.csv")["learned_from"] < 60
    next(tmp_path.glob("mlruns/**/learned_from.csv.gz")).unlink()  # as of a run by an older version
    assert scored("rows.csv")["learned_from"] is None
    output = tlkit("evaluate", "latest", "--data", "rows.csv").output
    assert output.startswith("note: this run does not say what it has learned from")
