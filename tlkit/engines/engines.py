"""The engines that run frozen parts: OpenVINO with several requests in flight, or Keras itself."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from tlkit.engines.frozen_part import FrozenPart
from tlkit.model.building import build_backbone
from tlkit.model.freezing import before
from tlkit.model.heads import pooled

if TYPE_CHECKING:
    import openvino

OPENVINO_BATCH = 4
Batch = tuple[list[str], Any]  # ids, and an array of inputs or a tuple of such
Batches = Iterator[Batch]
Run = Callable[[Batches], Batches]  # batches of inputs to batches of outputs
Parts = tuple[keras.Model, keras.Model]  # preprocessing and backbone


def frozen_model(frozen: FrozenPart, parts: Parts | None = None) -> keras.Model:
    """Preprocessing, backbone up to the cut and, behind a whole backbone, the head's pooling, as one model."""
    preprocessing, backbone = parts or build_backbone(frozen.backbone)
    inputs = keras.Input(preprocessing.input_shape[1:], dtype=preprocessing.inputs[0].dtype)
    x = before(backbone, frozen.cut)(preprocessing(inputs))
    return keras.Model(inputs, pooled(x, frozen.pooling) if frozen.cut is None else x, name="frozen_part")


def keras_runner(frozen: FrozenPart, parts: Parts | None = None) -> Run:
    """Keras's own prediction, batch by batch."""
    model = frozen_model(frozen, parts)

    def run(batches: Batches) -> Batches:
        for ids, inputs in batches:
            yield ids, np.asarray(model.predict_on_batch(inputs), np.float32)

    return run


def openvino_runner(frozen: FrozenPart, parts: Parts | None = None) -> Run:
    """OpenVINO on the CPU, two requests a core in flight."""
    return model_runner(frozen_model(frozen, parts), frozen.precision)


def run_openvino(model: keras.Model, inputs: np.ndarray | tuple[np.ndarray, ...]) -> np.ndarray:
    """A whole model's float32 outputs for these inputs, or pairs of inputs and columns."""
    run = model_runner(model, "float32")
    given = _each(inputs)
    cut = [tuple(each[i : i + OPENVINO_BATCH] for each in given) for i in range(0, len(given[0]), OPENVINO_BATCH)]
    return np.concatenate([outputs for _, outputs in run(([], batch) for batch in cut)])


def model_runner(model: keras.Model, precision: str) -> Run:
    """Any model on OpenVINO on the CPU, with a few requests in flight."""
    import openvino

    converted = openvino_model(model)
    shapes = [[OPENVINO_BATCH, *each.shape[1:]] for each in model.inputs]
    converted.reshape(dict(zip(converted.inputs, shapes, strict=True)))
    hint = {"bfloat16": "bf16", "float32": "f32"}[precision]
    options = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": hint, "CACHE_DIR": ""}
    compiled = openvino.Core().compile_model(converted, "CPU", options)
    requests = [compiled.create_infer_request() for _ in range(2 * (os.cpu_count() or 1))]

    def run(batches: Batches) -> Batches:
        busy: deque[tuple[list[str], int, openvino.InferRequest]] = deque()
        for index, (ids, inputs) in enumerate(batches):
            if len(busy) == len(requests):
                yield _result(*busy.popleft())
            request = requests[index % len(requests)]
            given = _each(inputs)
            request.start_async({position: _filled(each) for position, each in enumerate(given)})
            busy.append((ids, len(given[0]), request))
        while busy:
            yield _result(*busy.popleft())

    return run


def _each(inputs: np.ndarray | tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    return inputs if isinstance(inputs, tuple) else (inputs,)


def _result(ids: list[str], count: int, request: openvino.InferRequest) -> tuple[list[str], np.ndarray]:
    request.wait()
    return ids, request.get_output_tensor(0).data[:count].astype(np.float32)


def _filled(inputs: np.ndarray) -> np.ndarray:
    """The last batch brought to the size that the model was compiled for."""
    missing = OPENVINO_BATCH - len(inputs)
    return np.concatenate([inputs, np.repeat(inputs[:1], missing, axis=0)]) if missing else inputs


def openvino_model(model: keras.Model) -> openvino.Model:
    """A Keras model on the OpenVINO backend as an OpenVINO model that takes any batch size."""
    from tlkit.compat.keras_openvino import as_openvino
    from tlkit.engines.transposes import cancel_transposes

    converted = as_openvino(model)
    cancel_transposes(converted)
    return converted
