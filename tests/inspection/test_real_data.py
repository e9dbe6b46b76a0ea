"""What is known to be wrong with real data sets is found in them."""

import json
import os
import random
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from command_line import tlkit
from picture_faults import cut_short, reencoded

from tlkit import Splits
from tlkit.data.duplicates.image_hash import clusters
from tlkit.inspection.duplicates import find_duplicates, near_leaks
from tlkit.inspection.subject_reading import subject_of
from tlkit.kinds.image.image_folder import image_folder
from tlkit.kinds.image.picture_tables import picture_table

pytestmark = pytest.mark.real
ROOT = Path(os.environ.get("TLKIT_DATASETS", Path(__file__).parents[3] / "shared" / "datasets"))


def dataset(name):
    """The folder of a data set; skipped by name where it is absent."""
    if not (ROOT / name).exists():
        pytest.skip(f"{ROOT / name} is not there (set TLKIT_DATASETS)")
    return ROOT / name


def findings(splits):
    found = find_duplicates(subject_of(splits), allow_leaks=False)
    return {each.topic: each for each in found if "near" not in each.text}


def extra_copies(groups):
    """How many names stand in groups with another, one of each set of joined groups left out."""
    names = {name: place for place, name in enumerate(sorted({name for group in groups for name in group}))}
    links = [(names[group[0]], names[name]) for group in groups for name in group[1:]]
    return len(names) - len(set(clusters(len(names), links).tolist()))


def test_the_191_duplicates_and_72_leaks_of_modelnet10():
    with np.load(dataset("modelnet10") / "modelnet10.npz", allow_pickle=False) as file:
        grids = {name: file[name] for name in file.files}
    splits = Splits.from_arrays(
        grids["X_train"], grids["y_train"], test_data=(grids["X_test"], grids["y_test"]), kind="voxels"
    )
    found = findings(splits)
    leaked = {row[0].name for row in found["leak"].rows}
    assert len(leaked) == 72
    assert all(name.startswith("test[") for name in leaked)
    rows = [*found["duplicates"].rows, *found["label conflict"].rows]  # the latter are equal grids of several classes
    learned = [[each.name for each in row if not each.name.startswith("test[")] for row in rows]
    assert extra_copies(learned) == 191


def test_the_184_duplicate_rows_of_splice():
    lines = [line.strip().split(",") for line in (dataset("splice") / "splice.dat").read_text().splitlines() if line]
    letters = [[each.strip() for each in line] for line in lines]
    words = ["".join(line[:-1]) if len(line) > 2 else line[0] for line in letters]
    codes = np.array([list(word.encode()) for word in words], np.uint8)
    splits = Splits.from_arrays(codes, [line[-1] for line in letters], kind="array")
    found = findings(splits)
    assert "leak" not in found  # equal rows are kept together
    assert sum(len(row) - 1 for row in found["duplicates"].rows) == 184
    assert len(found["label conflict"].rows) == 1  # the same letters with two labels


def coil20(part_of):
    """The table of views with a part for each."""
    import pandas as pd

    files = sorted(dataset("coil20").glob("*.png"))
    views = [re.fullmatch(r"(obj\d+)__(\d+)", each.stem).groups() for each in files]
    parts = [part_of(name, int(view)) for name, view in views]
    rows = {"path": [str(each) for each in files], "label": [name for name, _ in views], "split": parts}
    return picture_table(pd.DataFrame(rows), split="split", root="/", image_size=(64, 64), near_copies="apart")


