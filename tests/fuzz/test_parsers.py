"""Every parser of ours on whatever a file holds: a result or one clear line that names it. What was written is read."""

import contextlib
import csv
import io
import tarfile
import tempfile
import wave
import zipfile
from pathlib import Path
from typing import NamedTuple

import file_forms as forms
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tlkit.commands.init import start_recipe
from tlkit.data.assembly.file_names import found_in_names
from tlkit.data.assembly.quarantine import without_quarantined
from tlkit.data.download.archives import unpacked
from tlkit.data.files.array_files import read_arrays
from tlkit.data.labels import class_order, plain_label
from tlkit.data.splits import Examples, Info, Splits
from tlkit.data.tables.delimited import lines_of, read_rows
from tlkit.data.tables.frames import read_table
from tlkit.data.tables.sheets import read_sheet
from tlkit.errors import TlkitError, shortened
from tlkit.kinds.detection.name_patterns import name_patterns
from tlkit.kinds.dna.dna import dna
from tlkit.kinds.dna.fasta import encode_letters, read_fasta
from tlkit.kinds.image.idx import idx, read_idx
from tlkit.kinds.image.picture_tables import picture_table
from tlkit.kinds.image.pictures import inspect_picture
from tlkit.kinds.signal.signal_files import read_recording
from tlkit.kinds.signal.signals import signals
from tlkit.kinds.signal.wav import read_wav
from tlkit.kinds.table.table import table
from tlkit.kinds.text.text import text
from tlkit.kinds.views.view_sets import turns_by_pattern
from tlkit.kinds.voxels.meshes import read_off, voxelize
from tlkit.kinds.voxels.voxels import voxels
from tlkit.layers.alphabet import ALPHABET
from tlkit.recipe.loading import load_recipe
from tlkit.recipe.overriding import override, parse_setting
from tlkit.recipe.space import read_space
from tlkit.recipe.yaml_lines import parse_page

_MOST = 3100  # characters of a refusal, with what is said of those left out


class Parser(NamedTuple):
    """What reads a file of this name, and the bytes that are tried."""

    file: str
    content: st.SearchStrategy
    read: object


SIGNALS = forms.tables(*forms.numbered(*"abababababab"))
NUMBERS = forms.tables(["x", "y", "label"], *([str(i), str(i / 4), "ab"[i % 2]] for i in range(8)))
TEXTS = forms.tables(["text", "label"], *([f"word {i} word", "ab"[i % 2]] for i in range(8)))
GENES = forms.tables(*([f"{'ACGT'[i % 4]}CGT", "ab"[i % 2]] for i in range(8)))
PARSERS = {
    "wav": Parser("a.wav", forms.wavs(), read_wav),
    "idx": Parser("train-images-idx3-ubyte", forms.idx_files(), read_idx),
    "idx labels": Parser("train-labels-idx1-ubyte", forms.idx_files(), lambda path: idx(_with_pictures(path))),
    "off": Parser("a.off", forms.meshes(), lambda path: voxelize(*read_off(path), 6)),
    "fasta": Parser("a.fasta", forms.records(), lambda path: list(read_fasta(path))),
    "npy": Parser("a.npy", forms.npy_files() | forms.npz_files(), read_arrays),
    "npz": Parser("a.npz", forms.npz_files() | forms.npy_files(), read_arrays),
    "recording npy": Parser("a.npy", forms.npy_files() | forms.npz_files(), read_recording),
    "recording csv": Parser("a.csv", forms.tables(["1", "2"], ["3", "4"]), read_recording),
    "rows": Parser("a.csv", TEXTS, read_rows),
    "lines": Parser("a.txt", SIGNALS, lambda path: list(lines_of(path))),
    "frame": Parser("a.csv", NUMBERS, read_table),
    "sheet": Parser("a.csv", NUMBERS, read_sheet),
    "sheet parquet": Parser("a.parquet", forms.parquets(), read_sheet),
    "zip": Parser("a.zip", forms.archives(), unpacked),
    "tar": Parser("a.tar.gz", forms.archives(), unpacked),
    "recipe": Parser("a.yaml", forms.pages(), load_recipe),
    "signals csv": Parser("a.csv", SIGNALS, signals),
    "signals npz": Parser("a.npz", forms.npz_files(), signals),
    "voxels npz": Parser("a.npz", forms.npz_files(), voxels),
    "table csv": Parser("a.csv", NUMBERS, table),
    "text csv": Parser("a.csv", TEXTS, text),
    "dna csv": Parser("a.csv", GENES, dna),
    "dna fasta": Parser("a.fasta", forms.records(), dna),
    "picture table": Parser("a.csv", NUMBERS, lambda path: picture_table(path, image="x")),
    "picture": Parser("a.png", st.binary(), inspect_picture),
    **{f"init {file}": Parser(file, content, start_recipe) for file, content in {
        "a.csv": SIGNALS | NUMBERS | TEXTS | GENES, "a.tsv": SIGNALS | NUMBERS, "a.fasta": forms.records(),
        "a.npy": forms.npy_files() | forms.npz_files(), "a.npz": forms.npz_files(), "a.wav": forms.wavs(),
        "a.zip": forms.archives(), "a.parquet": forms.parquets(),
    }.items()},
}  # fmt: skip


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
def test_a_file_of_any_content_is_read_or_refused_in_one_line(name, data):
    parser = PARSERS[name]
    with folder() as home:
        path = home / parser.file
        path.write_bytes(content := data.draw(forms.damaged(parser.content)))
        line = refusal(parser.read, path)
        assert line is None or parser.file in line or str(home) in line, f"does not name the file: {line}"
        assert path.read_bytes() == content
        assert {each.name for each in home.iterdir()} <= {parser.file, "train-images-idx3-ubyte"}


