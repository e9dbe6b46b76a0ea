"""A bundle with a small ONNX file, made without TensorFlow: how bright a picture is."""

from pathlib import Path

import numpy as np
import onnx
from asking import PAGE
from onnx import TensorProto, helper, numpy_helper

from tlkit.exporting.bundle import Bundle, ModelInput, file_of, write_bundle


def write_shades(folder, page=PAGE):
    """Write the bundle into a folder; gives the folder."""
    folder = Path(folder)
    folder.mkdir(parents=True)
    height, width, channels = page["input_shape"]
    nodes = [
        helper.make_node("Cast", ["inputs"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["numbers"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Div", ["mean", "white"], ["light"]),
        helper.make_node("Sub", ["one", "light"], ["dark"]),
        helper.make_node("Unsqueeze", ["light", "axis"], ["light_column"]),
        helper.make_node("Unsqueeze", ["dark", "axis"], ["dark_column"]),
        helper.make_node("Concat", ["dark_column", "light_column"], ["outputs"], axis=1),
        helper.make_node("Sub", ["light", "half"], ["off"]),
        helper.make_node("Abs", ["off"], ["unknown"]),
    ]
    numbers = {"white": 255.0, "one": 1.0, "half": 0.5}
    fixed = [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in numbers.items()]
    fixed += [numpy_helper.from_array(np.array([1], np.int64), "axis")]
    graph = helper.make_graph(
        nodes, "shades",
        [helper.make_tensor_value_info("inputs", TensorProto.UINT8, ["n", height, width, channels])],
        [helper.make_tensor_value_info("outputs", TensorProto.FLOAT, ["n", 2]),
         helper.make_tensor_value_info("unknown", TensorProto.FLOAT, ["n"])],
        fixed,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    inputs = [ModelInput("inputs", [None, *page["input_shape"]], "uint8")]
    files = {"onnx/float32": file_of(folder / "model.onnx")}
    write_bundle(Bundle(folder, "1", page, inputs, ["outputs", "unknown"], files, {}, None, 0.4))
    return folder
