"""Bytes of every format that we parse: whole ones of odd content, and damaged ones."""

import io
import json
import struct
import tarfile
import zipfile

import numpy as np
import pyarrow.parquet
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

ENDS = (0, 1, 2, 3, 8, 16, 24, 32, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
WORDS = (
    "", " ", "1", "0.5", "-1e400", "nan", "inf", "1_000", "²", "١", "--5", "-", "9" * 5000, "1" + "0" * 400, "a", "b",
    "label", "class", "text", "sequence", "ACGT", "acgtn", "-.N", "u\u0308", "\x00", "\x1c", "\x85", "\u2028", "\ufeff",
    "é", "日本", "\u202e", '"', "'", "a,b", "=1+1", "x" * 300, "𝄞" * 190, "../..", "/", "\\", "#", ">", ";", "|",
)  # fmt: skip
word = st.one_of(st.sampled_from(WORDS), st.text(max_size=6))
number = st.one_of(st.sampled_from(ENDS), st.integers(0, 2**32 - 1))


@st.composite
def damaged(draw, sound):
    """A whole file, or one with a few bytes cut, changed, added or doubled; at times bytes of no form at all."""
    data = draw(st.one_of(sound, sound, sound, st.binary(max_size=64)))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 8)))
        data = draw(st.sampled_from((
            data[:start], data[:start] + bytes(end - start) + data[end:],
            data[:start] + b"\xff" * 4 + data[start + 4 :],
            data[:start] + draw(st.binary(max_size=8)) + data[end:], data + data, data[:start] + data[end:],
        )))  # fmt: skip
    return data


@st.composite
def wavs(draw):
    code, bits = draw(st.sampled_from(((1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64), (0xFFFE, 16), (85, 0))))
    form = struct.pack("<HHIIHH", code, draw(number) % 2**16, draw(number), draw(number), 0, bits) + b"\0" * 24
    data = draw(st.binary(max_size=64))
    promised = draw(st.one_of(st.just(len(data)), number))
    chunks = [b"fmt " + struct.pack("<I", len(form)) + form, b"data" + struct.pack("<I", promised) + data]
    chunks = draw(st.permutations([*chunks, b"LIST" + struct.pack("<I", draw(number)) + b"abc\0"]))
    return b"RIFF" + struct.pack("<I", draw(number)) + b"WAVE" + b"".join(chunks)


