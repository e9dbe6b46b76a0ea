"""Signals from tables, arrays and folders: one length, the given parts kept, what is wrong named by file and row."""

import numpy as np
import pytest
from waves import rows, tone, write_rows, write_tones, write_wav

from tlkit.errors import DataError
from tlkit.kinds.signal.signals import signals


def given_split(folder, *, train=None, test=None):
    write_rows(folder / "Beat_TRAIN.tsv", train or rows(20))
    write_rows(folder / "Beat_TEST.tsv", test or rows(10, start=100))
    return folder


def names(examples):
    return [name.rpartition("/")[2] for name in examples.names]


@pytest.mark.parametrize("door", ["folder", "file", "test_path"])
def test_a_given_test_part_is_kept_and_validation_comes_out_of_training(tmp_path, door):
    given_split(tmp_path)
    if door == "test_path":
        (tmp_path / "Beat_TEST.tsv").rename(tmp_path / "later.tsv")
    paths = {"folder": (tmp_path,), "file": (tmp_path / "Beat_TRAIN.tsv",), "test_path": (tmp_path / "Beat_TRAIN.tsv",)}
    more = {"test_path": tmp_path / "later.tsv"} if door == "test_path" else {}
    splits = signals(*paths[door], **more)
    assert splits.counts()["test"] == 10
    assert splits.counts()["train"] + splits.counts()["val"] == 20
    assert splits.counts()["val"] >= 2
    assert all("TRAIN" in name for name in [*names(splits.train), *names(splits.val)])
    assert splits.info.class_names == ("1", "2")
    assert splits.info.input_shape == (12, 1)


def test_an_example_is_a_row_and_its_name_the_line(tmp_path):
    splits = signals(given_split(tmp_path))
    index = names(splits.test).index("Beat_TEST.tsv:3")
    np.testing.assert_allclose(splits.test.load([index])[0, :, 0], np.linspace(0, -1, 12) + 1.02, atol=1e-5)
    assert splits.test.targets[index] == 0


def test_a_class_of_two_rows_stays_in_training(tmp_path):
    rare = [["5", *(["0.5"] * 11), str(value)] for value in (1, 2)]
    splits = signals(given_split(tmp_path, train=[*rows(20), *rare]))
    place = splits.info.class_names.index("5")
    assert (splits.train.targets == place).sum() == 2
    assert not (splits.val.targets == place).any()
    assert splits.info.tags["data.kept_in_train"] == "5"


def test_without_a_given_split_every_class_is_in_every_part(tmp_path):
    splits = signals(write_rows(tmp_path / "all.csv", rows(40), mark=","), val=0.2, test=0.2)
    assert {part: len(set(each.targets.tolist())) for part, each in splits.parts().items()} == dict.fromkeys(
        ("train", "val", "test"), 2
    )


def test_old_rows_of_thirty_a_class_do_not_move_when_new_ones_come(tmp_path):
    first = signals(write_rows(tmp_path / "a.csv", rows(60), mark=","))
    more = signals(write_rows(tmp_path / "a.csv", rows(120), mark=","))
    for part, examples in first.parts().items():
        assert set(examples.ids) <= set(more.parts()[part].ids)


@pytest.mark.parametrize(("label", "place"), [("last", 12), (-1, 12), (3, 3), ("kind", 5)])
def test_the_label_may_stand_anywhere(tmp_path, label, place):
    lines = [[*line[1 : place + 1], f"class {line[0]}", *line[place + 1 :]] for line in rows(20)]
    if label == "kind":
        lines.insert(0, [f"t{i}" for i in range(place)] + ["kind"] + [f"t{i}" for i in range(place, 12)])
    splits = signals(write_rows(tmp_path / "a.csv", lines, mark=","), label=label)
    assert splits.info.class_names == ("class 1", "class 2")
    assert splits.info.input_shape == (12, 1)


def test_a_header_that_counts_is_a_header(tmp_path):
    lines = [["rhythm", *map(str, range(12))], *rows(20)]
    assert signals(write_rows(tmp_path / "a.csv", lines, mark=",")).info.class_names == ("1", "2")


def test_classes_are_the_same_however_their_number_is_written(tmp_path):
    lines = [[f"{float(line[0]):.7e}", *line[1:]] for line in rows(10)] + rows(10, start=10)
    assert signals(write_rows(tmp_path / "a.csv", lines, mark=",")).info.class_names == ("1", "2")


