"""The frozen features that a run learns from and is scored on: begun early, waited for when they are needed."""

from __future__ import annotations

import hashlib
import itertools
import logging
from dataclasses import replace

import keras
import numpy as np

from tlkit.data.splits import Examples, Splits
from tlkit.engines.engine_messages import FeatureStats
from tlkit.engines.feature_cache import FeatureRows
from tlkit.engines.frozen_features import Extraction, extract_here, view_parts
from tlkit.engines.frozen_part import FrozenPart
from tlkit.errors import DataError, EngineError
from tlkit.training.batches import BatchSource, Views
from tlkit.training.feature_worker import FeatureWorker
from tlkit.training.model_builder import ModelBuilder
from tlkit.training.setup import Setup, learned

_log = logging.getLogger(__name__)


class Features:
    """One frozen part's features, in the precision to learn from, and for the test split in the one to be judged by."""

    def __init__(self, setup: Setup, builder: ModelBuilder, cut: str | None) -> None:
        self._setup, self._builder = setup, builder
        self.frozen = _frozen(setup, builder, cut)
        self.stats: FeatureStats = {}

    def to_learn_from(self, splits: Splits, worker: FeatureWorker) -> tuple[dict[str, BatchSource], Splits]:
        """Rows or views of train and rows of val, and the splits less what cannot be read."""
        rows, bad = self._rows("learn", self.frozen, learned(splits), worker)
        splits = set_aside(splits, bad, most=self._setup.options.max_bad)
        sources: dict[str, BatchSource] = dict(rows)
        augment = self._setup.options.augmentation
        if augment.steps and augment.views:
            sources["train"] = self._views(splits.train, rows["train"], worker)
        return sources, splits

    def to_be_judged_by(self, splits: Splits, worker: FeatureWorker) -> tuple[FeatureRows, Splits]:
        """Rows of the test split, and the splits less what of it cannot be read."""
        rows, bad = self._rows("test", self.frozen.exact(), {"test": splits.test}, worker)
        return rows["test"], set_aside(splits, bad, most=self._setup.options.max_bad)

    @property
    def precision(self) -> str:
        """The precision of what is judged."""
        return self.frozen.exact().precision

    def _views(self, train: Examples, plain: FeatureRows, worker: FeatureWorker) -> Views:
        options, info = self._setup.options, self._setup.splits.info
        augment = options.augmentation
        pipeline = augment.pipeline(info)
        assert pipeline is not None, "there are steps"
        changed = replace(self.frozen, augment=tuple(augment.steps), augment_spec=pipeline.spec, seed=options.seed)
        more, _ = self._rows("views", changed, view_parts(train, augment.views), worker)
        return Views([plain, *more.values()], options.seed)

    def _rows(
        self, name: str, frozen: FrozenPart, parts: dict[str, Examples], worker: FeatureWorker
    ) -> tuple[dict[str, FeatureRows], dict[str, str]]:
        """Features by OpenVINO, or by Keras where that is asked for or OpenVINO cannot run this backbone."""
        if frozen.engine == "openvino" and self.frozen.engine == "openvino":
            try:
                extraction = worker.extraction(name, frozen, parts)
                return self._noted(extraction, extraction.finish())
            except EngineError as error:
                if self._setup.options.engine != "auto":
                    raise
                _log.warning("%s. Going on with Keras", error)
        built = self._builder.parts()
        self.frozen = replace(self.frozen, engine="keras", precision=built.precision)
        frozen = replace(frozen, engine="keras", precision=built.precision)
        extraction = extract_here(frozen, parts, (built.preprocessing, built.backbone))
        return self._noted(extraction, extraction.finish())

    def _noted(
        self, extraction: Extraction, rows: dict[str, FeatureRows]
    ) -> tuple[dict[str, FeatureRows], dict[str, str]]:
        cached = self.stats.get("cached", 0) + extraction.stats["cached"]
        computed = self.stats.get("computed", 0) + extraction.stats["computed"]
        self.stats = {**extraction.stats, **self.stats, "cached": cached, "computed": computed}
        return rows, extraction.bad


def set_aside(splits: Splits, bad: dict[str, str], *, most: float) -> Splits:
    """The splits less these examples; an error where they are more than this share of all."""
    total = sum(splits.counts().values()) + len(splits.info.set_aside)
    every = {**splits.info.set_aside, **bad}
    if len(every) > most * total:
        shown = "; ".join(f"{name}: {why}" for name, why in list(every.items())[:5])
        raise DataError(f"data: {len(every)} of {total} examples cannot be used, more than data.max_bad: {shown}")
    return splits.without(bad) if bad else splits


def _frozen(setup: Setup, builder: ModelBuilder, cut: str | None) -> FrozenPart:
    if setup.backbone.pretrained and setup.engine == "openvino":
        return setup.frozen(cut)
    parts = builder.parts()
    digest = "" if setup.backbone.pretrained else _weights_digest(parts.preprocessing, parts.backbone)
    return replace(setup.frozen(cut), engine="keras", precision=parts.precision, digest=digest)


def _weights_digest(*models: keras.Model) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for array in itertools.chain.from_iterable(model.get_weights() for model in models):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
