"""Model and weight files made to run code, read other files or fill the memory: one line, and nothing runs."""

import json
import os
import tempfile
import zipfile

import h5py
import keras
import numpy as np
import pytest

import tlkit
from tlkit.data.files.array_files import read_arrays
from tlkit.errors import DataError, ModelError
from tlkit.model.saving import load_model, save_model
from tlkit.pretrained.backbones import load_weights_file
from tlkit.serving.mlflow_loader import _load_pyfunc

PAGE = {"task": "label", "kind": "array", "class_names": ["a", "b"], "input_shape": [4], "input_dtype": "float32"}


@pytest.fixture
def marker(tmp_path, monkeypatch):
    """A file that is there once anything has run; a module that makes it lies in the working folder and in the path."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "evil.py").write_text("open('ran', 'w')\ndef run(*_): ...\nclass Layer: ...\n")
    return tmp_path / "ran"


@pytest.fixture
def plain(tmp_path):
    """A plain model as tlkit writes it, with a model within it that was compiled."""
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(4)], name="inner")
    inner.compile("adam", "mse")
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(2, "softmax")(inner(inputs) * 2))
    save_model(model, tmp_path / "plain.keras", PAGE)
    return tmp_path / "plain.keras"


def altered(path, **changed):
    """A copy with other members; None takes one out."""
    copy = path.with_name("model.keras")
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(copy, "w") as file:
        for name in {*whole.namelist(), *changed}:
            content = changed[name] if name in changed else whole.read(name)
            if content is not None:
                file.writestr(name, content)
    return copy


def configured(path, change):
    """A copy whose description was changed by a function."""
    with zipfile.ZipFile(path) as whole:
        config = json.loads(whole.read("config.json"))
    change(config["config"]["layers"])
    return altered(path, **{"config.json": json.dumps(config)})


def refused(path, said):
    for door in (load_model, lambda path: tlkit.load_model(path).model, _load_pyfunc):
        with pytest.raises(ModelError) as refusal:
            door(path)
        assert f"{path}: not a model that can be loaded" in str(refusal.value)
        assert said in str(refusal.value)
        assert "\n" not in str(refusal.value)


def function(module, name, **more):
    return {"class_name": "function", "module": module, "config": name, "registered_name": name, **more}


LAMBDA = {"class_name": "Lambda", "module": "keras.layers", "config": {"function": function("os", "system")}}
OBJECTS = {
    "a Lambda": (LAMBDA, "keras.layers.Lambda, which can run any code"),
    "a Lambda by its file": ({**LAMBDA, "module": "keras.src.layers.core.lambda_layer"}, "which can run any code"),
    "a Lambda of old": ({"class_name": "Lambda", "config": {"function": ["4wE=", None, None]}}, "can run any code"),
    "a lambda": ({"class_name": "__lambda__", "config": {"value": "4wE="}}, "__lambda__, which can run any code"),
    "a pickle of PyTorch": ({"class_name": "TorchModuleWrapper", "module": "keras.layers", "config": {}}, "any code"),
    "a SavedModel": ({"class_name": "TFSMLayer", "module": "keras.layers", "config": {"filepath": "x"}}, "any code"),
    "a type of TensorFlow": ({"class_name": "__typespec__", "config": [], "module": "evil"}, "evil.__typespec__"),
    "CVE-2025-1550": (function("os", "system"), "os.system, which is no function of Keras for models"),
    "CVE-2025-1550, a module of one's own": (function("evil", "run"), "evil.run"),
    "CVE-2025-1550, a class": ({"class_name": "Layer", "module": "evil", "config": {}}, "evil.Layer, which is no part"),
    "CVE-2025-8747": (function("keras.utils", "get_file"), "keras.utils.get_file"),
    "CVE-2025-8747, by its file": (function("keras.src.utils.file_utils", "get_file"), "get_file, which is no func"),
    "CVE-2025-9906": (function("keras.config", "enable_unsafe_deserialization"), "enable_unsafe_deserialization"),
    "a builder": (function("keras.losses", "deserialize"), "deserialize, which is no function of a model"),
    "CVE-2025-12058": (
        {"class_name": "StringLookup", "module": "keras.layers", "config": {"vocabulary": "/etc/passwd"}},
        "keras.layers.StringLookup, whose vocabulary is a file",
    ),
    "a registered name": (
        {"class_name": "Dense", "module": "evil", "registered_name": "evil>Dense", "config": {}}, "evil.Dense",
    ),
    "a file of one's own": (
        {"class_name": "Gate", "module": f"tlkit_own_{b'/tmp/net.py'.hex()}", "config": {}},
        "names /tmp/net.py.Gate, which",
    ),
    "no part of a model": ({"class_name": "Progbar", "module": "keras.utils", "config": {"target": 1}}, "Progbar"),
    "no name": ({"class_name": ["Dense"], "module": "keras.layers", "config": {}}, "which is no name"),
}  # fmt: skip


@pytest.mark.parametrize(("named", "said"), OBJECTS.values(), ids=OBJECTS)
def test_what_a_description_may_not_name_is_refused_wherever_it_stands(plain, marker, named, said):
    wrapped = {"class_name": "TimeDistributed", "module": "keras.layers", "config": {"layer": named}}
    for change in (
        lambda layers: layers.append(named),
        lambda layers: layers.append(wrapped),
        lambda layers: layers[-1]["config"].update(activation=named),
        lambda layers: layers[-1].update(build_config={"input_shape": [None, named]}),
        lambda layers: layers[1]["config"]["layers"].append(named),
        lambda layers: layers[1]["compile_config"].update(loss=named),
    ):
        refused(configured(plain, change), said)
    assert not marker.exists()


def test_a_real_lambda_runs_in_neither_format(tmp_path, marker):
    inputs = keras.Input((4,))
    model = keras.Model(
        inputs, keras.layers.Lambda(lambda x: (__import__("pathlib").Path("ran").touch(), x)[1])(inputs)
    )
    model.save(tmp_path / "model.keras")
    model.save(tmp_path / "model.h5")
    marker.unlink()
    keras.saving.load_model(tmp_path / "model.keras", safe_mode=False)
    assert marker.exists(), "it would have run"
    marker.unlink()
    with pytest.raises(ModelError, match="Lambda, which can run any code"):
        load_model(tmp_path / "model.keras")
    for name in ("model.keras", "model.h5"):  # CVE-2025-9905
        with pytest.raises(ModelError, match="Lambda, which can run any code"):
            load_weights_file(model, str(tmp_path / name))
    with pytest.raises(ModelError, match=r"model\.h5: not a model that can be loaded"):
        tlkit.load_model(tmp_path / "model.h5")
    assert not marker.exists()


def test_models_of_keras_alone_are_loaded_whatever_their_parts(tmp_path):
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.RandomFlip()(inputs)
    x = keras.layers.Conv2D(4, 3, activation="gelu", kernel_regularizer="l2", kernel_constraint="max_norm")(x)
    x = keras.ops.relu(x - keras.ops.mean(x, axis=(1, 2), keepdims=True))
    x = keras.layers.TimeDistributed(keras.layers.Dense(3, keras.activations.swish))(x)
    x = keras.layers.Bidirectional(keras.layers.LSTM(3))(keras.layers.Reshape((36, 3))(x))
    model = keras.Model(inputs, keras.layers.Dense(2)(x))
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    model.compile(keras.optimizers.AdamW(schedule), lambda target, output: output, [keras.metrics.AUC()])
    outer = keras.Sequential([keras.Input((8, 8, 3)), model])
    model.compile(keras.optimizers.AdamW(schedule), "mse", [keras.metrics.MeanAbsoluteError()])
    outer.compile("sgd", lambda target, output: output)
    save_model(outer, tmp_path / "model.keras", PAGE)
    again, _ = load_model(tmp_path / "model.keras")
    values = np.random.default_rng(0).random((2, 8, 8, 3))
    np.testing.assert_allclose(again.predict_on_batch(values), outer.predict_on_batch(values), rtol=1e-5)
    outer.save(tmp_path / "weights.keras")  # compiled with a function of one's own
    load_weights_file(outer, str(tmp_path / "weights.keras"))
    outer.save_weights(tmp_path / "model.weights.h5")
    load_weights_file(outer, str(tmp_path / "model.weights.h5"))


MEMBERS = {
    "outside": ("../ran", b"", "leads out of the file"),
    "from the root": ("{}/ran", b"", "leads out of the file"),
    "of Windows": ("assets\\..\\..\\ran", b"", "leads out of the file"),
    "a bomb": ("assets/zeros", bytes(1), "unpacks to more than a model can be"),
}


@pytest.mark.parametrize(("name", "content", "said"), MEMBERS.values(), ids=MEMBERS)
def test_a_member_that_is_not_what_it_should_be_is_refused(plain, tmp_path, monkeypatch, name, content, said):
    monkeypatch.setattr("tlkit.pretrained.model_files.FREE", 1 << 20)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))  # where Keras would unpack it
    (tmp_path / "temporary").mkdir()
    with zipfile.ZipFile(plain, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name.format(tmp_path), content * (20 << 20))
    refused(plain, said)
    assert not list(tmp_path.rglob("ran"))


def test_a_link_and_a_member_that_stands_there_twice_are_refused(plain):
    link = zipfile.ZipInfo("assets/link")
    link.external_attr = 0xA1FF << 16
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(altered(plain), "a") as file:
        file.writestr("config.json", "{}")
    refused(plain.with_name("model.keras"), "'config.json' is a link, stands there twice")
    with zipfile.ZipFile(altered(plain), "a") as file:
        file.writestr(link, "/etc/passwd")
    refused(plain.with_name("model.keras"), "'assets/link' is a link")


def _outside(file):
    file["layers/a"] = h5py.ExternalLink("secret.h5", "/secret")


def _soft(file):
    file["layers/a"] = h5py.SoftLink("/vars")


def _external(file):
    file.create_dataset("layers/a", (4,), "u1", external=[("secret.h5", 0, 4)])


def _virtual(file):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("secret.h5", "secret", (4,))
    file.create_virtual_dataset("layers/a", layout)


def _bomb(file):
    file.create_dataset("layers/a", (1 << 40,), "f8", chunks=(1 << 10,), compression="gzip")


HDF5 = {
    "a link to another file": (_outside, "is a link (ExternalLink)"),
    "a soft link": (_soft, "is a link (SoftLink)"),
    "numbers in another file": (_external, "keeps its numbers in other files"),
    "a view of another file": (_virtual, "keeps its numbers in other files"),
    "a bomb": (_bomb, "unpacks to 8,388,608 MB"),
}


@pytest.mark.parametrize(("add", "said"), HDF5.values(), ids=HDF5)
def test_weights_that_reach_out_of_their_file_are_refused(plain, tmp_path, monkeypatch, add, said):
    monkeypatch.chdir(tmp_path)
    with h5py.File("secret.h5", "w") as file:
        file["secret"] = np.arange(4.0)
    model, _ = load_model(plain)
    model.save_weights("a.weights.h5")
    with h5py.File("a.weights.h5", "a") as file:
        add(file)
    with pytest.raises(ModelError) as refusal:
        load_weights_file(model, "a.weights.h5")
    assert "a.weights.h5: not weights that can be loaded" in str(refusal.value)
    assert said in str(refusal.value)
    refused(altered(plain, **{"model.weights.h5": (tmp_path / "a.weights.h5").read_bytes()}), said)


class Evil:
    """What a pickle of it runs."""

    def __reduce__(self):
        return os.system, ("touch ran",)


def test_pickled_weights_are_not_read(plain, marker, tmp_path):
    np.savez(tmp_path / "a.npz", a=np.array([Evil()], dtype=object))
    pickled = {"model.weights.h5": None, "model.weights.npz": (tmp_path / "a.npz").read_bytes()}
    refused(altered(plain, **pickled), "no item named 'model.weights.h5'")
    np.save(tmp_path / "a.npy", np.array([Evil()], dtype=object))
    for name in ("a.npz", "a.npy"):
        with pytest.raises(DataError, match="Object arrays cannot be loaded"):
            read_arrays(tmp_path / name)
    assert not marker.exists()
