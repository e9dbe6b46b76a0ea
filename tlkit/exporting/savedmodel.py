"""TensorFlow's SavedModel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlkit.exporting.exporter import OUTPUTS, Calibration, Lowered

if TYPE_CHECKING:
    import keras


class SavedModel:
    """TensorFlow's SavedModel, a folder with an endpoint `serve`."""

    runtime = "tensorflow"
    precisions = ("float32", "bfloat16")
    resizes = True
    script = """
import tensorflow as tf
def opened(path):
    loaded = tf.saved_model.load(path)
    def run(*inputs):
        found = loaded.signatures["serving_default"](**dict(zip(INPUTS, map(tf.constant, inputs))))
        return [found[name].numpy() for name in OUTPUTS]
    return run
"""

    def convert(self, model: keras.Model, path: Path) -> Path:
        """Write the folder."""
        import tensorflow as tf

        from tlkit.exporting.graph_outputs import serving, signature

        archive = tf.Module()
        archive.model = model
        archive.serve = tf.function(serving(model), input_signature=signature(model), autograph=False)
        tf.saved_model.save(archive, str(path), signatures={"serving_default": archive.serve, "serve": archive.serve})
        return path

    def lowered(self, model: keras.Model, path: Path, precision: str, calibration: Calibration) -> Lowered:
        """The folder with convolutions and dense layers in bfloat16."""
        from tlkit.exporting.float_copy import bfloat16_copy

        return Lowered(self.convert(bfloat16_copy(model), path))

    def run(self, path: Path, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """The endpoint's answers."""
        return self.opened(path, 0).outputs(inputs)[0]

    def opened(self, path: Path, threads: int) -> SavedModelSession:
        """The folder, loaded."""
        import tensorflow as tf

        return SavedModelSession(tf.saved_model.load(str(path)))


@dataclass(frozen=True)
class SavedModelSession:
    """A loaded folder."""

    loaded: Any

    def outputs(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Every output for a batch of each input."""
        import tensorflow as tf

        found = self.loaded.serve(*map(tf.constant, inputs))
        return [np.asarray(found[name]) for name in OUTPUTS if name in found]
