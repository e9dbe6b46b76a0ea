"""`tlkit init`: a recipe for what lies there."""

import os
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from command_line import run_offline, tlkit
from drawing import draw_pictures
from picture_faults import draw_scene
from PIL import Image
from waves import tone, write_wav

from tlkit.data.sources import load_splits
from tlkit.kinds.detection.layouts import some_files
from tlkit.recipe.loading import load_recipe

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
    assert run_offline("mine.yaml", *QUICK)["recipe"] == "flowers"


def test_an_archive_gives_a_recipe_that_runs(there):
    draw_pictures(there / "flowers", count=20)
    with zipfile.ZipFile("flowers.zip", "w") as archive:
        for path in sorted((there / "flowers").rglob("*.png")):
            archive.write(path, path.relative_to(there))
    started("flowers.zip")
    assert run_offline("mine.yaml", *QUICK)["set_aside"] == 0


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
    assert run_offline("mine.yaml", *QUICK)["recipe"] == "list"


def test_pictures_named_by_object_and_view_give_a_recipe_that_runs(there):
    (there / "turns").mkdir()
    for number in range(2):
        for view in range(16):
            draw_scene(20 * number + view, width=32, height=32).save(there / f"turns/cup{number}__{view}.png")
    data = started("turns")["data"]
    assert (data["source"], data["pattern"], data["split_by"]) == ("views", "{object}__{view}.png", "turn")
    small = ["--set", "model={net: multiview, backbone: cnn, options: {filters: [4]}}", "--set", "train.epochs=1"]
    assert run_offline("mine.yaml", *small, "--set", "data.image_size=32")["recipe"] == "turns"


def test_a_table_of_numbers_gives_a_recipe_that_runs(there):
    rows = np.random.default_rng(0).normal(size=(60, 3))
    pd.DataFrame(rows, columns=["width", "height", "weight"]).assign(species=["owl", "hen"] * 30).to_csv("birds.csv")
    data = started("birds.csv")["data"]
    assert (data["source"], data["label"]) == ("table", "species")
    assert run_offline("mine.yaml", "--set", "train.epochs=1")["recipe"] == "birds"


def draw_files(paths):
    """Pictures at these paths, each another."""
    for place, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8), place).save(path)


def read_as_written(path):
    """The recipe's data section for what lies there, how many examples it reads by part, and their classes."""
    data = started(path)["data"]
    splits = load_splits(load_recipe("mine.yaml").data, seed=7, image_size=(8, 8))
    return data, splits.counts(), splits.info.class_names


def test_pictures_named_by_ids_in_a_table_without_their_ending(there):
    ids = [f"{number:04}" for number in range(40)]
    draw_files([there / "dogs" / "train" / f"{each}.png" for each in ids])
    draw_files([there / "dogs" / "test" / f"x{each}.png" for each in ids[:4]])
    pd.DataFrame({"id": ids, "breed": ["pug", "collie"] * 20}).to_csv("dogs/labels.csv", index=False)
    pd.DataFrame({"id": [f"x{each}" for each in ids[:4]], "pug": 0.5, "collie": 0.5}).to_csv("dogs/sample.csv")
    data, counts, classes = read_as_written("dogs")
    assert (data["source"], data["image"], data["label"]) == ("picture_table", "train/{id}.png", "breed")
    assert (sum(counts.values()), classes) == (40, ("collie", "pug"))
    assert run_offline("mine.yaml", *QUICK)["set_aside"] == 0


PARTS_AND_CLASSES = [
    f"{part}/{label}/{n}.png" for part in ("train", "test") for label in ("cat", "dog") for n in range(9)
]


@pytest.mark.parametrize(
    ("names", "wanted", "seen"),
    [
        (
            [f"images/{label}/{n}.png" for label in ("cat", "dog") for n in range(12)],
            {"path": "all/images"},
            "24 pictures, 2 classes (cat, dog) by folder",
        ),
        (
            [f"pets_v2/{each}" for each in PARTS_AND_CLASSES],
            {"path": "all/pets_v2"},
            "share for validation, cut out of train, as the data give none\n  # test: as the data give it (18 files)",
        ),
        (
            [each.replace("test/", "val/") for each in PARTS_AND_CLASSES],
            {"path": "all"},
            "# val: as the data give it (18 files)\n  test: 0.15            # share for the test, cut out of train",
        ),
        (
            [f"day{n % 3}/{label}/{n}.png" for label in ("cat", "dog") for n in range(12)],
            {"path": "all", "label": "([^/]+)/[^/]+$"},
            "24 pictures, 2 classes (cat, dog) by the folder above each, in 3 folders",
        ),
        (
            [*(f"train/{label}.{n}.png" for label in ("cat", "dog") for n in range(12)), "test1/1.png", "test1/2.png"],
            {"path": "all/train", "label": r"^([a-z]+)\."},
            "24 pictures, classes (2: cat, dog) from their names",
        ),
        (
            [f"{label}_{n}.png" for label in ("pug", "great_pyrenees", "saint_bernard") for n in range(8)],
            {"path": "all", "label": r"^([^/\d]*[^\W\d_])[-_. (]*\d+\)?\.[^/]*$"},
            "24 pictures, classes (3: great_pyrenees, pug, saint_bernard) from their names",
        ),
    ],
    ids=["one level down", "parts one level down", "no test part", "the same classes in several", "in names", "words"],
)
def test_labelled_pictures_are_found_however_they_lie(there, names, wanted, seen):
    draw_files([there / "all" / each for each in names])
    data, counts, classes = read_as_written("all")
    assert data["source"] == "image_folder"
    assert {key: data.get(key) for key in wanted} == wanted
    assert seen in (there / "mine.yaml").read_text()
    assert sum(counts.values()) == sum("test1" not in each for each in names)
    assert len(classes) == (3 if "pug_0.png" in names else 2)


