"""A model as a program of PyTorch, which answers without Keras; `make torch-test` installs PyTorch for it."""

import json
import subprocess
import sys

import numpy as np
import pytest
from command_line import tlkit

torch = pytest.importorskip("torch", reason="PyTorch is not installed: make torch-test installs it")
SCRIPT = """
import sys, runpy
sys.modules["tlkit"] = sys.modules["keras"] = sys.modules["tensorflow"] = None
runpy.run_path("predict.py", run_name="__main__")
"""


def test_a_program_of_pytorch_answers_as_the_model_does_without_keras(finished, monkeypatch, tmp_path):
    monkeypatch.chdir(finished[0])
    done = tlkit("export", "latest", "--format", "torch", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    page = json.loads((tmp_path / "out" / "certificate.json").read_text())["torch/float32"]
    assert (page["examples"], page["flips"], page["fault"]) == (6, 0, "")
    assert page["largest_difference_to_float32"] < 1e-4
    golden = np.load(tmp_path / "out" / "golden.npz")
    program = torch.export.load(tmp_path / "out" / "model.pt2").module()
    for count in (1, 3):  # whatever the number of examples
        found = program(torch.from_numpy(golden["inputs"][:count]))[0].detach().numpy()
        assert np.abs(found - golden["outputs"][:count]).max() < 1e-4
    call = [sys.executable, "-c", SCRIPT]
    said = subprocess.run(call, capture_output=True, text=True, cwd=tmp_path / "out", timeout=120)
    assert said.returncode == 0, said.stderr
