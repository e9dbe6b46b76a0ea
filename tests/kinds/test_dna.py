"""DNA as people have it: tables, FASTA, folders; and what is wrong with some of it."""

import numpy as np
import pytest

from tlkit.errors import DataError
from tlkit.kinds.dna.dna import dna, inputs_at
from tlkit.kinds.dna.fasta import encode_letters, fit_length
from tlkit.kinds.dna.one_hot import letters

ACGT = {"A": [1, 0, 0, 0], "C": [0, 1, 0, 0], "G": [0, 0, 1, 0], "T": [0, 0, 0, 1]}


def sequences(count=20, length=8, seed=0):
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list("ACGT"), length)) for _ in range(count)]


def table(path, rows, header="sequence,label\n"):
    path.write_text(header + "".join(f"{','.join(row)}\n" for row in rows))
    return path


def labelled(count=20, **given):
    return [(each, "ab"[place % 2]) for place, each in enumerate(sequences(count, **given))]


def total(splits):
    return sum(splits.counts().values())


def test_letters_are_one_hot_in_the_model_with_n_spread_and_gaps_empty():
    rows = np.asarray(letters((8,))(encode_letters("ACGTUNR-")[None]))[0]
    assert rows[:5].tolist() == [*ACGT.values(), ACGT["T"]]
    assert rows[5].tolist() == [0.25] * 4
    assert rows[6].tolist() == [0.5, 0, 0.5, 0]
    assert rows[7].tolist() == [0] * 4


@pytest.mark.parametrize(
    ("anchor", "longer", "shorter"),
    [
        ("start", [1, 2, 3], [1, 2, 3, 4, 0, 0]),
        ("centre", [1, 2, 3], [0, 1, 2, 3, 4, 0]),
        ("end", [2, 3, 4], [0, 0, 1, 2, 3, 4]),
    ],
)
def test_sequences_are_cropped_and_padded_away_from_their_anchor(anchor, longer, shorter):
    codes = encode_letters("ACGT")
    assert fit_length(codes, 3, anchor).tolist() == longer
    assert fit_length(codes, 6, anchor).tolist() == shorter


@pytest.mark.parametrize("form", ["+,S{n},\t\t{word}", "{n},{word},+", "{n},{apart},+", "{word}"])
def test_letters_are_found_in_tables_to_predict_on(tmp_path, form):
    words = sequences(12, length=20)
    rows = [form.format(n=n, word=word, apart=",".join(word)) for n, word in enumerate(words)]
    (tmp_path / "new.csv").write_text("\n".join(rows))
    metadata = {"reading": {"sequence": "sequence", "length": 20, "anchor": "start"}}
    found = [read().tolist() for _, read in inputs_at(tmp_path / "new.csv", metadata)]
    assert found == [encode_letters(word).tolist() for word in words]


def test_a_table_with_a_header(tmp_path):
    splits = dna(table(tmp_path / "genes.csv", labelled()), val=0.2, test=0.2)
    assert total(splits) == 20
    assert splits.info.class_names == ("a", "b")
    assert (splits.info.kind, splits.info.input_shape, splits.info.input_dtype) == ("dna", (8,), "uint8")


def test_a_table_with_columns_of_other_names(tmp_path):
    path = table(tmp_path / "genes.tsv", [], header="id\tdna\tfamily\n")
    path.write_text(path.read_text() + "".join(f"g\t{seq}\t{label}\n" for seq, label in labelled()))
    assert total(dna(path, sequence="dna", label="family")) == 20


def test_a_table_without_a_header_has_a_letter_a_cell_and_the_class_last(tmp_path):
    rows = [(*letters, label) for letters, label in labelled()]
    path = tmp_path / "splice.dat"
    path.write_text("".join(", ".join(row) + "\n" for row in rows))
    assert dna(path).info.input_shape == (8,)