def written(path, number):
    """One small file of the kind that the ending says."""
    values = np.random.default_rng(number).normal(size=(6, 6, 6))
    if path.suffix == ".txt":
        path.write_text(f"said word {number}")
    elif path.suffix == ".wav":
        write_wav(path, tone(300 + 10 * number, seconds=0.3 if number else 5))
    else:
        np.save(path, values > 0 if "solid" in path.parent.name else values[0, 0].repeat(4))


@pytest.mark.parametrize(
    ("source", "folder", "ending", "label"),
    [
        ("sounds", "spoken", ".wav", r"^(\d)_"),
        ("text", "reviews", ".txt", r"^(\d)_"),
        ("signals", "waves", ".npy", r"^(\d)_"),
        ("voxels", "solids", ".npy", r"^(\d)_"),
    ],
)
def test_classes_in_names_are_found_for_every_kind_of_file(there, source, folder, ending, label):
    (there / folder).mkdir()
    names = [f"{digit}_{who}_{take}" for digit in range(2) for who in ("eva", "jan") for take in range(7)]
    for number, name in enumerate(names):
        written(there / folder / f"{name}{ending}", number)
    data, counts, classes = read_as_written(folder)
    assert (data["source"], data["label"], sum(counts.values()), classes) == (source, label, 28, ("0", "1"))
    assert r"by ^\d_([a-z]+)_ 2: eva, jan" in (there / "mine.yaml").read_text()


@pytest.mark.slow
def test_sounds_with_labels_in_names_give_a_recipe_that_learns(there):
    (there / "spoken").mkdir()
    rng = np.random.default_rng(0)
    for number in range(72):
        loud = 0.05 * rng.normal(size=rng.integers(3000, 6000) if number else 40000)
        loud[: 400 * 3] += tone(400 + 300 * (number % 3), seconds=0.15)
        write_wav(there / "spoken" / f"{number % 3}_jan_{number // 3}.wav", loud)
    data = started("spoken")["data"]
    assert (data["seconds"] < 0.8, data["window"], data["hop"]) == (True, 256, 128)
    result = tlkit("run", "mine.yaml", "--set", "train.epochs=8")
    assert re.search(r"recordings of other lengths: \d of 72 cut to 0.7\d s \(the longest is 5.00 s\)", result.output)
    assert float(re.search(r"test      accuracy (\S+)", result.output).group(1)) > 0.8
    assert tlkit("evaluate", "latest", "--data", "spoken").exit_code == 0


def letters(count=40):
    rng = np.random.default_rng(0)
    return ["".join(rng.choice(list("acgt"), 57)) for _ in range(count)]


@pytest.mark.parametrize(
    ("name", "form", "header", "wanted"),
    [
        ("p.data", "{sign},S{n},\t\t{word}", None, {"label": "first", "sequence": 2}),
        ("p.csv", "{n},S{n},{word},{sign}", None, {"label": "last", "sequence": 2}),
        ("p.csv", "{n},{apart},{sign}", None, {"label": "last"}),
        ("p.csv", "{n},{apart},{sign}", "," + ",".join(f"p{n}" for n in range(57)) + ",class", {"label": "class"}),
        ("p.csv", "{sign},g{n},{word}", "Class,Name,Sequence", {"label": "Class"}),
        ("p.tsv", "g{n}\t{word}\t{sign}", "gene\tdna\tpromoter", {"label": "promoter", "sequence": "dna"}),
    ],
    ids=["class first", "index first", "letters and index", "letters below a header", "header", "other names"],
)
def test_tables_of_sequences_are_read_as_they_are(there, name, form, header, wanted):
    (there / "genes").mkdir()
    rows = [form.format(n=n, sign="+-"[n % 2], word=word, apart=",".join(word)) for n, word in enumerate(letters())]
    (there / "genes" / name).write_text("\n".join([*([header] if header else []), *rows]) + "\n")
    data, counts, classes = read_as_written("genes")
    assert {key: data.get(key) for key in ("label", "sequence") if key in data} == wanted
    assert (sum(counts.values()), classes) == (40, ("+", "-"))


def test_a_table_of_texts_gives_a_recipe_that_reads_it(there):
    rows = [f"the {('sea', 'wood')[n % 2]} number {n} is deep" for n in range(40)]
    pd.DataFrame({"id": range(40), "review": rows, "mood": ["wet", "dry"] * 20}).to_csv("said.csv", index=False)
    data, counts, classes = read_as_written("said.csv")
    assert (data["source"], data["column"], data["label"]) == ("text", "review", "mood")
    assert (sum(counts.values()), classes) == (40, ("dry", "wet"))


def test_names_that_are_no_utf8_are_written_so_that_they_can_be_read(there):
    (there / "all").mkdir()
    for number in range(12):
        name = b"%s_%d.png" % (b"caf\xe9" if number % 2 else b"the", number)
        Image.new("L", (8, 8), number).save(Path(os.fsdecode(os.fsencode(there) + b"/all/" + name)))
    _, counts, classes = read_as_written("all")
    assert (sum(counts.values()), len(classes)) == (12, 2)


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