def test_ten_classes_are_in_the_order_of_their_numbers(tmp_path):
    lines = [[str(index // 4 + 1), *line[1:]] for index, line in enumerate(rows(44))]
    assert signals(write_rows(tmp_path / "a.csv", lines, mark=",")).info.class_names[-2:] == ("10", "11")


def test_several_channels_stand_one_after_the_other(tmp_path):
    splits = signals(write_rows(tmp_path / "a.csv", rows(20), mark=","), channels=3)
    assert splits.info.input_shape == (4, 3)
    first = next(line for line in rows(20) if float(line[1]) == pytest.approx(splits.train.load([0])[0, 0, 0]))
    np.testing.assert_allclose(splits.train.load([0])[0, :, 1], np.array(first[5:9], float), atol=1e-6)


def test_shorter_signals_get_zeros_and_longer_ones_lose_their_end(tmp_path):
    lines = [[*line[:9], "", "NaN", "", ""] if index < 4 else line for index, line in enumerate(rows(20))]
    path = write_rows(tmp_path / "a.csv", lines, mark=",")
    whole = np.concatenate([part.load(range(len(part))) for part in signals(path).parts().values()])
    assert whole.shape == (20, 12, 1)
    assert (whole[:, 8:] == 0).all(axis=(1, 2)).sum() == 4
    assert signals(path, length=5).info.input_shape == (5, 1)
    assert signals(path, length=30).info.input_shape == (30, 1)


def test_a_number_may_be_what_is_learned(tmp_path):
    lines = [[f"{index / 7:.4f}", *line[1:]] for index, line in enumerate(rows(20))]
    splits = signals(write_rows(tmp_path / "a.csv", lines, mark=","), task="number")
    assert splits.info.class_names == ()
    assert splits.train.targets.dtype == np.float32


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda line: line[:-2], "11 fields, expected 13"),
        (lambda line: [*line, "1"], "14 fields, expected 13"),
        (lambda line: [line[0], "oops", *line[2:]], "value 1 is 'oops', expected a number"),
        (lambda line: [*line[:5], "nan", *line[6:]], "value 5 is nan, expected a finite number"),
        (lambda line: [*line[:5], "inf", *line[6:]], "value 5 is inf, expected a finite number"),
        (lambda line: [*line[:5], "1e39", *line[6:]], "value 5 is 1e39, expected a number that float32 can hold"),
        (lambda line: [*line[:5], "0,5", *line[6:]], "value 5 is '0,5', expected a number with a decimal point"),
        (lambda line: ["NaN", *line[1:]], "no label"),
        (lambda line: [line[0]] + [""] * 12, "no values"),
        (lambda line: ["", *line[1:]], "no label"),
    ],
)
def test_a_bad_row_is_set_aside_by_file_and_line(tmp_path, change, reason):
    lines = rows(40)
    lines[6] = change(lines[6])
    path = write_rows(tmp_path / "a.csv", lines, mark=";")
    splits = signals(path)
    assert splits.info.set_aside == {f"{path}:7": reason}
    assert sum(splits.counts().values()) == 39


def test_too_many_bad_rows_stop_with_the_first_of_them(tmp_path):
    lines = [["1", "x"] if index < 5 else line for index, line in enumerate(rows(40))]
    with pytest.raises(DataError, match=r"a.csv: 5 of 40 rows cannot be used, more than 5% .*a.csv:1: 2 fields"):
        signals(write_rows(tmp_path / "a.csv", lines, mark=","))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty file"),
        (b"\n\n", "empty file"),
        (b"label,a,b\n", "a header and no rows"),
        (b"a,1\nb,\xff\xfe\x00", "a.csv:2: expected UTF-8 text, found the byte 0xff. Save the file as UTF-8"),
        (b"1,2,3\n1,4,5\n", "expected at least two classes"),
    ],
)
def test_a_file_without_usable_rows_is_refused(tmp_path, content, told):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match=told):
        signals(tmp_path / "a.csv")


def test_an_unknown_label_column_names_those_there_are(tmp_path):
    path = write_rows(tmp_path / "a.csv", [["kind", *(f"t{i}" for i in range(12))], *rows(20)], mark=",")
    with pytest.raises(DataError, match=r"no column 'kidn'.*columns: kind, t0"):
        signals(path, label="kidn")


def test_the_name_of_a_label_column_is_found_whatever_its_case_and_the_blanks_around_it(tmp_path):
    path = write_rows(
        tmp_path / "a.csv", [[*(f"t{i}" for i in range(12)), " Kind"], *([*r[1:], r[0]] for r in rows(20))]
    )
    assert signals(path, label="kind").info.class_names == ("1", "2")


def test_two_files_of_no_known_part_are_refused(tmp_path):
    for name in ("a.csv", "b.csv"):
        write_rows(tmp_path / name, rows(20), mark=",")
    with pytest.raises(DataError, match=r"_TRAIN and _TEST, found a.csv, b.csv"):
        signals(tmp_path)


