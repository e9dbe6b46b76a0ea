"""Loading Keras tells nobody of it."""

import os
import subprocess
import sys


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


def test_what_tensorflow_writes_into_the_temporary_folder_is_removed(tmp_path):
    (tmp_path / "graph.py").write_text(GENERATED)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    subprocess.run([sys.executable, tmp_path / "graph.py"], env={**os.environ, "TMPDIR": str(scratch)}, check=True)
    assert list(scratch.iterdir()) == []
