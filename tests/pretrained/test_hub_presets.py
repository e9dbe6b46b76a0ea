"""Presets of KerasHub, saved to disk by KerasHub itself: pictures are scaled, sized and pooled as their makers do."""

import dataclasses
import json
import shutil

import keras
import numpy as np
import pytest
import yaml
from command_line import tlkit
from drawing import draw_pictures
from PIL import Image

from tlkit.data.splits import Info
from tlkit.errors import TlkitError
from tlkit.kinds.image.pictures import read_picture
from tlkit.model.building import assemble, backbone_spec, build_backbone
from tlkit.model.heads import Head, build_head
from tlkit.model.saving import load_model, save_model
from tlkit.pretrained.hub_presets import preset_of
from tlkit.recipe.loading import load_recipe
from tlkit.training.planning import load_data

keras_hub = pytest.importorskip("keras_hub", reason="needs KerasHub: make hub-test")

SCALING = {"scale": [0.01, 0.02, 0.03], "offset": [0.5, -0.25, -1.0]}
VIT = {"image_shape": (32, 32, 3), "patch_size": 8, "num_layers": 1, "num_heads": 2, "hidden_dim": 8}
DINO = {**VIT, "intermediate_dim": 16, "num_register_tokens": 4}
BLOCKS = {
    "stackwise_kernel_sizes": [3, 3], "stackwise_num_repeats": [1, 1], "stackwise_input_filters": [8, 8],
    "stackwise_output_filters": [8, 16], "stackwise_expansion_ratios": [1, 4], "stackwise_strides": [1, 2],
    "stackwise_squeeze_and_excite_ratios": [0.25, 0.25], "stackwise_block_types": ["v1", "v1"],
    "width_coefficient": 0.5, "depth_coefficient": 0.3,
}  # fmt: skip
RESNET = ([64], [7], [64, 64], [1, 1], [1, 2], "basic_block")
FAMILIES = {
    "vit": ("ViT", lambda models: models.ViTBackbone(**VIT, mlp_dim=8)),
    "deit": ("DeiT", lambda models: models.DeiTBackbone(**VIT, intermediate_dim=8)),
    "dinov2": ("DINOV2", lambda models: models.DINOV2Backbone(**DINO, position_embedding_shape=(32, 32, 3))),
    "dinov3": ("DINOV3", lambda models: models.DINOV3Backbone(**DINO)),
    "swin": ("SwinTransformer", lambda models: models.SwinTransformerBackbone(
        image_shape=(32, 32, 3), patch_size=4, embed_dim=8, depths=[1, 1], num_heads=[2, 2], window_size=4)),
    "resnet": ("ResNet", lambda models: models.ResNetBackbone(*RESNET, use_pre_activation=False)),
    "efficientnet": ("EfficientNet", lambda models: models.EfficientNetBackbone(**BLOCKS, dropout=0.2)),
}  # fmt: skip


@pytest.fixture(scope="module")
def presets(tmp_path_factory):
    """A folder with a preset of each family, one without a converter, and pictures; not to be changed."""
    home = tmp_path_factory.mktemp("presets")
    keras.utils.set_random_seed(3)
    for name, (prefix, build) in FAMILIES.items():
        build(keras_hub.models).save_to_preset(home / name)
        converter = getattr(keras_hub.layers, f"{prefix}ImageConverter")(image_size=(32, 32), **SCALING)
        classifies = getattr(keras_hub.models, f"{prefix}ImageClassifierPreprocessor", None)
        (classifies(converter) if classifies else converter).save_to_preset(home / name)
    shutil.copytree(home / "vit", home / "bare", ignore=shutil.ignore_patterns("image_converter*", "preprocessor*"))
    draw_pictures(home / "pictures")
    return home


@pytest.fixture
def folder(presets, tmp_path, monkeypatch):
    """A copy of all that, to work in."""
    monkeypatch.chdir(shutil.copytree(presets, tmp_path / "work"))
    return tmp_path / "work"


