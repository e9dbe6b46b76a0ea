"""LiteRT, formerly TensorFlow Lite, for phones and small boards."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlkit.exporting.exporter import OUTPUTS, Calibration, Lowered
from tlkit.paths import temporary_folder

if TYPE_CHECKING:
    import keras


class LiteRt:
    """LiteRT (TensorFlow Lite), one file."""

    stem = "model"
    runtime = "ai-edge-litert"
    precisions = ("float32", "int8")  # of float16 its kernels make NaN
    packages = {"ai_edge_litert": "'tlkit[export]'"}  # noqa: RUF012
    script = """
from ai_edge_litert.interpreter import Interpreter
def opened(path):
    runner = Interpreter(model_path=path).get_signature_runner("serving_default")
    def run(*inputs):
        found = runner(**dict(zip(INPUTS, inputs)))
        return [found[name] for name in OUTPUTS]
    return run
"""

    def convert(self, model: keras.Model, path: Path) -> Path:
        """Write the file."""
        return _converted(model, path)

    def lowered(self, model: keras.Model, path: Path, precision: str, calibration: Calibration) -> Lowered:
        """The file in int8 all through, calibrated."""
        return Lowered(_converted(model, path, calibration))

    def run(self, path: Path, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """The outputs of the file."""
        return self.opened(path, 0).outputs(inputs)[0]

    def opened(self, path: Path, threads: int) -> LiteRtSession:
        """The file in LiteRT's interpreter."""
        from ai_edge_litert.interpreter import Interpreter

        interpreter = Interpreter(model_path=str(path), num_threads=threads or os.cpu_count())
        runner = interpreter.get_signature_runner("serving_default")
        return LiteRtSession(runner, sorted(runner.get_input_details(), key=["inputs", "beside"].index))


@dataclass(frozen=True)
class LiteRtSession:
    """A file that is open; for one thread at a time."""

    runner: Any
    inputs: Sequence[str]

    def outputs(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Every output for a batch of each input."""
        found = self.runner(**dict(zip(self.inputs, inputs, strict=True)))
        return [np.asarray(found[name]) for name in OUTPUTS if name in found]


def _converted(model: keras.Model, path: Path, calibration: Calibration | None = None) -> Path:
    import tensorflow as tf

    from tlkit.exporting.graph_outputs import frozen, signature

    constant, module = frozen(model), tf.Module()  # variables would be found uninitialised when it is calibrated
    module.serve = tf.function(
        lambda *given: dict(zip(OUTPUTS, tf.nest.flatten(constant(*given)), strict=False)), autograph=False,
        input_signature=signature(model),
    )  # fmt: skip
    with temporary_folder("litert") as folder:
        tf.saved_model.save(module, folder, signatures={"serving_default": module.serve})
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=["serving_default"])
        if calibration is not None:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: _examples(model, calibration)
            wanted = tf.lite.OpsSet
            converter.target_spec.supported_ops = [wanted.TFLITE_BUILTINS_INT8, wanted.TFLITE_BUILTINS]
        file = path.with_name(f"{path.name}.tflite")
        file.write_bytes(converter.convert())
    return file


def _examples(model: keras.Model, calibration: Calibration) -> Iterator[Any]:
    """Inputs by name, one example at a time."""
    from tlkit.exporting.graph_outputs import input_name

    names = [input_name(model, index) for index in range(len(model.inputs))]
    for row in range(len(calibration.inputs[0])):
        yield (
            "serving_default",
            {name: each[row : row + 1] for name, each in zip(names, calibration.inputs, strict=True)},
        )
