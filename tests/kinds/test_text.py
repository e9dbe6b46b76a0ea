"""Texts as people have them, and the words that a model is given."""

import keras
import numpy as np
import pytest

from tlkit.data.splits import Splits
from tlkit.errors import DataError
from tlkit.kinds.text.text import split_words, text

WORDS = {"sea": ["wave", "salt", "shore", "boat"], "wood": ["tree", "leaf", "moss", "deer"]}


def sentences(count=20, seed=0):
    """(text, label) pairs, two classes in turn."""
    rng = np.random.default_rng(seed)
    names = list(WORDS)
    return [(f"The {' '.join(rng.choice(WORDS[names[i % 2]], 5))} {i}.", names[i % 2]) for i in range(count)]


def folder_of(path, pairs):
    for number, (written, label) in enumerate(pairs):
        (path / label).mkdir(parents=True, exist_ok=True)
        (path / label / f"{number}.txt").write_text(written)
    return path


def table(path, pairs, header="text,label"):
    path.write_text(header + "\n" + "".join(f'"{written}",{label}\n' for written, label in pairs))
    return path


def test_a_table_and_a_folder_give_the_same(tmp_path):
    first = text(table(tmp_path / "all.csv", sentences()))
    second = text(folder_of(tmp_path / "all", sentences()))
    assert first.counts() == second.counts()
    assert first.info.preparation == second.info.preparation
    assert (first.info.kind, first.info.input_dtype, first.info.input_shape) == ("text", "string", ())


def test_the_vocabulary_is_of_the_training_part_alone(tmp_path):
    splits = text(table(tmp_path / "all.csv", sentences(40)), val=0.2, test=0.2)
    trained = {word for each in splits.train.items for word in split_words(each)}
    others = {word for part in (splits.val, splits.test) for each in part.items for word in split_words(each)}
    assert set(splits.info.preparation["vocabulary"]) == trained
    assert others - trained


@pytest.mark.parametrize(
    "written", ["Don't STOP: (x_1), the *args* -- naïve Été ÉTÉ 3.5\tend", "no\xa0break wide\u3000blank\x1cmark a\x0bb"]
)
def test_words_are_split_as_keras_splits_them(written):
    layer = keras.layers.TextVectorization()
    layer.adapt(np.array([written]))
    assert set(layer.get_vocabulary()[2:]) == set(split_words(written))


def test_the_commonest_words_are_kept_and_texts_cropped_to_the_length(tmp_path):
    splits = text(table(tmp_path / "all.csv", sentences()), vocabulary=3, length=4, width=2)
    assert len(splits.info.preparation["vocabulary"]) == 3
    assert splits.info.preparation["vocabulary"][0] == "the"
    assert (splits.info.preparation["length"], splits.info.preparation["width"]) == (4, 2)


def test_arrays_of_texts_are_texts():
    written, labels = zip(*sentences(30), strict=True)
    for given in (np.array(written), list(written), np.array(written, object), np.array(written)[:, None]):
        splits = Splits.from_arrays(given, list(labels))
        assert (splits.info.kind, splits.info.input_dtype) == ("text", "string")
        assert splits.info.preparation["vocabulary"]
        assert set(splits.train.load([0, 1])) <= set(written)


def test_equal_texts_have_equal_ids_wherever_they_stand():
    splits = Splits.from_arrays(["one text", "another"] * 10, ["a", "b"] * 10, val=0, test=0)
    assert len(set(splits.train.ids)) == 2


def test_arrays_that_are_neither_numbers_nor_texts_are_refused():
    with pytest.raises(DataError, match="expected numbers of one shape or texts, found NoneType in row 1"):
        Splits.from_arrays(np.array(["a", None], object), [0, 1])


@pytest.mark.parametrize("written", ["", "   ", "... !"])
def test_an_empty_text_is_set_aside_by_file_and_line(tmp_path, written):
    path = table(tmp_path / "all.csv", [*sentences(), (written, "sea")])
    assert text(path).info.set_aside == {f"{path}:22": "empty text"}


def test_a_cell_may_hold_line_ends_of_any_kind(tmp_path):
    path = table(tmp_path / "all.csv", [(f"{each}\u2028\x85\x0b\nmore", label) for each, label in sentences()])
    splits = text(path)
    assert not splits.info.set_aside
    assert all("\u2028\x85\x0b\nmore" in each for each in splits.train.items)
    assert splits.train.names[0].rpartition(":")[2].isdigit()


def test_a_ragged_row_is_set_aside_by_file_and_line(tmp_path):
    path = table(tmp_path / "all.csv", sentences())
    path.write_text(path.read_text() + "one cell\n")
    assert text(path).info.set_aside == {f"{path}:22": "expected 2 cells as in line 1, found 1"}


def test_a_file_that_is_not_utf8_is_set_aside_by_name(tmp_path):
    folder = folder_of(tmp_path, sentences())
    (folder / "sea" / "latin.txt").write_bytes("the été of".encode("latin-1"))
    aside = text(folder).info.set_aside
    assert list(aside) == [str(folder / "sea" / "latin.txt")]
    assert "expected UTF-8 text" in aside[str(folder / "sea" / "latin.txt")]


def test_a_table_that_is_not_utf8_is_refused_by_line(tmp_path):
    (tmp_path / "all.csv").write_bytes(b"text,label\nfine,a\n\xff,b\n")
    with pytest.raises(DataError, match=r"all.csv:3: expected UTF-8 text"):
        text(tmp_path / "all.csv")


def test_a_missing_column_names_the_nearest(tmp_path):
    with pytest.raises(DataError, match=r"no column 'txt'. Did you mean 'text'?"):
        text(table(tmp_path / "all.csv", sentences()), column="txt")
