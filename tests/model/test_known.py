"""What a model has learned from, in its file: read back as it was, and asked how far an input is from it."""

import io
import zipfile

import keras
import numpy as np
import pytest

from tlkit.errors import ModelError
from tlkit.model.building import assemble
from tlkit.model.heads import Head, build_head
from tlkit.model.known import KNOWN, MOST_BYTES, KnownExamples, read_known, unit_length, with_unknown
from tlkit.model.saving import load_model, save_model

PAGE = {"task": "label", "kind": "image", "class_names": ["a", "b"], "input_shape": [8, 8, 3], "input_dtype": "uint8",
        "unknown": {"threshold": 0.1, "neighbours": 2}}  # fmt: skip


def small_model(units=(4,)):
    keras.utils.set_random_seed(7)
    inputs = keras.Input((8, 8, 3), dtype="uint8")
    first = keras.Model(inputs, keras.layers.Rescaling(1 / 255)(inputs), name="preprocessing")
    inputs = keras.Input((8, 8, 3))
    backbone = keras.Model(inputs, keras.layers.Conv2D(6, 3)(inputs), name="backbone")
    head = build_head((6, 6, 6), Head("softmax", 2, units=units))
    return assemble(first, backbone, head)


@pytest.fixture
def known():
    rows = np.random.default_rng(7).normal(size=(5, 6))
    return KnownExamples(unit_length(rows).astype(np.float16), 2, 0.1)


@pytest.fixture
def saved(tmp_path, known):
    save_model(small_model(), tmp_path / "model.keras", PAGE, known)
    return tmp_path / "model.keras"


def test_a_file_gives_back_what_was_learned_from(saved, known):
    found = read_known(saved)
    assert np.array_equal(found.features, known.features)
    assert (found.neighbours, found.threshold) == (2, 0.1)
    load_model(saved)


def test_a_file_without_it_says_nothing_of_the_unknown(tmp_path):
    save_model(small_model(), tmp_path / "model.keras", PAGE)
    assert read_known(tmp_path / "model.keras") is None


@pytest.mark.parametrize("units", [(4,), ()])
def test_the_graph_answers_as_before_and_tells_the_distance_beside(known, units):
    model = small_model(units)
    pictures = np.random.default_rng(1).integers(0, 256, (3, 8, 8, 3)).astype(np.uint8)
    outputs, unknown = with_unknown(model, known).predict_on_batch(pictures)
    features = model.get_layer("backbone")(model.get_layer("preprocessing")(pictures))
    assert np.array_equal(outputs, model.predict_on_batch(pictures))
    assert unknown == pytest.approx(known.scores(np.asarray(features).mean(axis=(1, 2))), abs=1e-5)


def array_file(array, version=(1, 0)):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version, allow_pickle=True)
    return file.getvalue()


def packed(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def lying():
    """A header that promises far more rows than there are."""
    file = io.BytesIO()
    header = {"descr": "<f2", "fortran_order": False, "shape": (10**9, 6)}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + bytes(12)


ROWS = np.ones((5, 6), np.float16)


@pytest.mark.parametrize(
    "content",
    [
        b"no zip",
        bytes(2 * MOST_BYTES + 1),
        packed(features=bytes(2 * MOST_BYTES + 1)),
        packed(features=lying()),
        packed(features=array_file(ROWS), more=b""),
        packed(features=array_file(ROWS.astype(np.float64))),
        packed(features=array_file(ROWS * np.float16(np.nan))),
        packed(features=array_file(ROWS[:1])),
        packed(features=array_file(ROWS, (2, 0))),
        packed(features=array_file(np.array([[{}]], object))),
    ],
)
def test_what_is_not_as_tlkit_writes_it_is_refused_in_one_line(tmp_path, content):
    save_model(small_model(), tmp_path / "model.keras", PAGE)
    with zipfile.ZipFile(tmp_path / "model.keras", "a") as archive:
        archive.writestr(KNOWN, content)
    with pytest.raises(ModelError, match=r"known\.npz: not as tlkit writes it"):
        read_known(tmp_path / "model.keras")
