"""The rewritten OpenVINO model computes what Keras says; run in a process of its own, on Keras's OpenVINO backend."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import numpy as np, openvino, sys
from pathlib import Path
from tlkit.model.building import BackboneSpec
from tlkit.engines import engines
from tlkit.engines.frozen_part import FrozenPart

name, weights = sys.argv[1:]
frozen = FrozenPart(BackboneSpec(name, weights, (64, 64, 3)), None, "average", "openvino", "float32")
model = engines.frozen_model(frozen)
pixels = np.random.default_rng(0).integers(0, 255, (2, 64, 64, 3)).astype("uint8")
expected = np.asarray(model.predict(pixels, verbose=0))
converted = engines.openvino_model(model)
found = openvino.Core().compile_model(converted, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})({0: pixels})[0]
scale = np.abs(expected).max()
print(float(np.abs(found - expected).max() / scale))
"""


@pytest.mark.parametrize(
    ("name", "weights"), [("efficientnet-lite0", "imagenet"), ("ResNet50", "none"), ("cnn", "none")]
)
def test_outputs_stay_the_same(name, weights):
    env = {**os.environ, "KERAS_BACKEND": "openvino"}
    done = subprocess.run([sys.executable, "-c", SCRIPT, name, weights], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    difference = float(done.stdout.split()[0])
    assert difference < 0.03  # Keras itself lets OpenVINO choose bfloat16 where the machine has it
