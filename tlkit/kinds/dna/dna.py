"""DNA from tables and FASTA files, as codes of letters that the model itself turns into one-hot rows."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tlkit.data.assembly.class_folders import PART_NAMES, part_folders
from tlkit.data.assembly.file_names import found_in_names
from tlkit.data.assembly.gathering import Gathered, Labelled, content_id, files_in, split, to_score
from tlkit.data.splits import Info, Splits
from tlkit.data.tables.delimited import SUFFIXES, read_rows
from tlkit.errors import DataError
from tlkit.kinds.dna.fasta import FASTA_SUFFIXES, class_in_header, encode_letters, fit_length, read_fasta
from tlkit.kinds.dna.sequence_tables import letters_in, places_in
from tlkit.kinds.kind import Inputs, Scored, as_array
from tlkit.model.metadata import Metadata
from tlkit.tasks.task import require_task


def dna(
    path: str | Path,
    *,
    seed: int = 7,
    val: float = 0.15,
    test: float = 0.15,
    sequence: str = "sequence",
    label: str | None = None,
    length: int | None = None,
    anchor: str = "start",
    duplicates: str = "keep",
    near_copies: str = "together",
    group: str | None = None,
    group_folder: int | None = None,
    task: str = "label",
    max_bad: float = 0.05,
) -> Splits:
    """Splits of DNA sequences: a table, FASTA files, or a folder of either.

    A table has a column of sequences, or one for each letter, and one of classes, with a header or without; `sequence`
    and `label` name them, or number them from 0 (`first`, `last`). In a FASTA file the header ends in the class, or a
    pattern `label` finds it in `file:header`; several such files in a folder are a class each. Files or folders called
    train, val and test are kept as parts. Sequences are brought to `length` (by default that of the longest): `anchor`
    start keeps their beginning and pads behind it with gaps, `end` the other way round, `centre` both sides alike.

    Args:
        duplicates: "drop" leaves one of equal sequences, and none where their classes differ.
        near_copies: "together" keeps near-copies in one part; "apart" does not look.
        group: a column, in FASTA files a pattern in `file:header`: equal ones stay in one part.
        group_folder: a level of folders that stays in one part.

    Example:
        >>> dna("data/splice/splice.dat").info.input_shape  # doctest: +SKIP
        (60,)
    """
    path = Path(path)
    require_task(task, ["label"], where=path, what="DNA comes with one label a sequence")
    found = _encoded(_gathered(path, sequence, label))
    found.refuse_bad(max_bad, str(path))
    length = int(length or max(len(each.item) for each in found.rows))
    found.rows = [_fitted(each, length, anchor) for each in found.rows]
    reading = {"length": length, "anchor": anchor, "sequence": sequence, "label": label}
    info = Info("label", (length,), "uint8", "dna", preparation={"name": "letters"}, reading=reading)
    return split(
        found, lambda rows: info, where=str(path), seed=seed, val=val, test=test, max_bad=max_bad,
        duplicates=duplicates, near_copies=near_copies, group=group, group_folder=group_folder,
    )  # fmt: skip


def inputs_at(path: Path, metadata: Metadata) -> Inputs:
    """Every sequence in a FASTA file, a table, a file of one sequence a line, or a folder of these."""
    reading = metadata["reading"]
    for file in _files(path):
        for name, letters in _sequences(file, str(reading["sequence"])):
            yield name, functools.partial(_read, name, letters, reading["length"], reading["anchor"])


def labelled_sequences(path: Path, metadata: Metadata) -> Scored:
    """Every labelled sequence, to score a model with this metadata on, and what was set aside."""
    reading = metadata["reading"]
    found = _encoded(_gathered(path, reading["sequence"], reading["label"]))
    found.rows = [_fitted(each, reading["length"], reading["anchor"]) for each in found.rows]
    return to_score(found)


def input_of(example: Any, metadata: Metadata) -> np.ndarray:
    """The input for a sequence given as text, or as its codes."""
    if isinstance(example, np.ndarray):
        return as_array(example, metadata)
    reading = metadata["reading"]
    return fit_length(encode_letters(str(example)), reading["length"], reading["anchor"])


def _read(name: str, letters: str, length: int, anchor: str) -> np.ndarray:
    try:
        return fit_length(encode_letters(letters), length, anchor)
    except DataError as error:
        raise DataError(f"{name}: {error}") from error


def _sequences(file: Path, wanted: str) -> Iterator[tuple[str, str]]:
    if file.suffix.lower() in FASTA_SUFFIXES:
        yield from (
            (header.split()[0] if header else f"{file}:{line}", text) for line, header, text in read_fasta(file)
        )
        return
    rows = read_rows(file)
    places = letters_in(rows, wanted)
    for line, cells in rows[1:] if places.header else rows:
        yield f"{file}:{line}", "".join(cells[place] for place in places.sequence if place < len(cells))


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise DataError(f"{path}: expected a table or FASTA file of sequences, or a folder of these, found nothing")
    files = files_in(path, SUFFIXES | FASTA_SUFFIXES) if path.is_dir() else [path]
    files = [each for each in files if each.name not in ("DRAWN.txt", "README.txt")]
    if not files:
        endings = ", ".join(sorted(SUFFIXES | FASTA_SUFFIXES))
        raise DataError(f"{path}: expected files of sequences ({endings}), found none")
    return files


def _gathered(path: Path, sequence: str, label: str | None) -> Gathered:
    found = Gathered()
    for folder, part in part_folders(path) if path.is_dir() else [(path, None)]:
        files = _files(folder)
        several = sum(each.suffix.lower() in FASTA_SUFFIXES for each in files) > 1
        for file in files:
            own = part or PART_NAMES.get(file.stem.lower())
            if file.suffix.lower() in FASTA_SUFFIXES:
                found.extend(_from_fasta(file, own, label, by_file=several and own == part))
            else:
                found.extend(_from_table(file, own, sequence, label))
    return found


def _from_fasta(file: Path, part: str | None, pattern: str | None, *, by_file: bool) -> Gathered:
    found, records = Gathered(), list(read_fasta(file))
    told = [f"{file.name}:{header}" for _, header, _ in records]
    if pattern is not None:
        labels: list[str | None] = list(found_in_names(told, pattern, "data.label"))
    else:
        labels = [file.stem if by_file else class_in_header(header) for _, header, _ in records]
    for (line, header, letters), label, place in zip(records, labels, told, strict=True):
        if label is None:
            found.bad[f"{file}:{line}"] = f"expected a header that ends in the class ('>name class'), found '>{header}'"
        else:
            found.rows.append(Labelled(letters, label, f"{file}:{line}", "", part, told=str(file.parent / place)))
    return found


def _from_table(file: Path, part: str | None, sequence: str | int, label: str | int | None) -> Gathered:
    found, rows = Gathered(), read_rows(file)
    places, width = places_in(file, rows, sequence, label), len(rows[0][1])
    assert places.label is not None
    for line, cells in rows[1:] if places.header else rows:
        name = f"{file}:{line}"
        if len(cells) != width:
            found.bad[name] = f"expected {width} cells as in line {rows[0][0]}, found {len(cells)}"
        elif cells[places.label]:
            letters = "".join(cells[place] for place in places.sequence)
            found.rows.append(Labelled(letters, cells[places.label], name, "", part))
        else:
            found.bad[name] = "no class"
    return found


def _encoded(found: Gathered) -> Gathered:
    coded = Gathered(bad=dict(found.bad))
    for each in found.rows:
        try:
            coded.rows.append(replace(each, item=encode_letters(each.item)))
        except DataError as error:
            coded.bad[each.name] = str(error)
    return coded


def _fitted(row: Labelled, length: int, anchor: str) -> Labelled:
    codes = fit_length(row.item, length, anchor)
    return replace(row, item=codes, id=content_id(codes.tobytes()))
