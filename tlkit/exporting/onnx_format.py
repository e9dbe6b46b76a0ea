"""ONNX, which ONNX Runtime runs almost everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlkit.exporting.exporter import OUTPUTS

if TYPE_CHECKING:
    import keras

_OPSET = 18


class Onnx:
    """ONNX, one file."""

    stem = "model"
    packages = {  # noqa: RUF012
        "tf2onnx": "'tlkit[export]'", "onnx": "'tlkit[export]'", "onnxruntime": "'tlkit[export]'",
    }  # fmt: skip
    runtime = "onnxruntime"
    script = """
import onnxruntime
def opened(path):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return lambda *inputs: session.run(OUTPUTS, dict(zip(INPUTS, inputs)))
"""

    def convert(self, model: keras.Model, path: Path) -> Path:
        """Write the file."""
        import tensorflow as tf
        import tf2onnx

        from tlkit.exporting.graph_outputs import serving, signature

        given = signature(model)
        serve = tf.function(serving(model), input_signature=given, autograph=False)
        file = path.with_name(f"{path.name}.onnx")
        tf2onnx.convert.from_function(serve, input_signature=given, opset=_OPSET, output_path=str(file))
        return file

    def run(self, path: Path, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """The outputs of the file."""
        return self.opened(path, 0).outputs(inputs)[0]

    def opened(self, path: Path, threads: int) -> OnnxSession:
        """The file in ONNX Runtime, whose threads do not spin while they wait."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        there = {each.name for each in session.get_outputs()}
        inputs = [each.name for each in session.get_inputs()]
        return OnnxSession(session, inputs, [name for name in OUTPUTS if name in there])


@dataclass(frozen=True)
class OnnxSession:
    """A file that is open."""

    session: Any
    inputs: Sequence[str]
    names: Sequence[str]

    def outputs(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Every output for a batch of each input."""
        return list(self.session.run(self.names, dict(zip(self.inputs, inputs, strict=True))))