def test_coil20_leaks_when_split_by_picture_and_not_when_split_by_angle():
    rng = random.Random(0)
    splits = coil20(lambda name, view: rng.choices(["train", "val", "test"], [0.7, 0.15, 0.15])[0])
    subject = subject_of(splits)
    leaks = [each for each in find_duplicates(subject, allow_leaks=False) if each.level == "error"]
    leaked = sum(subject.parts[late] == "test" for late, _ in near_leaks(subject))
    print(f"by picture: {leaked} of {len(splits.test)} test pictures leak")
    assert leaks
    assert leaked > 0.5 * len(splits.test)

    subject = subject_of(coil20(lambda name, view: "train" if view < 26 else "val" if view < 36 else "test"))
    found = list(find_duplicates(subject, allow_leaks=False))
    print("by angle: " + "; ".join(f"{each.level}: {each.text}" for each in found))
    assert {each.level for each in found} == {"note"}
    assert not [late for late, _ in near_leaks(subject) if subject.parts[late] == "test"]


def put_faults(target, seed=0):
    """A copy of cats_vs_dogs with 20 files cut short, 30 copies in test, and 40 labels swapped; what was done."""
    shutil.copytree(dataset("cats_vs_dogs"), target)
    rng = random.Random(seed)
    train, test = sorted(target.glob("train/*/*.jpg")), sorted(target.glob("test/*/*.jpg"))
    rng.shuffle(train)
    rng.shuffle(test)
    cut = train[:14] + test[:6]
    for path in cut:
        cut_short(path, rng.uniform(0.3, 0.95))
    copies = {}
    for number, path in enumerate(train[14:44]):
        copy = target / "test" / path.parent.name / f"copy{number}.jpg"
        if number < 10:
            shutil.copy(path, copy)
        else:
            scale = 0.7 if number % 2 and number < 25 else 1
            reencoded(path, copy, quality=rng.choice([35, 60, 85]), scale=scale, mirror=number >= 25)
        copies[str(copy)] = str(path)
    swapped = []
    for path in train[44:84]:
        other = target / "train" / ("dogs" if path.parent.name == "cats" else "cats") / f"moved_{path.name}"
        path.rename(other)
        swapped.append(str(other))
    return {str(path) for path in cut}, copies, set(swapped)


def test_faults_put_into_photographs_are_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cut, copies, swapped = put_faults(tmp_path / "faulty")
    (tmp_path / "faulty.yaml").write_text(f"name: faulty\ndata: {{path: {tmp_path / 'faulty'}}}\n")
    result = tlkit("check", "faulty.yaml", "--data")
    assert result.exit_code == 2
    found = {each["topic"]: each["examples"] for each in json.loads((tmp_path / "checks/faulty.json").read_text())}
    assert {row[0]["name"] for row in found["unreadable"]} == cut
    pairs = {(row[0]["name"], row[1]["name"]) for topic in ("leak", "near leak") for row in found[topic]}
    right = {pair for pair in pairs if copies.get(pair[0]) == pair[1]}
    doubted = [row[0]["name"] for row in found["doubtful labels"]][:60]
    hits = len(swapped.intersection(doubted))
    print(f"copies {len(right)} of 30, false {len(pairs - right)}; swapped {hits} of 40 among {len(doubted)}")
    assert len(right) >= 28
    assert len(pairs - right) <= 3
    assert hits >= 30


def test_a_tenth_more_photographs_move_none_across(tmp_path):
    files = sorted((dataset("cats_vs_dogs") / "train").glob("*/*.jpg"))
    for index, path in enumerate(files):
        if index % 11:
            home = tmp_path / "cats" / path.parent.name
            home.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, home)
    before = parts_of(tmp_path / "cats")
    for path in files[::11]:
        shutil.copy(path, tmp_path / "cats" / path.parent.name)
    after = parts_of(tmp_path / "cats")
    assert len(after) == 1000
    assert {name: after[name] for name in before} == before


def parts_of(home):
    splits = image_folder(home)
    return {name: part for part, each in splits.parts().items() for name in each.names}


def test_a_recipe_written_for_photographs_runs_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert tlkit("init", dataset("cats_vs_dogs"), "--out", "mine.yaml").exit_code == 0
    result = tlkit("run", "mine.yaml", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout.strip().splitlines()[-1])["metrics"]["test/accuracy"] > 0.98
