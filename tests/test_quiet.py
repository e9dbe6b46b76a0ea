"""Loading Keras tells nobody of it."""

import os
import subprocess
import sys

import pytest


def test_openvinos_telemetry_is_not_loaded():
    code = """
        import os, sys
        os.environ["KERAS_BACKEND"] = "openvino"
        from tlkit.quiet import load_keras
        load_keras()
        print("openvino" in sys.modules, "openvino_telemetry" in sys.modules)
    """
    lines = "\n".join(line.strip() for line in code.splitlines())
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_an_export_to_openvino_tells_nobody_of_it(tmp_path):
    """Its telemetry waits three seconds for each message, in forked processes that outlive the one that is ended."""
    code = f"""
        import sys
        from pathlib import Path
        import numpy as np
        from tlkit.exporting.exporter import Calibration
        from tlkit.exporting.kept_layers import Kept
        from tlkit.exporting.openvino_format import OpenVino, _quantised
        from tlkit.quiet import load_openvino
        load_openvino()
        import openvino
        from openvino import opset13
        x = opset13.parameter([-1, 2], np.float32)
        product = opset13.matmul(x, opset13.constant(np.eye(2, dtype=np.float32)), False, False)
        x.output(0).get_tensor().set_names({{"inputs"}})
        found = _quantised(openvino.Model([product], [x]), Calibration([np.ones((4, 2), np.float32)]), Kept())
        openvino.save_model(found, "{tmp_path}/model.xml")
        OpenVino().opened(Path("{tmp_path}/model.xml"), 1)
        print("nncf" in sys.modules, "openvino_telemetry" in sys.modules)
    """
    lines = "\n".join(line.strip() for line in code.splitlines())
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True)
    assert done.stdout.split()[-2:] == ["True", "False"], done.stderr


GENERATED = """
import os
import tensorflow as tf
from tlkit.quiet import drop_generated

def half(number):
    return number / 2

assert tf.function(half)(4.0) == 2.0
drop_generated()
os._exit(0)  # as the command does: nothing else removes them
"""


@pytest.mark.parametrize("uncompiled", ["", "1"])
def test_what_tensorflow_writes_into_the_temporary_folder_is_removed(tmp_path, uncompiled):
    (tmp_path / "graph.py").write_text(GENERATED)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    settings = {**os.environ, "TMPDIR": str(scratch), "PYTHONDONTWRITEBYTECODE": uncompiled}
    subprocess.run([sys.executable, tmp_path / "graph.py"], env=settings, check=True)
    assert list(scratch.iterdir()) == []