def front(net, folder, size=32):
    return backbone_spec(f"hub:./{net}", None, Info("label", (size, size, 3), class_names=("a", "b")), {}, folder)


def features(front, pixels):
    """What the front gives, pooled as the head pools by default."""
    preprocessing, backbone = build_backbone(front)
    found = backbone(preprocessing(pixels))
    return np.mean(found, axis=tuple(range(1, len(found.shape) - 1)))


def by_its_makers(place, pixels):
    """Converter, backbone and the classifier's pooling, all of them KerasHub's."""
    scaled = keras_hub.layers.ImageConverter.from_preset(str(place))(pixels)
    if place.name.startswith("dino"):  # KerasHub has no classifier for it: its papers classify by the class token
        backbone = keras_hub.models.Backbone.from_preset(str(place))
        return np.asarray(backbone({backbone.inputs[0].name: scaled}))[:, 0]
    classifier = keras_hub.models.ImageClassifier.from_preset(str(place), num_classes=2)
    return np.asarray(keras.Model(classifier.inputs, classifier.output_dense.input)(scaled))


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3)).astype("uint8")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_preset_sees_pictures_as_its_makers_show_them(presets, pixels, family):
    ours, theirs = features(front(family, presets), pixels), by_its_makers(presets / family, pixels)
    assert np.ptp(theirs) > 0.1
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("family", ["vit", "dinov2", "swin", "resnet"])
def test_a_saved_model_has_the_preset_with_its_scaling_inside(presets, pixels, tmp_path, family):
    preprocessing, backbone = build_backbone(front(family, presets))
    model = assemble(preprocessing, backbone, build_head(backbone.output_shape[1:], Head("softmax", 2)))
    save_model(model, tmp_path / "model.keras", {})
    again, _ = load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(again.predict_on_batch(pixels), model.predict_on_batch(pixels), atol=1e-6)


def test_another_scaling_or_other_weights_are_another_key_in_the_cache(folder):
    before = front("resnet", folder).identity()
    assert dataclasses.replace(front("resnet", folder), folder=folder / ".").identity() == before
    page = json.loads((folder / "resnet/image_converter.json").read_text())
    page["config"]["scale"] = 0.5
    (folder / "resnet/image_converter.json").write_text(json.dumps(page))
    scaled = front("resnet", folder).identity()
    keras_hub.models.ResNetBackbone(*RESNET, use_pre_activation=False).save_to_preset(folder / "resnet")
    assert len({json.dumps(each, sort_keys=True) for each in (before, scaled, front("resnet", folder).identity())}) == 3


def recipe(folder, net, **data):
    page = {"data": {"path": "pictures", **data}, "model": {"net": net}, "train": {"epochs": 1}}
    (folder / "hub.yaml").write_text(yaml.safe_dump(page))
    return "hub.yaml"


def test_a_run_trains_and_explains_on_a_preset_beside_the_recipe(folder):
    run = tlkit("run", recipe(folder, "hub:./vit"))
    assert run.exit_code == 0, run.output
    assert "hub:./vit (KerasHub's weights), input 32x32x3" in run.output
    assert tlkit("predict", "latest", "pictures/red/red_000.png").exit_code == 0
    assert tlkit("explain", "latest", "pictures/red/red_000.png").exit_code == 0
    refused = tlkit("explain", "latest", "pictures/red/red_000.png", "--method", "gradcam")
    assert refused.exit_code == 2
    assert "the methods that still work: occlusion" in refused.output


def test_a_run_on_openvino_trains_and_maps_what_convolves(folder):
    run = tlkit("run", recipe(folder, "hub:./resnet"), "--set", "train.engine=openvino")
    assert run.exit_code == 0, run.output
    assert "openvino" in run.output
    found = tlkit("explain", "latest", "pictures/red/red_000.png", "--method", "gradcam")
    assert found.exit_code == 0, found.output


