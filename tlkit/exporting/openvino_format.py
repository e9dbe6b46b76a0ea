"""OpenVINO's own files, the fastest on Intel's and AMD's processors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlkit.exporting.exporter import OUTPUTS, Calibration, Lowered
from tlkit.exporting.kept_layers import Kept, Node, exact_at_front, kept_at_ends, layer_in
from tlkit.paths import temporary_folder
from tlkit.quiet import load_nncf, load_openvino

if TYPE_CHECKING:
    import keras
    import openvino


_LAYERS = ("Convolution", "GroupConvolution", "ConvolutionBackpropData", "MatMul")
_NO_STEPS = ("Constant", "Parameter", "Result")


class OpenVino:
    """OpenVINO: a page of the graph (.xml) with its weights (.bin)."""

    stem = "model"
    keeps_layers = True
    resizes = True
    runtime = "openvino"
    precisions = ("float32", "float16", "int8")
    packages = {"openvino": "openvino"}  # noqa: RUF012
    int8_packages = {"nncf": "'tlkit[export]'"}  # noqa: RUF012
    script = """
import openvino
def opened(path):
    compiled = openvino.compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda *inputs: [np.array(compiled(dict(zip(INPUTS, inputs)))[name]) for name in OUTPUTS]
"""

    def convert(self, model: keras.Model, path: Path) -> Path:
        """Write both files; the page is what is opened."""
        return _saved(_converted(model), path)

    def lowered(self, model: keras.Model, path: Path, precision: str, calibration: Calibration) -> Lowered:
        """Weights of half the size; or int8, by NNCF."""
        whole = _converted(model)
        if precision == "float16":
            return Lowered(_saved(whole, path, half=True))
        kept = kept_at_ends(_nodes(whole), calibration.kept_share)
        return Lowered(_saved(_quantised(whole, calibration, kept), path), kept.layers)

    def run(self, path: Path, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """The outputs of the file."""
        return self.opened(path, 0).outputs(inputs)[0]

    def opened(self, path: Path, threads: int) -> OpenVinoSession:
        """The file, compiled for this processor; float32 stays so where it has bfloat16 as well."""
        load_openvino()
        import openvino

        options = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY", "CACHE_DIR": ""}
        if threads:
            options["INFERENCE_NUM_THREADS"] = str(threads)
        compiled = openvino.Core().compile_model(str(path), "CPU", options)
        there = [each for each in OUTPUTS if any(each in output.get_names() for output in compiled.outputs)]
        return OpenVinoSession(compiled.create_infer_request(), [compiled.output(each) for each in there])


@dataclass(frozen=True)
class OpenVinoSession:
    """A file that is open; for one thread at a time."""

    request: Any
    ports: Sequence[Any]

    def outputs(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Every output for a batch of each input."""
        found = self.request.infer([np.ascontiguousarray(each) for each in inputs], share_inputs=True)
        return [np.array(found[each]) for each in self.ports]


def _converted(model: keras.Model) -> openvino.Model:
    """The model by way of TensorFlow's graph, with inputs and outputs of the names that all files have."""
    load_openvino()
    import openvino

    from tlkit.exporting.graph_outputs import frozen, input_name

    with temporary_folder("openvino") as folder:
        graph = Path(folder) / "graph.pb"
        graph.write_bytes(frozen(model).graph.as_graph_def().SerializeToString())
        found = openvino.convert_model(str(graph))
    ports = {next(iter(each.get_names())).partition(":")[0]: each for each in found.inputs}
    given = [ports[input_name(model, index)] for index in range(len(model.inputs))]
    outputs = sorted(found.outputs, key=lambda each: min(each.get_names()))  # Identity, Identity_1
    for port, name in zip(given, ("inputs", "beside"), strict=False):
        port.get_tensor().set_names({name})
    for port, name in zip(outputs, OUTPUTS, strict=False):
        port.get_tensor().set_names({name})
    return openvino.Model([each.get_node() for each in outputs], [each.get_node() for each in given], "tlkit")


def _saved(model: openvino.Model, path: Path, *, half: bool = False) -> Path:
    import openvino

    file = path.with_name(f"{path.name}.xml")
    openvino.save_model(model, str(file), compress_to_fp16=half)
    return file


def _nodes(model: openvino.Model) -> list[Node]:
    """Its steps; OpenVINO itself has numbered the convolutions, whose names were lost with their layout."""
    steps = [each for each in model.get_ordered_ops() if each.get_type_name() not in _NO_STEPS]
    names = [(each.get_friendly_name(), each.get_type_name()) for each in steps]
    return [Node(name, layer_in(name) if type in _LAYERS else "") for name, type in names]


def _quantised(model: openvino.Model, calibration: Calibration, kept: Kept) -> openvino.Model:
    load_nncf()
    import nncf

    rows = range(len(calibration.inputs[0]))
    take: Callable[[int], list[np.ndarray]] = lambda row: [each[row : row + 1] for each in calibration.inputs]  # noqa: E731
    ignored = nncf.IgnoredScope(names=[*kept.nodes, *exact_at_front(_nodes(model))], validate=False)
    return nncf.quantize(model, nncf.Dataset(rows, take), subset_size=len(rows), ignored_scope=ignored)
