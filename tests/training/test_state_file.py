"""States of training on the disk: the newest that is whole."""

import numpy as np
import pytest

from tlkit.training.checkpoints.state_file import State, StateFile


@pytest.fixture
def file(tmp_path):
    return StateFile(tmp_path / "state.npz", pairs=True)


def kept(file, *numbers):
    for number in numbers:
        file.write(State({"model0": np.full(3, number), "model1": np.ones(2)}, {"total": number}))


def test_the_newest_two_states_are_kept(file):
    assert file.read() is None
    kept(file, 1, 2, 3)
    assert sorted(each.name for each in file.path.parent.iterdir()) == ["state.npz", "state.older.npz"]
    assert file.read().facts == {"total": 3}
    assert [each.tolist() for each in file.read().several("model")] == [[3, 3, 3], [1, 1]]


@pytest.mark.parametrize(
    "damage", [lambda page: page[: len(page) // 2], lambda page: bytes(len(page)), lambda page: b""]
)
def test_where_the_newest_is_damaged_a_line_says_so_and_the_older_one_is_taken(file, caplog, damage):
    kept(file, 1, 2)
    file.path.write_bytes(damage(file.path.read_bytes()))
    assert file.read().facts == {"total": 1}
    assert [each.getMessage() for each in caplog.records] == [f"{file.path}: damaged; the state before it is taken"]
    file.older.write_bytes(b"")
    assert file.read() is None


def test_a_power_cut_between_two_names_leaves_the_older_state(file, caplog):
    kept(file, 1, 2)
    file.path.unlink()
    assert (file.exists, file.read().facts, caplog.records) == (True, {"total": 1}, [])
