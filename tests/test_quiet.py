"""Loading Keras tells nobody of it."""

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