def _saved(**arrays):
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def _packed(name, *, mode="w", cut=0):
    """A tar with one member."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo(name)
        member.size, data = 50_000, np.random.default_rng(0).bytes(50_000)
        archive.addfile(member, io.BytesIO(data))
    return out.getvalue()[: len(out.getvalue()) - cut]


FOUND = {
    "idx of 70 axes": ("idx", b"\0\0\x08\x46" + b"\0\0\0\1" * 70 + b"\0", "number of axes"),
    "idx of nothing": ("idx", b"\0\0\x08\x03" + bytes(4) + b"\xff" * 8, "found none"),
    "two billion classes": ("idx labels", b"\0\0\x0c\1\0\0\0\2\0\0\0\0\x7f\xff\xff\xf0", "at most 100,000"),
    "rows of commas": ("rows", b",,,\n,,,\n", "none with anything in them"),
    "texts of commas": ("text csv", b",,,\n,,,\n", "none with anything in them"),
    "genes of commas": ("dna csv", b",,,\n,,,\n", "none with anything in them"),
    "a cell of 16 million digits": ("lines", b"1," + b"5" * (1 << 24) + b"5\n", "cannot be read as a row"),
    "an archive named .npy": ("recording npy", _saved(x=np.zeros(3)), "expected one array"),
    "one grid, of no axes": ("voxels npz", _saved(X=np.array(1), y=np.arange(2)), "1 grids"),
    "a number of no digits": ("recipe", b"name: a\nseed: !!int ''\n", "a.yaml:2: not valid YAML: '' is no int"),
    "a truth of neither": ("recipe", b"name: !!bool x\n", "a.yaml:1: not valid YAML: 'x' is no bool"),
    "a time of no form": ("recipe", b"name: !!timestamp x\n", "a.yaml:1: not valid YAML: 'x' is no timestamp"),
    "a number of 5000 digits": ("recipe", b"seed: " + b"9" * 5000, "a.yaml:1: not valid YAML: '999"),
    "a base of a name too long": ("recipe", b"base: " + b"x" * 300, "a.yaml:1: base: no such recipe"),
    "a member with a zero in its name": ("tar", _packed("é\0b"), "cannot be unpacked"),
    "damaged xz": ("tar", _packed("a", mode="w:xz", cut=3000) + b"\xff" * 3000, "cannot be unpacked"),
    "a zip that is none": ("init a.npz", b"PK\3\4" + bytes(40), "not recognised"),
}


@pytest.mark.parametrize(("name", "content", "said"), FOUND.values(), ids=FOUND)
def test_what_is_found_once_stays_refused(name, content, said):
    parser = PARSERS[name]
    with folder() as home:
        (home / parser.file).write_bytes(content)
        assert said in refusal(parser.read, home / parser.file)


def test_digits_that_are_no_numbers_are_classes_like_words():
    assert class_order(["2", "²", "10"]) == ("10", "2", "²")
    assert class_order(["--5", "-"]) == ("-", "--5")
    assert class_order(["10", "9", "-1"]) == ("-1", "9", "10")


def test_a_long_sequence_that_ends_in_a_wrong_letter_is_passed_over_at_once():
    with folder() as home:
        rows = "".join(f"{'ACGT' * 50_000}{'5' * (i < 4)},{'ab'[i % 2]}\n" for i in range(8))
        (home / "a.csv").write_text("sequence,label\n" + rows)
        assert "letter '5' at place 200001" in refusal(dna, home / "a.csv")


def test_a_setting_puts_a_mapping_where_a_word_stood():
    assert override({"augment": ["flip"]}, "augment.0.rotate", 3) == {"augment": [{"rotate": 3}]}


def test_names_too_long_for_any_file_are_of_none():
    assert "nothing there" in refusal(start_recipe, Path("x" * 300))
    with folder() as home:
        (home / "a.csv").write_text("1,2,3\n")
        assert "no such file" in refusal(lambda path: signals(path, test_path="x" * 300), home / "a.csv")


def test_a_word_too_long_for_a_file_name_names_no_picture():
    with folder() as home:
        (home / "a.csv").write_text("path,label\n" + f"{'𝄞' * 190}.png,a\n" * 8, encoding="utf-8")
        refusal(start_recipe, home / "a.csv")


@given(data=st.data())
def test_a_folder_of_files_of_any_content_is_guessed_or_refused_in_one_line(data):
    suffixes = {Path(each.file).suffix: each.content for each in PARSERS.values() if "." in each.file}
    with folder() as home:
        for name in data.draw(st.lists(st.sampled_from(NAMES), max_size=5, unique=True)):
            for suffix in data.draw(st.lists(st.sampled_from(sorted(suffixes)), max_size=2, unique=True)):
                (home / name).parent.mkdir(parents=True, exist_ok=True)
                (home / f"{name}{suffix}").write_bytes(data.draw(forms.damaged(suffixes[suffix])))
        refusal(start_recipe, home)


NAMES = ("cat/1", "cat/2", "dog/1", "train/cat/1", "train/dog/1", "test/cat/1", "x_TRAIN", "x_TEST", "1_a_2", "2_b_3",
         "Ⅷ1", "²_1", "_", "-1", "é 1", "obj1__0", "obj2__0", "a" * 200)  # fmt: skip


@given(st.lists(st.sampled_from(NAMES) | st.text("ab01_-²Ⅷ./ ", min_size=1, max_size=12), max_size=8, unique=True))
def test_patterns_found_in_names_find_a_class_in_each(names):
    names = [f"{each}.png" for each in names]
    for each in name_patterns(names):
        assert sum(each.classes.values()) == len(names)
        assert len(found_in_names(names, each.expression, "data.label")) == len(names)
        assert each.told()


@given(st.text(max_size=20), st.sampled_from(("data.label", "data.group")))
def test_any_pattern_of_a_recipe_finds_something_or_is_refused(pattern, key):
    assert (refusal(lambda _: found_in_names(["cat_1.png", "dog_2.png"], pattern, key), Path()) or key).startswith(key)


@given(
    st.text("{}objectviewlabel_/.*[(\\1", max_size=30) | st.sampled_from(("{object}_{view}.png", "{view}{object}.png"))
)
def test_any_pattern_of_views_finds_objects_or_is_refused(pattern):
    with folder() as home:
        for name in ("a_1.png", "a_2.png", "b_².png", "b_1_2.png"):
            (home / name).touch()
        refusal(lambda path: turns_by_pattern(path, pattern), home)


@given(st.lists(forms.word, min_size=1, max_size=6))
def test_any_words_are_classes_in_one_order(words):
    names = [plain_label(each) for each in words]
    assert sorted(class_order(names)) == sorted(set(names))
    assert class_order(reversed(class_order(names))) == class_order(names)


PART = Examples(np.zeros((2, 1)), np.arange(2), ["b", "c"], ["a", "x"], None)
SPLITS = Splits(PART, PART, PART, Info("label", (1,), "float32", "table", ("a", "b")))


@given(forms.damaged(forms.tables(["name", "id", "reason"], ["a", "b", "c"])))
def test_any_quarantine_is_read_or_refused(content):
    with folder() as home:
        (home / "a.csv").write_bytes(content)
        refusal(lambda path: without_quarantined(SPLITS, path, below=None, named=True), home / "a.csv")


SETTINGS = ("data.path", "augment", "augment.0", "augment.0.flip", "train.phases.0.epochs", "train.phases", "name.x",
            "", ".", "a..b", "tune.space", "model.head.dropout", "data", "seed", "base", "²", "0")  # fmt: skip


@given(st.sampled_from(SETTINGS) | forms.word, st.sampled_from(forms.VALUES) | forms.word)
def test_any_setting_is_taken_or_refused(path, value):
    with folder() as home:
        (home / "a.yaml").write_text("name: a\naugment: [flip, {rotate: 10}]\ntrain: {phases: [{epochs: 1}]}\n")
        refusal(lambda file: load_recipe(file, [f"{path}={value}"]), home / "a.yaml")


FIELDS = st.sampled_from(("train.learning_rate", "model.head.dropout", "seed", "x", "train.phases.0"))
RANGES = st.fixed_dictionaries({"float": st.lists(st.floats() | st.text(max_size=3), max_size=3)})


@given(st.dictionaries(FIELDS, forms.plain | RANGES))
def test_any_space_of_a_search_is_read_or_refused(space):
    with folder() as home:
        (home / "a.yaml").write_text(yaml.safe_dump({"tune": {"space": space}}), encoding="utf-8")
        refusal(lambda file: read_space(load_recipe(file)), home / "a.yaml")


# what was written is read ---------------------------------------------------------------------------------------------


@given(st.integers(1, 3), st.sampled_from((1, 2, 4)), st.integers(1, 2**20), st.binary(min_size=12, max_size=96))
def test_a_wav_of_the_standard_library_is_read_as_it_was_written(channels, width, rate, data):
    data = data[: len(data) - len(data) % (channels * width)]
    with folder() as home:
        with wave.open(str(home / "a.wav"), "wb") as file:
            file.setnchannels(channels), file.setsampwidth(width), file.setframerate(rate)
            file.writeframes(data)
        read = read_wav(home / "a.wav")
    whole = np.frombuffer(data, {1: "u1", 2: "<i2", 4: "<i4"}[width]).reshape(-1, channels).astype(float)
    assert read.rate == rate
    np.testing.assert_array_equal(read.samples, ((whole - 128 * (width == 1)) / 2.0 ** (8 * width - 1)).astype("f4"))


@given(forms.arrays().filter(lambda each: each.dtype.kind != "O"), st.booleans())
def test_arrays_of_numpy_are_read_as_they_were_written(array, several):
    with folder() as home:
        path = home / ("a.npz" if several else "a.npy")
        np.savez(path, a=array, b=array) if several else np.save(path, array)
        for each in read_arrays(path).values():
            assert (each.dtype, each.shape, each.tobytes()) == (array.dtype, array.shape, array.tobytes())


@given(st.lists(st.lists(st.text("ab1 \"',;\n=é", max_size=5), min_size=2, max_size=3), min_size=1, max_size=4))
def test_a_table_of_the_standard_library_is_read_as_it_was_written(rows):
    out = io.StringIO()
    csv.writer(out).writerows([["head", "of", "it"], *rows])
    with folder() as home:
        (home / "a.csv").write_text(out.getvalue(), encoding="utf-8", newline="")
        read = [cells for _, cells in read_rows(home / "a.csv")]
    assert read[1:] == [stripped for row in rows if any(stripped := [each.strip() for each in row])]


@given(st.lists(st.tuples(st.text("ab c|=", max_size=6), st.text("ACGTNacgt-", min_size=1, max_size=9)), min_size=1))
def test_fasta_is_read_as_it_was_written(records):
    with folder() as home:
        (home / "a.fasta").write_text("".join(f">{name}\n{letters[:4]}\n{letters[4:]}\n" for name, letters in records))
        read = [(header, letters) for _, header, letters in read_fasta(home / "a.fasta")]
    assert read == [(name.strip(), letters) for name, letters in records]


@given(st.text("".join(ALPHABET), min_size=1))
def test_letters_are_read_as_they_were_written(letters):
    assert "".join(list(ALPHABET)[code] for code in encode_letters(letters)) == letters


@given(st.lists(st.tuples(*[st.floats(-1e9, 1e9)] * 3), min_size=3, max_size=6), st.data())
def test_a_mesh_is_read_as_it_was_written(vertices, data):
    faces = data.draw(st.lists(st.tuples(*[st.integers(0, len(vertices) - 1)] * 3), min_size=1, max_size=4))
    lines = [" ".join(map(repr, each)) for each in vertices] + [f"3 {a} {b} {c}" for a, b, c in faces]
    with folder() as home:
        (home / "a.off").write_text("\n".join(["OFF", f"{len(vertices)} {len(faces)} 0", *lines]))
        read_vertices, read_faces = read_off(home / "a.off")
    assert (read_vertices.tolist(), read_faces.tolist()) == ([list(each) for each in vertices], [*map(list, faces)])


@given(
    st.dictionaries(
        st.sampled_from(("a/1.png", "a/2.png", "b/é.png", "c.txt", "d/e/f")), st.binary(max_size=50), min_size=2
    )
)
def test_an_archive_is_unpacked_as_it_was_packed(files):
    with folder() as home:
        with zipfile.ZipFile(home / "a.zip", "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
            archive.writestr("other.txt", b"")
        place = unpacked(home / "a.zip")
        read = {each.relative_to(place).as_posix(): each.read_bytes() for each in place.rglob("*") if each.is_file()}
    assert read == {**files, "other.txt": b""}


@given(st.dictionaries(st.text(min_size=1, max_size=6), forms.plain, min_size=1, max_size=4))
def test_a_page_is_read_as_it_was_written_and_knows_its_lines(values):
    written = yaml.safe_dump(values, sort_keys=False)
    page = parse_page(written, "a.yaml")
    assert page.values == values
    lines = written.split("\n")
    for key in values:
        assert page.places[key].startswith("a.yaml:")
        assert int(page.places[key].rpartition(":")[2]) <= len(lines)


@given(
    st.lists(st.text("ab", min_size=1, max_size=2), min_size=1, max_size=3), st.integers() | st.text("ab", max_size=3)
)
def test_what_is_put_under_a_path_is_found_there(keys, value):
    found = override({"a": {"b": 1}, "b": [1]}, ".".join(["x", *keys]), value)
    for key in ["x", *keys]:
        found = found[key]
    assert found == value
    assert parse_setting(f"a={value!r}")[0] == "a"


def refusal(read, path):
    """The line that refuses a file; None where it is read. Anything else that is raised is a fault of ours."""
    try:
        read(path)
    except TlkitError as error:
        said = shortened(str(error))
        assert said.strip()
        assert len(said) <= _MOST, f"{len(said)} characters"
        assert "Traceback" not in said
        return said
    return None


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        yield Path(home)


def _with_pictures(labels):
    pictures = labels.with_name("train-images-idx3-ubyte")
    count = int.from_bytes(labels.read_bytes()[4:8], "big")
    shape = np.array([min(count, 64), 4, 4], ">u4")
    pictures.write_bytes(bytes([0, 0, 8, 3]) + shape.tobytes() + bytes(16 * int(shape[0])))
    return labels.parent