@st.composite
def idx_files(draw):
    kind = draw(st.sampled_from((8, 9, 11, 12, 13, 14, 7)))
    sizes = draw(st.lists(st.one_of(st.integers(0, 3), number), max_size=4) | st.just([1] * 70) | st.just([0, *ENDS]))
    count = int(np.prod(sizes, dtype=object)) if sizes else 0
    data = draw(st.binary(max_size=8)) if count > 64 else bytes(count * {9: 1, 8: 1, 11: 2, 14: 8}.get(kind, 4))
    return bytes([0, 0, kind, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + data


@st.composite
def meshes(draw):
    corner = st.sampled_from(("0", "1", "-2.5", "1e308", "-1e308", "1e-320", "nan", "x", "1_0", "9" * 400))
    vertices = draw(st.lists(st.lists(corner, min_size=2, max_size=4), min_size=3, max_size=6))
    place = st.sampled_from(("0", "1", "2", "-1", "7", "9" * 5000, "²"))
    faces = draw(st.lists(st.lists(place, min_size=2, max_size=4), max_size=4))
    counts = draw(st.sampled_from((f"{len(vertices)} {len(faces)} 0", "3 1", "9999999 1 0", "x", "")))
    lines = [" ".join(each) for each in vertices] + [" ".join([str(len(each)), *each]) for each in faces]
    return "\n".join(
        [draw(st.sampled_from(("OFF", "COFF", f"OFF {counts}", "OFF BINARY", ""))), counts, *lines]
    ).encode()


@st.composite
def tables(draw, *sound_rows, ends="\n"):
    """Sound rows, some of their cells odd ones, and rows of odd cells among them."""
    mark = draw(st.sampled_from(",,,\t;| "))
    rows = [list(row) for row in sound_rows]
    for _ in range(draw(st.integers(0, 4))):
        row = draw(st.integers(0, len(rows) - 1)) if rows else 0
        if rows and rows[row] and draw(st.booleans()):
            rows[row][draw(st.integers(0, len(rows[row]) - 1))] = draw(word)
        else:
            rows.insert(row, draw(st.lists(word, max_size=4)))
    text = ends.join(mark.join(row) for row in rows) + draw(st.sampled_from(("", ends, ends * 3)))
    return text.encode("utf-8", "surrogatepass")


@st.composite
def records(draw):
    """FASTA."""
    header = st.sampled_from((">g1 a", ">g2 b", ">", "> ", ">x|y=z", ";comment", ">g3\tb"))
    letters = st.sampled_from(("ACGT", "acgu", "NNNN", "-", "", "AC5", "A C G", "ÿ", "x"))
    lines = draw(st.lists(header | letters | word, max_size=12))
    return "\n".join(lines).encode("utf-8", "surrogatepass")


kinds = st.sampled_from(("u1", "<i2", ">i8", "<f4", ">f8", "<f2", "?", "<U3", "S4", "<c8", "M8[s]", "V3", "O"))


@st.composite
def arrays(draw):
    kind = np.dtype(draw(kinds))
    shape = draw(of_numpy.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4))
    count = int(np.prod(shape))
    if kind.hasobject:
        return np.array([print] * count, object).reshape(shape)
    return np.frombuffer(draw(st.binary(min_size=kind.itemsize, max_size=64)) * max(1, count), kind, count).reshape(
        shape
    )


@st.composite
def npy_files(draw):
    """An array; a header of anything; a file of another kind."""
    if draw(st.integers(0, 3)):
        out = io.BytesIO()
        np.save(out, draw(arrays()))
        return out.getvalue()
    header = repr({"descr": draw(st.sampled_from(("<f4", "|O", "x", [("a", "<f4")], 3))), "fortran_order": False,
                   "shape": draw(st.sampled_from(((), (2,), (-1,), (2**62, 2**62), "x", (0, 2**63))))})  # fmt: skip
    header = draw(
        st.sampled_from((header, "(" * 3000, "{" * 200, "9" * 5000, "", "[]", header + "\0", "__import__('os')"))
    )
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header.encode() + draw(st.binary(max_size=32))


@st.composite
def npz_files(draw):
    """Arrays under the names that sources look for, of a few sound examples or of any form."""
    names = ("x", "y", "X", "x_train", "y_train", "X_train", "X_test", "y_test", "class_names", "a/b", "")
    found = draw(st.dictionaries(st.sampled_from(names), arrays(), max_size=3))
    for name, shape in draw(st.sampled_from(((), (("x", (8, 9)), ("y", 8)), (("X", (8, 4, 4, 4)), ("y", 8))))):
        sound = (np.arange(np.prod(shape)) % 2).reshape(shape)
        found[name] = draw(st.one_of(st.just(sound), st.just(sound), arrays()))
    out = io.BytesIO()
    np.savez(out, **found)
    return out.getvalue()


@st.composite
def archives(draw):
    """A zip or a tar with members of any name, links among them."""
    names = ("a/1.png", "a/2.png", "b/1.png", "a", "a/", "/etc/x", "../x", "..\\x", "C:\\x", "c:x", ".", "", "é",
             "a//b", "x" * 300, "a/" * 200, "\udcff", "\u202e", "n\0l", "CON", "a/../../x", "~", "-rf")  # fmt: skip
    members = draw(st.lists(st.tuples(st.sampled_from(names), st.binary(max_size=20)), max_size=4))
    out, form = io.BytesIO(), draw(st.sampled_from(("zip", "zip", "w", "w:gz", "w:bz2", "w:xz")))
    if form == "zip":
        with zipfile.ZipFile(out, "w", draw(st.sampled_from((0, 8, 12, 14)))) as archive:
            for name, data in members:
                archive.writestr(zipfile.ZipInfo(name.replace("\udcff", "?") or "x"), data)
        return out.getvalue()
    with tarfile.open(fileobj=out, mode=form, format=draw(st.sampled_from((0, 1, 2)))) as archive:
        for name, data in members:
            member = tarfile.TarInfo(name[:90] if archive.format == 0 else name)
            member.type = draw(st.sampled_from((b"0", b"0", b"0", b"1", b"2", b"3", b"5", b"6")))
            member.linkname, member.size = "../../x", len(data) if member.type == b"0" else 0
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


@st.composite
def parquets(draw):
    """A table with a note of pandas that says anything of its columns."""
    out, table = io.BytesIO(), pyarrow.table({"x": range(8), "y": [0.5] * 8, "label": list("abababab")})
    note = draw(st.fixed_dictionaries({}, optional=dict.fromkeys(NOTED, NOTES | plain)))
    said = draw(st.sampled_from((json.dumps(note), json.dumps(note)[:-2], "[]", "")))
    pyarrow.parquet.write_table(table.replace_schema_metadata({"pandas": said} if draw(st.booleans()) else None), out)
    return out.getvalue()


NOTED = ("columns", "index_columns", "column_indexes", "pandas_version", "attributes")
NOTE = {name: st.sampled_from(("x", "label", "int64", "object", "datetime64[ns]", "category", "é", 3, None))
        for name in ("name", "field_name", "pandas_type", "numpy_type", "metadata")}  # fmt: skip
NOTES = st.lists(st.fixed_dictionaries({}, optional=NOTE) | st.sampled_from(("x", "label", 7, None)), max_size=3)
KEYS = (
    "name", "seed", "data", "model", "train", "augment", "tune", "base", "path", "source", "head", "net", "epochs",
    "phases", "steps", "space", "<<", "1", "true", "~", "? [a]", "'x'", "*a", "!!int x", "é", "1.5", "2001-01-01",
    '""',
)  # fmt: skip
VALUES = (
    "1", "x", "[]", "{}", "[1, x]", "{a: 1}", "&a [1]", "*a", "!!int ''", "!!int '-'", "!!float ''", "!!bool x",
    "!!timestamp x", "!!binary 'ä'", "!!set {a}", "!!omap [a: 1]", "!!pairs [a: 1]", "!!python/name:os.system",
    "!x y", "1:60", "0o7", "0b", "2001-99-01", "2001-01-01 00:00:00 +99:00", "|\n  text", ">\n  text", "- x", "@",
    "`", "%", "\t", "[" * 400, "{a: " * 300, "9" * 5000, "1e999", ".inf", ".nan", "cats", "image_folder", "cnn",
    "null", "&b {<<: *b}", "{? [x] : 1}", "{[1]: 2}", "0x", "!!null x", "!!str [a]", "!!map x", "!!seq x",
    "'\\ud800'", '"\\ud800"', '"\\U00110000"', "? ", "=", "!!value x",
)  # fmt: skip


@st.composite
def pages(draw):
    """YAML: lines of keys and values of recipes and of YAML's corners."""
    lines = []
    for _ in range(draw(st.integers(0, 8))):
        key, value = draw(st.sampled_from(KEYS) | word), draw(st.sampled_from(VALUES) | word)
        lines.append(f"{' ' * draw(st.sampled_from((0, 0, 0, 2, 4)))}{key}:{draw(st.sampled_from((' ', '')))}{value}")
    return "\n".join(lines).encode("utf-8", "surrogatepass")


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=6), inner, max_size=3),
    max_leaves=8,
)


def numbered(*names):
    """Rows of a few signals, the class first."""
    return [[name, *(f"{place + step / 4}" for step in range(8))] for place, name in enumerate(names)]
