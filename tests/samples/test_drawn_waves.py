"""The drawn heartbeats and chords: seeded, balanced, and read by the sources that they are for."""

import numpy as np
import pytest

from tlkit.data.side_columns.joining import joined_columns
from tlkit.kinds.signal.signals import signals
from tlkit.kinds.signal.sounds import sounds
from tlkit.samples import chords, heartbeats, pulses

SAMPLES = {"heartbeats": (heartbeats, signals, (400, 1)), "chords": (chords, sounds, (8000,))}


def bytes_by_path(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_seed_draws_the_same_and_another_something_else(name, tmp_path):
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        SAMPLES[name][0].draw(tmp_path / folder, count=8, seed=seed)
    assert bytes_by_path(tmp_path / "a") == bytes_by_path(tmp_path / "b")
    assert not set(bytes_by_path(tmp_path / "a").values()) & set(bytes_by_path(tmp_path / "c").values())


@pytest.mark.parametrize("name", SAMPLES)
def test_its_source_reads_it_with_as_many_of_each_class(name, tmp_path):
    sample, source, shape = SAMPLES[name]
    told = []
    sample.draw(tmp_path / "drawn", count=40, on_picture=told.append)
    splits = source(tmp_path / "drawn", val=0.2, test=0.2)
    assert told == list(range(40))
    assert splits.info.input_shape == shape
    targets = np.concatenate([part.targets for part in splits.parts().values()])
    assert np.bincount(targets).tolist() == [10] * 4


def test_a_beat_has_its_peaks_where_the_heart_would():
    values, label = heartbeats.draw_one(0)
    assert label == "normal"
    assert (
        3
        <= np.sum((values[1:-1] > values.max() / 2) & (values[1:-1] > values[:-2]) & (values[1:-1] >= values[2:]))
        <= 8
    )


def test_pulses_carry_their_age_and_sex(tmp_path):
    for folder in ("a", "b"):
        pulses.draw(tmp_path / folder, count=60)
    assert bytes_by_path(tmp_path / "a") == bytes_by_path(tmp_path / "b")
    splits = joined_columns(signals(tmp_path / "a", beside=["age", "sex"]), ["age", "sex"])
    assert splits.info.input_shape == (400, 1)
    assert splits.info.beside["columns"] == {"age": None, "sex": ["female", "male"]}
    assert np.nanmax(splits.train.beside[:, 0]) <= 20
