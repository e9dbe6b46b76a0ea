"""Digests of what training starts from and comes to, part by part: two runs can be told apart where they first differ.

Examples are looked at in the order of their ids, so that what is read and augmented does not hang on their order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tlkit.engines.feature_cache import FeatureRows

if TYPE_CHECKING:
    import keras

    from tlkit.training.batches import Batches

PREFIX = "tlkit.digest."
_EXAMPLES = 16  # that are read, and changed, to be looked at
_MOST = 64 << 20  # bytes of features that are


def digest_of(arrays: Iterable[np.ndarray]) -> str:
    """A hash of what arrays hold.

    Example:
        >>> digest_of([np.zeros(2)]) == digest_of([np.ones(2)])
        False
    """
    found = hashlib.blake2b(digest_size=16)
    for array in arrays:
        found.update(_bytes(np.ascontiguousarray(array)))
    return found.hexdigest()


def before_phase(number: int, model: keras.Model, train: Batches, ids: Sequence[str]) -> dict[str, str]:
    """Tags on what a phase, counted from 1, is to learn from, and on the weights that the first one starts with."""
    order = np.asarray([ids[place] for place in train.order])
    found = {"order": [order], **_learned_from(train, np.argsort(np.asarray(ids), kind="stable"))}
    if number == 1:  # later ones start with what those before them came to
        found["start"] = model.get_weights()
    return _tags(number, found)


def behind_phase(number: int, model: keras.Model) -> dict[str, str]:
    """Tags on what a phase, counted from 1, came to."""
    return _tags(number, {"weights": model.get_weights()})


def _tags(number: int, found: Mapping[str, Iterable[np.ndarray]]) -> dict[str, str]:
    return {f"{PREFIX}{number}.{part}": digest_of(arrays) for part, arrays in found.items()}


def _learned_from(train: Batches, places: np.ndarray) -> dict[str, list[np.ndarray]]:
    """Features, with those of changed examples apart, or some examples as they are read and as they are changed."""
    from tlkit.training.batches import Views  # with Keras, which those who compare digests do without

    source = train.source
    if isinstance(source, Views):
        plain, *views = source.rows
        return {"features": [_some(plain, places)], "augmentation": [_some(each, places) for each in views]}
    if isinstance(source, FeatureRows):
        return {"features": [_some(source, places)]}
    few = places[:_EXAMPLES]
    inputs = source.load(few)
    changed = train.change and train.change(inputs, train.targets[few], few, 0)
    return {"examples": [inputs], **({"augmentation": list(changed)} if changed else {})}


def _some(rows: FeatureRows, places: np.ndarray) -> np.ndarray:
    return rows.load(places[: max(1, _MOST // (4 * int(np.prod(rows.shape[1:]))))])


def _bytes(array: np.ndarray) -> bytes:
    return "\0".join(map(str, array.ravel())).encode() if array.dtype.kind in "OSU" else array.tobytes()
