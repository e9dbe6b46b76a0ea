"""The frozen features that a run learns from and is scored on: begun early, waited for when they are needed."""

from __future__ import annotations

import hashlib
import itertools
import logging
from dataclasses import replace
from typing import Any

import numpy as np

from tlkit.data.splits import Examples, Splits
from tlkit.engines.engine_process import EngineProcess
from tlkit.engines.feature_cache import Rows
from tlkit.engines.frozen_features import Extraction, begin_extraction, extract_here, view_parts
from tlkit.engines.frozen_part import Frozen
from tlkit.errors import DataError, EngineError
from tlkit.training.batches import Views
from tlkit.training.early_features import exact, learned
from tlkit.training.model_builder import Construction
from tlkit.training.setup import Setup

_log = logging.getLogger(__name__)


class Features:
    """One frozen part's features, in the precision to learn from, and for the test split in the one to be judged by."""

    def __init__(
        self, setup: Setup, construction: Construction, cut: str | None, process: EngineProcess | None, early=None
    ) -> None:
        self._setup, self._construction, self._process = setup, construction, process
        self.frozen = _frozen(setup, construction, cut)
        self._early: dict[str, Extraction] = early or {}
        self.facts: dict[str, Any] = {}

    def to_learn_from(self, splits: Splits) -> tuple[dict[str, Any], Splits]:
        """Rows or views of train and rows of val, and the splits less what cannot be read."""
        rows, bad = self._rows(self.frozen, learned(splits), self._early.get("learn"))
        splits = set_aside(self._setup, splits, bad)
        sources: dict[str, Any] = dict(rows)
        augment = self._setup.recipe.augment
        if augment.steps and augment.views:
            sources["train"] = self._views(splits.train, rows["train"])
        return sources, splits

    def begin_test(self, splits: Splits) -> None:
        """Start on the test split, so that it is computed while the head is trained."""
        frozen = exact(self.frozen)
        if frozen.engine == "openvino" and self._process is not None and "test" not in self._early:
            self._early["test"] = begin_extraction(frozen, {"test": splits.test}, self._process)

    def to_be_judged_by(self, splits: Splits) -> tuple[Rows, Splits]:
        """Rows of the test split, and the splits less what of it cannot be read."""
        rows, bad = self._rows(exact(self.frozen), {"test": splits.test}, self._early.get("test"))
        return rows["test"], set_aside(self._setup, splits, bad)

    @property
    def precision(self) -> str:
        """The precision of what is judged."""
        return exact(self.frozen).precision

    def _views(self, train: Examples, plain: Rows) -> Views:
        from tlkit.kinds.augment import pipeline

        recipe, info = self._setup.recipe, self._setup.splits.info
        steps = pipeline.build(recipe.augment.steps, folder=recipe.folder, kind=info.kind, shape=info.input_shape)
        changed = replace(
            self.frozen, augment=tuple(recipe.augment.steps), augment_spec=steps.spec, kind=info.kind, seed=recipe.seed
        )
        more, _ = self._rows(changed, view_parts(train, recipe.augment.views))
        return Views([plain, *more.values()], recipe.seed)

    def _rows(self, frozen: Frozen, parts: dict[str, Examples], early: Extraction | None = None):
        """Features by OpenVINO, or by Keras where that is asked for or OpenVINO cannot run this backbone."""
        if frozen.engine == "openvino" and self.frozen.engine == "openvino":
            try:
                extraction = early or begin_extraction(frozen, parts, self._process)
                return self._noted(extraction, extraction.finish())
            except EngineError as error:
                if self._setup.recipe.train.engine != "auto":
                    raise
                _log.warning("%s. Going on with Keras", error)
        built = self._construction.parts()
        self.frozen = replace(self.frozen, engine="keras", precision=built.precision)
        frozen = replace(frozen, engine="keras", precision=built.precision)
        extraction = extract_here(frozen, parts, (built.preprocessing, built.backbone))
        return self._noted(extraction, extraction.finish())

    def _noted(self, extraction: Extraction, rows: dict[str, Rows]):
        counts = {name: self.facts.get(name, 0) + extraction.facts[name] for name in ("cached", "computed")}
        self.facts = {**extraction.facts, **self.facts, **counts}
        return rows, extraction.bad


def set_aside(setup: Setup, splits: Splits, bad: dict[str, str]) -> Splits:
    """The splits less these examples; an error where they are too many."""
    total = sum(splits.counts().values()) + len(splits.info.set_aside)
    every = {**splits.info.set_aside, **bad}
    if len(every) > setup.recipe.data.max_bad * total:
        shown = "; ".join(f"{name}: {why}" for name, why in list(every.items())[:5])
        raise DataError(f"data: {len(every)} of {total} examples cannot be used, more than data.max_bad: {shown}")
    return splits.without(bad) if bad else splits


def _frozen(setup: Setup, construction: Construction, cut: str | None) -> Frozen:
    pooling = setup.recipe.model.head.pooling
    if setup.front.pretrained and setup.engine == "openvino":
        return Frozen(setup.front, cut, pooling, setup.engine, setup.precision)
    parts = construction.parts()
    digest = "" if setup.front.pretrained else _weights_digest(parts.preprocessing, parts.backbone)
    return Frozen(setup.front, cut, pooling, "keras", parts.precision, digest=digest)


def _weights_digest(*models) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for array in itertools.chain.from_iterable(model.get_weights() for model in models):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