def test_fasta_with_the_class_in_the_header(tmp_path):
    records = [
        f">gene{place} {label}\n;a comment\n{each[:4]}\n{each[4:]}\n" for place, (each, label) in enumerate(labelled())
    ]
    (tmp_path / "genes.fasta").write_text("".join(records))
    splits = dna(tmp_path)
    assert total(splits) == 20
    assert splits.info.class_names == ("a", "b")


def test_a_fasta_file_for_each_class(tmp_path):
    for place, name in enumerate(("exon", "intron")):
        records = [f">{number}\n{each}\n" for number, each in enumerate(sequences(seed=place))]
        (tmp_path / f"{name}.fa").write_text("".join(records))
    assert dna(tmp_path).info.class_names == ("exon", "intron")


def test_files_called_train_and_test_are_parts(tmp_path):
    table(tmp_path / "train.csv", labelled(20))
    table(tmp_path / "test.csv", labelled(6, seed=1))
    splits = dna(tmp_path)
    assert splits.counts()["test"] == 6
    assert splits.counts()["val"] > 0


def test_equal_sequences_never_straddle_parts(tmp_path):
    splits = dna(table(tmp_path / "genes.csv", labelled() * 3), val=0.2, test=0.2)
    parts = [set(part.ids) for part in splits.parts().values()]
    assert total(splits) == 60
    assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]


def test_copies_are_dropped_on_request_and_all_of_them_where_classes_differ(tmp_path):
    rows = [*labelled(), *labelled()[:5], (labelled()[7][0], "a")]
    splits = dna(table(tmp_path / "genes.csv", rows), duplicates="drop")
    assert total(splits) == 19
    assert splits.info.tags["data.duplicates_dropped"] == "7"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("ACGTJCGT", "a"), "letter 'J' at place 5 is not in the DNA alphabet"),
        (("ACGT",), "expected 2 cells as in line 1, found 1"),
        (("", "a"), "empty sequence"),
        (("ACGTACGT", ""), "no class"),
    ],
)
def test_a_bad_row_is_set_aside_by_file_and_line(tmp_path, row, said):
    path = table(tmp_path / "genes.csv", [*labelled(), row])
    splits = dna(path, max_bad=0.1)
    assert said in splits.info.set_aside[f"{path}:22"]
    assert total(splits) == 20


def test_too_many_bad_rows_stop_with_their_names(tmp_path):
    path = table(tmp_path / "genes.csv", [*labelled(), ("XX", "a"), ("ZZ", "b")])
    with pytest.raises(DataError, match=r"2 of 22 examples cannot be used, more than 5% \(data.max_bad\)") as caught:
        dna(path)
    assert f"{path}:22: letter 'X'" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty file"),
        (b"sequence,label\nAC\xe9GT,a\n", r"genes.csv:2: expected UTF-8 text, found the byte 0xe9"),
        (b"sequence,label\nACGT,a\nAAAA,a\n", "expected at least two classes, found 1"),
        (b"sequence,kind\nACGT,a\n", "expected a header with the columns 'sequence' and 'label'"),
        (b"id,dna,kind\n1,ACGT,a\n", "expected a header with the columns 'sequence' and 'label'"),
    ],
)
def test_a_file_that_will_not_do_is_one_line(tmp_path, content, said):
    (tmp_path / "genes.csv").write_bytes(content)
    with pytest.raises(DataError, match=said) as caught:
        dna(tmp_path / "genes.csv")
    assert "\n" not in str(caught.value)


def test_a_fasta_header_without_a_class_is_named(tmp_path):
    records = [f">g {label}\n{each}\n" for each, label in labelled()]
    (tmp_path / "genes.fa").write_text("".join([*records, ">lonely\nACGT\n"]))
    aside = dna(tmp_path / "genes.fa").info.set_aside
    assert list(aside) == [f"{tmp_path / 'genes.fa'}:41"]
    assert "ends in the class" in aside[f"{tmp_path / 'genes.fa'}:41"]


def test_nothing_there_is_one_line(tmp_path):
    with pytest.raises(DataError, match="found nothing"):
        dna(tmp_path / "none.csv")
