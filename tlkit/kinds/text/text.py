"""Texts from tables and folders of text files; the words are counted here and looked up inside the model."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tlkit.data.assembly.class_folders import PART_NAMES, folders_in, list_files, part_folders
from tlkit.data.assembly.gathering import Gathered, Labelled, content_id, files_in, split, to_score
from tlkit.data.splits import Info, Splits
from tlkit.data.tables import delimited
from tlkit.data.tables.delimited import read_rows, read_text
from tlkit.errors import DataError
from tlkit.kinds.kind import Inputs, Scored
from tlkit.model.metadata import Metadata
from tlkit.tasks.task import require_task

_LABELS = ("label", "class", "target")
_TABLES = frozenset({".csv", ".tsv"})
_PUNCTUATION = re.compile(r'[!"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']')  # what TextVectorization takes out
_BLANKS = re.compile(r"[ \t\n\r\v\f]+")  # what it parts words by: a no-break space is part of a word
_UPPER = str.maketrans({chr(code): chr(code + 32) for code in range(ord("A"), ord("Z") + 1)})
_LONGEST = 400


def text(
    path: str | Path,
    *,
    seed: int = 7,
    val: float = 0.15,
    test: float = 0.15,
    column: str = "text",
    label: str | None = None,
    vocabulary: int = 5000,
    length: int | None = None,
    width: int = 64,
    duplicates: str = "keep",
    group: str | None = None,
    group_folder: int | None = None,
    task: str = "label",
    max_bad: float = 0.05,
) -> Splits:
    """Splits of texts: a CSV or TSV with a text and a label column, or a folder of text files (.txt) for each class.

    The model takes strings. Its vocabulary is that of the training texts alone: the commonest words, lowered, without
    punctuation. A text is cropped or padded behind to `length` words, by default as many as 19 of 20 training texts
    have, 400 at most; a word becomes a learned vector of `width` numbers.

    Args:
        label: the column of the class; for files a pattern that finds it in their names, where folders do not tell it.
        duplicates: "drop" leaves one of equal texts, and none where their classes differ.
        group: a column, for files a pattern in their names: equal ones stay in one part.
        group_folder: a level of folders below the class (class = 1) that stays in one part.

    Example:
        >>> text("data/reviews.csv", column="review", label="stars").info.input_dtype  # doctest: +SKIP
        'string'
    """
    path = Path(path)
    require_task(task, ["label"], where=path, what="texts come with one label each")
    found = _gathered(path, column, label)
    info = Info("label", (), "string", "text", reading={"column": column, "label": label})
    splits = split(
        found, lambda rows: info, where=str(path), seed=seed, val=val, test=test, max_bad=max_bad,
        duplicates=duplicates, group=group, group_folder=group_folder,
    )  # fmt: skip
    return with_vocabulary(splits, size=vocabulary, length=length, width=width)


def with_vocabulary(splits: Splits, *, size: int = 5000, length: int | None = None, width: int = 64) -> Splits:
    """Splits of texts whose model will know the commonest words of their training part.

    Example:
        >>> with_vocabulary(splits, size=1000).info.preparation["length"]  # doctest: +SKIP
        120
    """
    counted = [split_words(each) for each in splits.train.items]
    counts = Counter(word for words in counted for word in words)
    known = sorted(counts, key=lambda word: (-counts[word], word))[: int(size)]
    if not known:
        raise DataError("text: expected words in the training texts, found none")
    longest = int(np.quantile([len(words) for words in counted], 0.95)) or 1
    chosen = int(length or min(longest, _LONGEST))
    preparation = {"name": "words", "vocabulary": known, "length": chosen, "width": int(width)}
    reading = {"column": "text", "label": None, **splits.info.reading}
    return replace(splits, info=replace(splits.info, preparation=preparation, reading=reading))


def split_words(text: str) -> list[str]:
    """The words of a text as `keras.layers.TextVectorization` splits it.

    Example:
        >>> split_words("The cat's out, it's true!")
        ['the', 'cats', 'out', 'its', 'true']
    """
    return [word for word in _BLANKS.split(_PUNCTUATION.sub("", text.translate(_UPPER))) if word]


def inputs_at(path: Path, metadata: Metadata) -> Inputs:
    """Every text in a text file (one), a table (one a row), or a folder of these."""
    files = files_in(path, _TABLES | {".txt"}) if path.is_dir() else [path]
    if not files:
        raise DataError(f"{path}: no texts (.txt, .csv, .tsv) in this folder")
    for file in files:
        if file.suffix.lower() in _TABLES:
            for name, written in _table_texts(file, metadata["reading"]["column"]):
                yield name, functools.partial(_input, name, written)
        else:
            yield str(file), functools.partial(_from_file, file)


def labelled_texts(path: Path, metadata: Metadata) -> Scored:
    """Every labelled text, to score a model with this metadata on, and what was set aside."""
    return to_score(_gathered(path, metadata["reading"]["column"], metadata["reading"]["label"]))


def input_of(example: Any, metadata: Metadata) -> np.ndarray:
    """The input for a text."""
    return np.array(str(example), object)


def _input(name: str, written: str) -> np.ndarray:
    if not split_words(written):
        raise DataError(f"{name}: empty text")
    return np.array(written, object)


def _from_file(file: Path) -> np.ndarray:
    return _input(str(file), read_text(file))


def _table_texts(file: Path, wanted: str) -> Iterator[tuple[str, str]]:
    (_, head), *rows = read_rows(file)
    index = delimited.column(head, wanted, str(file))
    for line, cells in rows:
        yield f"{file}:{line}", cells[index] if index < len(cells) else ""


def _gathered(path: Path, wanted: str, label: str | None) -> Gathered:
    found = Gathered()
    if path.is_file():
        found.extend(_from_table(path, None, wanted, label))
        return found
    if not path.is_dir():
        raise DataError(f"{path}: expected a table of texts or a folder of text files, found nothing there")
    tables = sorted(each for each in path.iterdir() if each.suffix.lower() in _TABLES)
    for file in tables:
        found.extend(_from_table(file, PART_NAMES.get(file.stem.lower()), wanted, label))
    if label is not None and not tables:
        for each in list_files(path, frozenset({".txt"}), "texts", label):
            found.extend(_from_files(str(each.label), [each.path], each.part))
        return found
    for folder, part in part_folders(path):
        for home in folders_in(folder):
            found.extend(_from_files(home.name, files_in(home, {".txt"}), part))
    return found


def _from_table(file: Path, part: str | None, wanted: str, label: str | None) -> Gathered:
    found = Gathered()
    (first, head), *rows = read_rows(file)
    folded = [each.lower() for each in head]
    known = next((each for each in _LABELS if each in folded), _LABELS[0])
    texts, labels = (delimited.column(head, each, str(file)) for each in (wanted, label or known))
    for line, cells in rows:
        name = f"{file}:{line}"
        if len(cells) != len(head):
            found.bad[name] = f"expected {len(head)} cells as in line {first}, found {len(cells)}"
        else:
            _add(found, name, cells[texts], cells[labels], part)
    return found


def _from_files(label: str, files: Iterable[Path], part: str | None) -> Gathered:
    found = Gathered()
    for file in files:
        try:
            _add(found, str(file), read_text(file), label, part)
        except DataError as error:
            found.bad[str(file)] = str(error).removeprefix(str(file)).lstrip(": ")
    return found


def _add(found: Gathered, name: str, written: str, label: str, part: str | None) -> None:
    if not split_words(written):
        found.bad[name] = "empty text"
    elif not label:
        found.bad[name] = "no class"
    else:
        found.rows.append(Labelled(written, label, name, content_id(written.encode()), part))