def test_the_recipes_size_wins_where_the_backbone_takes_it(folder):
    assert "input 48" in tlkit("check", recipe(folder, "hub:./dinov3", image_size=48)).output
    for command in ("check", "run"):
        refused = tlkit(command, recipe(folder, "hub:./vit", image_size=48))
        assert refused.exit_code == 2
        said = "hub:./vit: made for 32 x 32 pixels, cannot take 48 x 48"
        assert said in refused.output, refused.output
        assert "Leave data.image_size out" in refused.output


def test_what_a_preset_does_not_say_is_told_as_assumed(folder):
    said = "note      hub:./bare has no image converter; its pixels are taken to go from -1 to 1"
    assert said in tlkit("check", recipe(folder, "hub:./bare")).output
    assert said in tlkit("run", recipe(folder, "hub:./bare")).output


@pytest.mark.parametrize("page", ["config.json", "image_converter.json"])
def test_a_preset_imports_nothing_but_keras_and_keras_hub(folder, monkeypatch, page):
    monkeypatch.syspath_prepend(folder)
    (folder / "hostile.py").write_text(f"open({str(folder / 'ran')!r}, 'w')\nclass Layer: pass\n")
    config = json.loads((folder / "vit" / page).read_text())
    config["config"]["dtype"] = {"module": "hostile", "class_name": "Layer", "config": {}, "registered_name": None}
    (folder / "vit" / page).write_text(json.dumps(config))
    for command in ("check", "run"):
        refused = tlkit(command, recipe(folder, "hub:./vit"))
        assert refused.exit_code == 2
        assert "names the module 'hostile'; a preset holds classes of keras and keras_hub only" in refused.output
    assert not (folder / "ran").exists()


@pytest.mark.parametrize(
    ("net", "why"),
    [
        ("hub:../work/vit", None),
        ("hub:../elsewhere", "is not beside the recipe"),
        ("hub:/etc", "is not beside the recipe"),
        ("hub:./pictures", "expected a KerasHub preset, a folder with a config.json"),
        ("hub:vit", "KerasHub has no preset of this name"),
        ("hub:file:///etc", "expected a KerasHub preset"),
        ("hub:", "expected a KerasHub preset"),
    ],
)
def test_a_name_is_a_preset_of_kerashub_or_a_folder_beside_the_recipe(folder, net, why):
    if why is None:
        assert preset_of(net, folder).size == (32, 32)
    else:
        with pytest.raises(TlkitError, match=why):
            preset_of(net, folder)


def test_pictures_of_another_shape_are_cropped_as_the_preset_crops_them(folder):
    page = recipe(folder, "hub:./vit")
    splits = load_data(load_recipe(page))
    wide = np.zeros((32, 96, 3), np.uint8)
    wide[:, 32:64] = np.random.default_rng(1).integers(0, 256, (32, 32, 3))
    for each in (folder / "pictures" / "red").glob("*.png"):
        Image.fromarray(wide).save(each)
        break
    converter = keras_hub.layers.ImageConverter.from_preset(str(folder / "vit"))
    assert splits.info.reading == ({"resize": "crop"} if converter.crop_to_aspect_ratio else {})
    ours = read_picture(each, (32, 32), resize=splits.info.reading.get("resize", "squeeze"))
    preprocessing, _ = build_backbone(front("vit", folder))
    np.testing.assert_allclose(preprocessing(ours[None]), converter(wide[None]), atol=1e-4)


@pytest.mark.parametrize("family", ["vit", "dinov2"])  # dinov2 has no classifier
def test_a_fetched_preset_is_found_by_its_name_where_tlkit_weights_says(folder, pixels, monkeypatch, family):
    expected = features(front(family, folder), pixels)
    tlkit("fetch", f"hub:./{family}", "--to", "kept")
    monkeypatch.setenv("TLKIT_WEIGHTS", str(folder / "kept"))
    info = Info("label", (32, 32, 3), class_names=("a", "b"))
    np.testing.assert_array_equal(
        features(backbone_spec(f"hub:{family}", None, info, {}, folder / "no"), pixels), expected
    )
