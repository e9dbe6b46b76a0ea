"""Groups and classes by file names, columns and folders, alike for every source."""

import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from waves import tone, write_wav

from tlkit.errors import DataError
from tlkit.kinds.dna.dna import dna
from tlkit.kinds.image.image_folder import image_folder
from tlkit.kinds.signal.signals import signals
from tlkit.kinds.signal.sounds import sounds
from tlkit.kinds.table.table import table
from tlkit.kinds.text.text import text
from tlkit.kinds.views.view_folders import views
from tlkit.kinds.voxels.voxels import voxels

SPEAKERS = ("anna", "ben", "carl", "dora", "emil", "fred")
PLACES = [(label, speaker, take) for label in "01" for speaker in SPEAKERS for take in range(3)]
NAMES = [f"{label}_{speaker}_{take}" for label, speaker, take in PLACES]
BY_NAME = {"label": r"(\d)_", "group": r"_([a-z]+)_", "val": 0.2, "test": 0.2}
BY_COLUMN = {"group": "speaker", "val": 0.2, "test": 0.2}


def vectors(length):
    """A row of numbers for each example, with its class and speaker."""
    return np.random.default_rng(0).normal(size=(len(PLACES), length)).round(4)


def flat_sounds(folder):
    for place, name in enumerate(NAMES):
        write_wav(folder / f"{name}.wav", tone(300 + 10 * place, seconds=0.2))
    return sounds(folder, **BY_NAME)


def flat_recordings(folder):
    for name, values in zip(NAMES, vectors(12), strict=True):
        np.save(folder / f"{name}.npy", values)
    return signals(folder, **BY_NAME)


def flat_pictures(folder):
    for place, name in enumerate(NAMES):
        Image.new("L", (8, 8), 5 * place).save(folder / f"{name}.png")
    return image_folder(folder, image_size=8, **BY_NAME)


def flat_texts(folder):
    for place, name in enumerate(NAMES):
        (folder / f"{name}.txt").write_text(f"said number {place}")
    return text(folder, **BY_NAME)


def flat_voxels(folder):
    for name, values in zip(NAMES, vectors(64), strict=True):
        np.save(folder / f"{name}.npy", (values > 0).astype(np.uint8).reshape(4, 4, 4))
    return voxels(folder, **BY_NAME)


def fasta_records(folder):
    letters = np.array(list("ACGT"))[np.random.default_rng(0).integers(0, 4, (len(PLACES), 20))]
    records = [f">{name}\n{''.join(row)}\n" for name, row in zip(NAMES, letters, strict=True)]
    (folder / "genes.fasta").write_text("".join(records))
    return dna(folder / "genes.fasta", **{**BY_NAME, "label": r":(\d)_"})


def turned_objects(folder):
    for place, name in enumerate(NAMES):
        for view in range(2):
            Image.new("L", (8, 8), 5 * place + view).save(folder / f"{name}__{view}.png")
    return views(folder, pattern="{label}_{object}__{view}.png", image_size=8, group=r"_([a-z]+)_", val=0.2, test=0.2)


def written(folder, **columns):
    labels, speakers, _ = zip(*PLACES, strict=True)
    frame = pd.DataFrame({"label": labels, "speaker": speakers, **columns})
    frame.to_csv(folder / "rows.csv", index=False)
    return folder / "rows.csv"


def rows_of_signals(folder):
    columns = {f"t{place}": column for place, column in enumerate(vectors(12).T)}
    return signals(written(folder, **columns), **BY_COLUMN)


def rows_of_numbers(folder):
    return table(written(folder, width=vectors(2)[:, 0], height=vectors(2)[:, 1]), **BY_COLUMN)


def rows_of_texts(folder):
    return text(written(folder, text=[f"said number {place}" for place in range(len(PLACES))]), **BY_COLUMN)


def rows_of_letters(folder):
    letters = np.array(list("ACGT"))[np.random.default_rng(0).integers(0, 4, (len(PLACES), 20))]
    return dna(written(folder, sequence=["".join(row) for row in letters]), **BY_COLUMN)


def arrays_of_signals(folder):
    labels, speakers, _ = zip(*PLACES, strict=True)
    np.savez(folder / "all.npz", x=vectors(12), y=np.array(labels, int), speaker=np.array(speakers))
    return signals(folder / "all.npz", **BY_COLUMN)


def speaker_of(name):
    """Who speaks in an example: what its name says, or its row or place."""
    named = [each for each in SPEAKERS if f"{each}_" in name]
    if named:
        return named[0]
    place = int(name.rstrip("]").replace("[", ":").rpartition(":")[2])
    return PLACES[place if name.endswith("]") else place - 2 if ".csv" in name else place // 2][1]


SOURCES = (
    flat_sounds, flat_recordings, flat_pictures, flat_texts, flat_voxels, fasta_records, turned_objects,
    rows_of_signals, rows_of_numbers, rows_of_texts, rows_of_letters, arrays_of_signals,
)  # fmt: skip


@pytest.mark.parametrize("source", SOURCES, ids=lambda each: each.__name__)
def test_a_group_is_in_one_part_alone(tmp_path, source):
    splits = source(tmp_path)
    found = [{speaker_of(name) for name in part.names} for part in splits.parts().values()]
    assert splits.info.class_names == ("0", "1")
    assert sum(splits.counts().values()) == len(PLACES)
    assert sum(map(len, found)) == len(set().union(*found)) == len(SPEAKERS)
    assert len(set(splits.train.keys)) == len(found[0])


def test_a_level_of_folders_is_a_group_of_sounds(tmp_path):
    for place, (label, speaker, take) in enumerate(PLACES):
        write_wav(tmp_path / label / speaker / f"{take}.wav", tone(300 + 10 * place, seconds=0.2))
    splits = sounds(tmp_path, group_folder=2, val=0.2, test=0.2)
    found = [{tuple(name.split("/")[-3:-1]) for name in part.names} for part in splits.parts().values()]
    assert sum(map(len, found)) == len(set().union(*found)) == 2 * len(SPEAKERS)


def test_groups_that_share_a_sound_are_one(tmp_path):
    for name in NAMES:
        write_wav(tmp_path / f"{name}.wav", tone(300 if "_0" in name else 300 + NAMES.index(name), seconds=0.2))
    with pytest.raises(DataError, match="expected at least 3 different examples"):
        sounds(tmp_path, **BY_NAME)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"group": "_([a-z]+)_", "group_folder": 1}, "expected group or group_folder, found both"),
        ({"group": "speaker"}, "data.group: 'speaker' is not found in 36 of 36 file names: 0_anna_0.wav"),
        ({"label": "^[a-z]"}, "data.label: '^[a-z]' is not found in 36 of 36 file names: 0_anna_0.wav"),
        ({"label": "(anna"}, "data.label: '(anna' is no regular expression"),
        ({"label": "(_)"}, "expected several classes by data.label: '(_)', found only '_'"),
        ({"group_folder": 3}, "3 asks for 3 folders above each file"),
    ],
)
def test_what_names_do_not_tell_is_one_line(tmp_path, asked, said):
    flat_sounds(tmp_path)
    with pytest.raises(DataError, match=re.escape(said)):
        sounds(tmp_path, **({"label": BY_NAME["label"]} | asked))


def test_a_row_without_a_group_is_named(tmp_path):
    path = written(tmp_path, width=vectors(1)[:, 0])
    path.write_text(path.read_text().replace("0,anna", "0,", 1))
    with pytest.raises(DataError, match=r"data.group: column 'speaker' is empty in 1 rows: .*rows.csv:2"):
        table(path, **BY_COLUMN)
