"""TensorFlow's SavedModel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np


class SavedModel:
    """TensorFlow's SavedModel, a folder with an endpoint `serve`."""

    def convert(self, model: keras.Model, path: Path) -> Path:
        """Write the folder."""
        model.export(path, format="tf_saved_model", verbose=False)
        return path

    def run(self, path: Path, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """The endpoint's answers."""
        import tensorflow as tf

        given = [tf.constant(each) for each in inputs]
        loaded = tf.saved_model.load(path)  # its variables last as long as it does
        return np.asarray(loaded.serve(given if len(given) > 1 else given[0]))
