"""What a model has learned from, as features kept in its file: how far an input is from all of that."""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlkit.errors import ModelError
from tlkit.model.metadata import DAMAGED, UnknownPage, read_page

if TYPE_CHECKING:
    import keras

KNOWN = "known.npz"
MOST_BYTES = 16 << 20  # of the features in a file
_FEATURES = "features.npy"
_SHORTEST = 1e-12


@dataclass(frozen=True)
class KnownExamples:
    """Features of examples that were learned from, each of length 1 (n, d), and the score from which one is unknown.

    The score is the mean cosine distance to the nearest `neighbours` of them. The threshold is the one that 95 % of the
    validation part is below.

    Reference: Sun et al., 2022, "Out-of-Distribution Detection with Deep Nearest Neighbors".
    """

    features: np.ndarray
    neighbours: int
    threshold: float
    quantiles: tuple[float, ...] = ()  # of the scores of validation, from the least to the largest

    @property
    def page(self) -> UnknownPage:
        """What of it stands in the metadata."""
        return {"threshold": self.threshold, "neighbours": self.neighbours, "quantiles": list(self.quantiles)}

    def scores(self, features: np.ndarray) -> np.ndarray:
        """How far each row of features (m, d) is from what was learned: 0 is near, 1 has nothing in common.

        Example:
            >>> known = KnownExamples(np.eye(2, dtype=np.float16), neighbours=1, threshold=0.1)
            >>> known.scores(np.array([[3.0, 0.0], [0.0, -1.0]])).tolist()
            [0.0, 1.0]
        """
        similar = unit_length(features) @ self.features.astype(np.float32).T
        nearest = np.partition(similar, -self.neighbours, axis=1)[:, -self.neighbours :]
        return np.asarray(1 - nearest.mean(axis=1))


def unit_length(features: np.ndarray) -> np.ndarray:
    """Rows brought to length 1."""
    rows = np.asarray(features, np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _SHORTEST))


def packed_known(known: KnownExamples) -> bytes:
    """The features as the member `known.npz` of a model file; the numbers stand in its page."""
    file = io.BytesIO()
    np.savez(file, features=known.features.astype(np.float16))
    return file.getvalue()


def read_known(path: Path) -> KnownExamples | None:
    """What a model file says of what was learned; None where it says nothing."""
    page = read_page(path)
    said = page.get("unknown") if isinstance(page, dict) else None
    try:
        with zipfile.ZipFile(path) as archive:
            if KNOWN not in archive.namelist() or not isinstance(said, dict):
                return None
            if archive.getinfo(KNOWN).file_size > 2 * MOST_BYTES:
                raise ValueError("it is too large")
            features = _features_in(archive.read(KNOWN))
        numbers = int(said["neighbours"]), float(said["threshold"]), tuple(said.get("quantiles", ()))
        return _checked(KnownExamples(features, *numbers))
    except (*DAMAGED, KeyError, TypeError) as error:
        raise ModelError(f"{path}: {KNOWN}: not as tlkit writes it ({error})") from error


def _features_in(content: bytes) -> np.ndarray:
    """The features, read where their header asks for no more than there is."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if archive.namelist() != [_FEATURES] or archive.getinfo(_FEATURES).file_size > 2 * MOST_BYTES:
            raise ValueError("it holds other things than features")
        file = io.BytesIO(archive.read(_FEATURES))
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("an array of another version")
    shape, by_column, kind = np.lib.format.read_array_header_1_0(file)
    left = len(file.getbuffer()) - file.tell()
    if kind != np.float16 or by_column or len(shape) != 2 or min(shape) < 1 or math.prod(shape) * 2 != left:
        raise ValueError(f"expected rows of float16, found {kind} {shape}")
    return np.frombuffer(file.read(), np.float16).reshape(shape)


def _checked(known: KnownExamples) -> KnownExamples:
    if not np.isfinite(known.features).all() or not math.isfinite(known.threshold):
        raise ValueError("it holds numbers that are none")
    if not 1 <= known.neighbours <= len(known.features):
        raise ValueError(f"{known.neighbours} neighbours among {len(known.features)} examples")
    return known


def features_of(head: keras.Model) -> keras.KerasTensor:
    """What a head makes of its input before its first dense layer: the pooled features."""
    names = {layer.name for layer in head.layers}
    first = next(name for name in ("dense1", "dropout", "output") if name in names)
    return head.get_layer(first).input


def with_features(model: keras.Model) -> keras.Model:
    """A model of one input that gives its pooled features beside its outputs; it shares the weights."""
    import keras

    head = model.get_layer("head")
    both = keras.Model(head.inputs, [head.output, features_of(head)], name="head")
    inputs = keras.Input(model.inputs[0].shape[1:], dtype=model.inputs[0].dtype, name=model.inputs[0].name)
    x = model.get_layer("backbone")(model.get_layer("preprocessing")(inputs))
    return keras.Model(inputs, both(x), name=model.name)


def with_unknown(model: keras.Model, known: KnownExamples) -> keras.Model:
    """A model that gives how far each input is from what was learned (n,) beside its outputs; it shares the weights.

    Only plain operations stand behind the features, so that every format of export has them: a product, the largest of
    each row, their mean.
    """
    import keras
    from keras import layers, ops

    whole = with_features(model)
    outputs, features = whole.outputs
    product = layers.Dense(len(known.features), use_bias=False, dtype="float32", name="known_examples")
    similar = product(layers.UnitNormalization(dtype="float32", name="unit_features")(features))
    product.set_weights([known.features.astype(np.float32).T])
    nearest, _ = ops.top_k(similar, known.neighbours)
    return keras.Model(whole.inputs, [outputs, 1 - ops.mean(nearest, axis=-1)], name=model.name)