@pytest.mark.parametrize("packed", [True, False])
def test_arrays_with_their_parts(tmp_path, packed):
    rng = np.random.default_rng(0)
    arrays = {"X_train": rng.random((20, 9, 2)), "y_train": np.array(["a", "b"] * 10),
              "X_test": rng.random((6, 9, 2)), "y_test": np.array(["b", "a"] * 3)}  # fmt: skip
    if packed:
        np.savez(tmp_path / "waves.npz", **arrays)
    else:
        for name, array in arrays.items():
            np.save(tmp_path / f"{name}.npy", array)
    splits = signals(tmp_path / "waves.npz" if packed else tmp_path)
    assert splits.info.input_shape == (9, 2)
    assert splits.counts()["test"] == 6
    assert splits.info.class_names == ("a", "b")
    place = next(i for i, name in enumerate(splits.test.names) if name.endswith("X_test[2]"))
    np.testing.assert_allclose(splits.test.load([place])[0], arrays["X_test"][2], rtol=1e-6)


def test_arrays_with_a_row_of_nan_or_without_labels(tmp_path):
    values = np.zeros((40, 5))
    values[:, 0] = range(40)
    values[3, 2] = np.nan
    np.savez(tmp_path / "a.npz", x=values, y=[0, 1] * 20)
    assert list(signals(tmp_path / "a.npz").info.set_aside) == [f"{tmp_path / 'a.npz'}:x[3]"]
    np.savez(tmp_path / "b.npz", x=values, y=[0, 1])
    with pytest.raises(DataError, match="a label for each of 40 signals, found 2"):
        signals(tmp_path / "b.npz")
    values[5, 1] = 1e39
    np.savez(tmp_path / "a.npz", x=values, y=[0, 1] * 20)
    assert "float32" in signals(tmp_path / "a.npz").info.set_aside[f"{tmp_path / 'a.npz'}:x[5]"]
    (tmp_path / "c.npz").write_bytes(b"")
    with pytest.raises(DataError, match=r"c.npz: .*empty file"):
        signals(tmp_path / "c.npz")


def test_labels_in_one_column_are_labels(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.random.default_rng(0).random((20, 5)), y=[[0], [1]] * 10)
    assert signals(tmp_path / "a.npz").info.class_names == ("0", "1")


@pytest.mark.parametrize(
    ("shape", "labels", "told"),
    [
        ((20, 5), np.array(3), "expected a label for each of 20 signals, found a single one"),
        ((20, 5), np.eye(2)[[0, 1] * 10], "expected a label for each of 20 signals, found 20 x 2"),
        ((0, 5), np.zeros(0), r"expected numbers \(examples, time\)"),
        ((20, 0), np.arange(20) % 2, r"expected numbers \(examples, time\)"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path, shape, labels, told):
    np.savez(tmp_path / "a.npz", x=np.zeros(shape), y=labels)
    with pytest.raises(DataError, match=told):
        signals(tmp_path / "a.npz")


def test_an_archive_of_arrays_cut_short_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((20, 5)), y=np.arange(20) % 2)
    (tmp_path / "a.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:500])
    with pytest.raises(DataError, match=r"a.npz: not arrays that can be read"):
        signals(tmp_path / "a.npz")


def test_pickled_arrays_are_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(DataError, match=r"x.npy"):
        signals(tmp_path / "x.npy")


def test_folders_of_wav_files_become_one_length_rate_and_number_of_channels(tmp_path):
    write_tones(tmp_path)
    write_wav(tmp_path / "low" / "slow.wav", tone(300, rate=4000), rate=4000)
    write_wav(tmp_path / "low" / "both.wav", np.stack([tone(300), tone(310)], axis=1))
    splits = signals(tmp_path, val=0.2, test=0.2)
    assert splits.info.input_shape == (2000, 1)
    assert splits.info.tags["data.resampled"] == f"1 to 8000 Hz ({tmp_path / 'low' / 'slow.wav'})"
    assert all(part.load(range(len(part))).shape[1:] == (2000, 1) for part in splits.parts().values())


def test_folders_of_tables_and_arrays_hold_one_signal_a_file(tmp_path):
    rng = np.random.default_rng(0)
    for index in range(8):
        for label in ("a", "b"):
            (tmp_path / label).mkdir(exist_ok=True)
            np.save(tmp_path / label / f"{index}.npy", rng.random((5 + index % 2, 2)))
    (tmp_path / "a" / "more.csv").write_text("left,right\n1,2\n3,4\n5,6\n")
    splits = signals(tmp_path, val=0.2, test=0.2)
    assert splits.info.input_shape == (6, 2)
    assert sum(splits.counts().values()) == 17
    (tmp_path / "a" / "torn.csv").write_text("1,2\n3\n")
    assert "torn.csv:2: 1 fields, expected 2" in signals(tmp_path, max_bad=0.1).info.set_aside[
        str(tmp_path / "a" / "torn.csv")]  # fmt: skip
