"""ONNX, which ONNX Runtime runs almost everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlkit.exporting.exporter import OUTPUTS, RESIZING, Calibration, Lowered
from tlkit.exporting.kept_layers import Node, exact_at_front, kept_at_ends, layer_in
from tlkit.paths import temporary_folder

if TYPE_CHECKING:
    import keras

_OPSET = 18
_LAYERS = ("Conv", "ConvTranspose", "MatMul", "Gemm")


class Onnx:
    """ONNX, one file."""

    stem = "model"
    precisions = ("float32", "float16", "int8")
    packages = {  # noqa: RUF012
        "tf2onnx": "'tlkit[export]'", "onnx": "'tlkit[export]'", "onnxruntime": "'tlkit[export]'",
    }  # fmt: skip
    keeps_layers = True
    resizes = True
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

    def lowered(self, model: keras.Model, path: Path, precision: str, calibration: Calibration) -> Lowered:
        """Numbers of half the size; or int8, between nodes that quantise and dequantise (QDQ)."""
        with temporary_folder("onnx") as folder:
            whole = Onnx.convert(self, model, Path(folder) / "whole")
            file = path.with_name(f"{path.name}.onnx")
            if precision == "float16":
                return Lowered(_halve(whole, file))
            return _quantise(whole, file, calibration)

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


def _halve(whole: Path, file: Path) -> Path:
    import onnx
    from onnxruntime.transformers.float16 import DEFAULT_OP_BLOCK_LIST, convert_float_to_float16

    blocked = [*DEFAULT_OP_BLOCK_LIST, "Cast"]  # pixels become fractions in one, which must stay what it says
    graph = onnx.load(whole)
    exact = [each.name for each in graph.graph.node if RESIZING in each.name]
    onnx.save(convert_float_to_float16(graph, keep_io_types=True, op_block_list=blocked, node_block_list=exact), file)
    return file


def _quantise(whole: Path, file: Path, calibration: Calibration) -> Lowered:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    ready = whole.with_name("ready.onnx")
    quant_pre_process(whole, ready, skip_symbolic_shape=True)  # which would need sympy
    steps = [each for each in onnx.load(ready).graph.node if each.name]
    nodes = [Node(each.name, layer_in(each.name) if each.op_type in _LAYERS else "") for each in steps]
    kept = kept_at_ends(nodes, calibration.kept_share)
    quantize_static(
        ready, file, _Examples(calibration.inputs), per_channel=True, weight_type=QuantType.QInt8,
        activation_type=QuantType.QUInt8, nodes_to_exclude=[*kept.nodes, *exact_at_front(nodes)], reduce_range=True,
    )  # fmt: skip
    return Lowered(file, kept.layers)


class _Examples:
    """What ONNX Runtime asks for inputs, one example after another."""

    def __init__(self, inputs: Sequence[np.ndarray]) -> None:
        names = ("inputs", "beside")
        rows = range(len(inputs[0]))
        self._left = iter({n: each[i : i + 1] for n, each in zip(names, inputs, strict=False)} for i in rows)

    def get_next(self) -> dict[str, np.ndarray] | None:
        """The next example, by the names of the inputs."""
        return next(self._left, None)
