"""Which of the examples that it has learned from a model keeps in its file, and from where on an input is unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import replace

import keras
import numpy as np

from tlkit.data.splits import Examples, Info
from tlkit.engines.decoded_cache import kept
from tlkit.model.known import KnownExamples, features_of, unit_length
from tlkit.tasks.task import task_of
from tlkit.training.batches import BatchSource, Views
from tlkit.training.fitting import PREDICT_BATCH
from tlkit.training.trained import Trained

_MOST, _MOST_BYTES, _LEAST = 2000, 5_120_000, 50  # examples that are kept; bytes of them in a file
_MOST_VALIDATED = 1000
_NEIGHBOURS = 10
_KNOWN = 19  # the quantile that is the threshold: 95 %
_COST = 0.06  # passes for each example that was trained on: a pass is a third of that, so 2 % of the time
_LEAST_PASSES = 128


def known_examples(trained: Trained, train: BatchSource, val: BatchSource) -> KnownExamples | None:
    """Features of training examples by the model as it is, with the threshold that 95 % of validation is below.

    None where columns stand beside the inputs, or where their features are too many for a file.
    """
    model, splits, seed = trained.trained_part, trained.splits, trained.setup.options.seed
    if model is None or splits.train.beside is not None:
        return None
    size = int(np.prod(features_of(_head(model)).shape[1:]))
    most = min(_MOST, _MOST_BYTES // (2 * size), _passes(trained) * 3 // 4)
    if most < min(_LEAST, len(splits.train)):
        return None
    task = task_of(splits.info.task)
    learned = spread_over(task.strata(splits.train.targets.tolist()), len(splits.train), most, seed)
    judged = spread_over(None, len(splits.val), min(_MOST_VALIDATED, _passes(trained) // 4), seed)
    plain = train.rows[0] if isinstance(train, Views) else train
    rows = unit_length(pooled_rows(model, plain, learned, splits.info)).astype(np.float16)
    known = KnownExamples(rows, min(_NEIGHBOURS, len(rows)), 0.0)
    scores = known.scores(pooled_rows(model, val, judged, splits.info))
    return with_threshold(known, scores) if np.isfinite(rows).all() and np.isfinite(scores).all() else None


def with_threshold(known: KnownExamples, scores: np.ndarray) -> KnownExamples:
    """What is known, with the scores of validation by which that is told."""
    quantiles = np.quantile(scores.astype(np.float64), np.linspace(0, 1, 21), method="higher").round(6).tolist()
    return replace(known, threshold=quantiles[_KNOWN], quantiles=tuple(quantiles))


def _passes(trained: Trained) -> int:
    """How many examples may go through what is trained once more; any number where their features are at hand."""
    if trained.features is not None and trained.features.frozen.cut is None:
        return 4 * _MOST
    epochs = sum(len(phase.history) for phase in trained.phases)
    return max(_LEAST_PASSES, int(_COST * epochs * len(trained.splits.train)))


def spread_over(classes: Sequence[Hashable] | None, count: int, most: int, seed: int) -> np.ndarray:
    """Places of so many examples, as many of each class as there are, by the seed; in order.

    Example:
        >>> spread_over(["a"] * 6 + ["b"] * 2, 8, 4, seed=7)[-2:].tolist()
        [6, 7]
    """
    order = np.random.default_rng(seed).permutation(count)
    if classes is not None:
        seen: Counter[Hashable] = Counter()
        turns = np.empty(count, int)
        for place in order:
            turns[place] = seen[classes[place]]
            seen[classes[place]] += 1
        order = order[np.argsort(turns[order], kind="stable")]
    return np.sort(order[:most])


def _head(model: keras.Model) -> keras.Model:
    return model if model.name == "head" else model.get_layer("head")


def pooled_rows(model: keras.Model, source: BatchSource, places: np.ndarray, info: Info) -> np.ndarray:
    """The pooled features at these places, by the parts of a model before its head; nothing is traced for so few."""
    head, parts = _head(model), [] if model.name == "head" else model.layers[1:-1]
    front = keras.Model(head.inputs, features_of(head))
    source = kept(source, info) if isinstance(source, Examples) else source
    found = []
    for start in range(0, len(places), PREDICT_BATCH):
        x = source.load(places[start : start + PREDICT_BATCH])
        x = keras.ops.convert_to_tensor(x, "string" if x.dtype == object else None)
        for part in parts:
            x = part(x, training=False)
        found.append(keras.ops.convert_to_numpy(keras.ops.cast(front(x, training=False), "float32")))
    return np.concatenate(found)
