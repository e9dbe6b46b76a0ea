"""Drawn DNA, solids and collected docstrings: seeded, balanced, and what they say they are."""

import csv
import re

import numpy as np
import pytest
from PIL import Image

from tlkit.data.download.sampling import draw_sample
from tlkit.kinds.dna.dna import dna
from tlkit.kinds.text.text import text
from tlkit.kinds.views.view_folders import views
from tlkit.kinds.voxels.voxels import voxels
from tlkit.samples import docstrings, promoters, solids

SMALL = {
    "promoters": {"count": 40},
    "docstrings": {"count": 50},
    "solids": {"count": 42, "size": 8},
    "solid_views": {"count": 42, "size": 8},
}


@pytest.fixture(scope="module", params=[name for name in SMALL if name != "docstrings"])
def twice(request, tmp_path_factory):
    folders = [tmp_path_factory.mktemp("drawn") / name for name in ("first", "second")]
    for folder in folders:
        draw_sample(request.param, folder, **SMALL[request.param])
    return folders


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*") if path.suffix != ".npz"}


def test_the_same_call_writes_the_same(twice):
    first, second = twice
    assert contents(first) == contents(second)
    for path in first.glob("*.npz"):
        ours, others = np.load(path), np.load(second / path.name)
        assert all(np.array_equal(ours[name], others[name]) for name in ours.files)


def test_sources_read_what_was_drawn(tmp_path):
    for name in ("promoters", "solids", "solid_views"):
        draw_sample(name, tmp_path / name, **SMALL[name])
    found = {
        "promoters": dna(tmp_path / "promoters"),
        "solids": voxels(tmp_path / "solids"),
        "solid_views": views(tmp_path / "solid_views", image_size=8, channels=1),
    }
    assert {name: len(each.info.class_names) for name, each in found.items()} == {
        "promoters": 2, "solids": 7, "solid_views": 7,
    }  # fmt: skip
    assert found["solid_views"].info.input_shape == (12, 8, 8, 1)
    assert not any(each.info.set_aside for each in found.values())


def test_a_promoter_without_mutations_has_both_boxes_on_one_strand():
    strands = str.maketrans("ACGT", "TGCA")
    motif = re.compile("TTGACA[ACGTN]{16,18}TATAAT")
    for index in range(0, 40, 2):
        sequence, label = promoters.draw_one(index, mutation=0.0)
        assert label == "promoter"
        if "N" not in sequence:
            assert motif.search(sequence) or motif.search(sequence.translate(strands)[::-1])


def test_solids_fill_some_of_their_grid_and_pictures_show_something():
    for index in range(len(solids.CLASSES)):
        assert 0.005 < solids.voxel_grid(index, size=16).mean() < 0.5
        assert solids.pictures(index, size=16).std() > 5


def test_pictures_of_a_solid_lie_in_a_folder_of_its_class(tmp_path):
    solids.draw_views(tmp_path, count=8, size=8)
    assert len(list((tmp_path / "ball" / "002").glob("*.png"))) == 12
    with Image.open(tmp_path / "ring" / "001" / "00.png") as picture:
        assert (picture.size, picture.mode) == ((8, 8), "L")


def test_docstrings_are_real_texts_without_the_names_of_libraries(tmp_path, monkeypatch):
    all_files = docstrings._files
    monkeypatch.setattr(docstrings, "_files", lambda library: all_files(library)[::12])  # all: a quarter of a minute
    docstrings.draw(tmp_path, count=50)
    rows = list(csv.DictReader((tmp_path / "docstrings.csv").open(encoding="utf-8")))
    assert len(rows) == 50
    assert {row["label"] for row in rows} == set(docstrings.LIBRARIES)
    names = re.compile("|".join([*docstrings.LIBRARIES, "tensorflow"]), re.IGNORECASE)
    assert not [row["text"] for row in rows if names.search(row["text"])]
    assert all(5 <= len(row["text"].split()) <= 60 for row in rows)
    assert text(tmp_path).info.kind == "text"
