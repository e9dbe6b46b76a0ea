"""A Keras model on the OpenVINO backend as an OpenVINO model: the backend's own tensors, which it keeps to itself."""

from __future__ import annotations

from typing import Any

import keras


def as_openvino(model: keras.Model) -> Any:
    """An `openvino.Model` that takes any batch size."""
    import openvino
    from keras.src.backend.openvino.core import OPENVINO_DTYPES, OpenVINOKerasTensor
    from openvino import opset13

    given = [opset13.parameter([-1, *each.shape[1:]], OPENVINO_DTYPES[each.dtype]) for each in model.inputs]
    tensors = [OpenVINOKerasTensor(each.output(0)) for each in given]
    outputs = model(tensors if len(tensors) > 1 else tensors[0], training=False)
    return openvino.Model([opset13.result(outputs.output)], given)
