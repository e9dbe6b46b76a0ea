"""Weights carried to a machine without a network, in a folder that TLKIT_WEIGHTS names."""

import keras
import numpy as np
import pytest
from command_line import tlkit

from tlkit.pretrained import wheels
from tlkit.pretrained.backbones import build_pretrained

KEPT = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"  # as Keras names its download


def listed(name):
    (line,) = [each for each in tlkit("list", "backbones").output.splitlines() if f" {name} " in each]
    return line


@pytest.fixture
def downloads(tmp_path, monkeypatch):
    """What Keras has kept of an earlier download."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    (tmp_path / "keras" / "models").mkdir(parents=True)
    keras.utils.set_random_seed(5)
    theirs = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(224, 224, 3))
    theirs.save(tmp_path / "keras" / "models" / KEPT)  # in the older format, as Keras's downloads are
    return theirs


def test_fetched_weights_are_used_without_the_network_and_listed_as_here(tmp_path, monkeypatch, downloads):
    fetched = tlkit("fetch", "MobileNetV2", "efficientnet-lite0", "--to", tmp_path / "weights")
    assert f"TLKIT_WEIGHTS={tmp_path / 'weights'}" in fetched.output
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "none"))
    assert listed("MobileNetV2").startswith("- ")
    monkeypatch.setenv("TLKIT_WEIGHTS", str(tmp_path / "weights"))
    assert listed("MobileNetV2").startswith("here ")
    assert wheels.weights_file("lite0").parent == tmp_path / "weights"
    ours = build_pretrained("MobileNetV2", (96, 96, 3), "imagenet")
    for mine, other in zip(ours.get_weights(), downloads.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_what_cannot_be_fetched_is_said_in_a_line(tmp_path, monkeypatch):
    said = tlkit("fetch", "MobilNetV2", "--to", tmp_path)
    assert (said.exit_code, said.output) == (
        2,
        "unknown backbone 'MobilNetV2'. Did you mean 'MobileNetV2' or 'MobileNet' or 'MobileNetV3Small'?\n",
    )
    monkeypatch.setenv("TLKIT_WEIGHTS", str(tmp_path / "nowhere"))
    said = tlkit("list", "backbones")
    assert said.exit_code == 2
    assert said.output.splitlines()[-1].startswith(f"TLKIT_WEIGHTS: {tmp_path / 'nowhere'}: no such folder")
