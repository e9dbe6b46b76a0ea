"""How good backbones' frozen features are for data: a head is solved on each, and judged by folds.

Nothing is looked at but train and val, of many examples a part; neither Keras nor TensorFlow is imported here.
"""

from __future__ import annotations

import contextlib
import functools
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tlkit import catalog
from tlkit.data.splits import Examples, Splits, joined
from tlkit.engines.engine_process import EngineProcess
from tlkit.engines.frozen_features import Extraction, begin_extraction, missing_from
from tlkit.engines.frozen_part import FrozenPart
from tlkit.engines.speeds import speed_here
from tlkit.errors import EngineError, RecipeError, TlkitError
from tlkit.pretrained.available_weights import are_here
from tlkit.recipe.checking import source_arguments
from tlkit.recipe.loading import changed_recipe
from tlkit.recipe.schema import Recipe
from tlkit.search.probing.held_out import LOSS, Judge
from tlkit.search.probing.time_budget import TimeBudget
from tlkit.search.probing.tried import Candidate, Tried
from tlkit.training.planning import default_size, is_pretrained, load_data, setup_of
from tlkit.training.setup import Setup, learned
from tlkit.training.solving.folds import solving_folds
from tlkit.training.solving.linear_solver import Rows, solve

MOST = 2000  # examples that a backbone is judged by
_TASTE = 64  # that tell how fast it is
_PLAIN: Mapping[str, Any] = {  # what a recipe says of training more than a head, or of a head of several layers, undone
    "train.phases": [], "train.unfreeze": "none", "train.label_smoothing": 0.0, "train.layer_decay": 1.0,
    "train.l2_sp": 0.0, "train.batch_norm": "trained", "train.keep": "best", "augment": {}, "model.head.units": [],
}  # fmt: skip
_LARGER = 9 / 7  # 288 pixels in place of 224


def candidates(recipe: Recipe) -> list[Candidate]:
    """The recipe's own backbone first, then all whose weights are here, from small inputs to large ones."""
    if not is_pretrained(recipe):
        raise RecipeError([f"model.net: {recipe.model.net} has no weights to begin with, so there is nothing to probe"])
    size = recipe.data.image_size or default_size(recipe)
    own = (size, size) if isinstance(size, int) else (size[0], size[-1])
    larger = (round(own[0] * _LARGER), round(own[1] * _LARGER))
    here = {
        ((line.size, line.size), name)
        for name, line in catalog.BACKBONES.items()
        if line.size is not None and are_here(name)
    }
    first = _candidate(recipe.model.net, own)
    others = sorted({*here, (larger, recipe.model.net)} - {(own, recipe.model.net)})
    return [first, *cropped(recipe, first), *(_candidate(net, each) for each, net in others)]


def _candidate(net: str, size: tuple[int, int]) -> Candidate:
    name = f"{net} at {' x '.join(map(str, dict.fromkeys(size)))}"
    return Candidate(name, {"model.net": net, "data.image_size": list(size)})


def cropped(recipe: Recipe, candidate: Candidate) -> list[Candidate]:
    """A candidate on the middle of each picture alone, where the recipe and the candidate leave that open."""
    known = catalog.arguments(recipe.data.source, catalog.SOURCES, kind="source", folder=recipe.folder) or {}
    if "resize" not in known or "resize" in source_arguments(recipe.data) or "data.resize" in candidate.changes:
        return []
    return [Candidate(f"{candidate}, the middle", {**candidate.changes, "data.resize": "centre"})]


def joined_with_last(recipe: Recipe, candidate: Candidate) -> list[Candidate]:
    """A candidate whose head sees the last block before the output as well, where the recipe leaves that open."""
    if recipe.model.features or catalog.entry(candidate.changes["model.net"], catalog.BACKBONES) is None:
        return []
    return [Candidate(f"{candidate}, last block joined", {**candidate.changes, "model.features": ["last", "top"]})]


def probe(
    recipe: Recipe,
    wanted: Sequence[Candidate],
    process: EngineProcess,
    budget: TimeBudget | None = None,
    *,
    nothing_yet: bool = True,
    metric: str = LOSS,
    leave_out: Callable[[Candidate, str], None] = lambda candidate, why: None,
) -> Iterator[Tried]:
    """Each candidate once it is judged, while the next one's features are computed; those a budget has time for.

    The first is refused where there is no time for it or it cannot be had, unless something was tried before; others
    are left out.
    """
    before: _Begun | None = None
    first = nothing_yet
    for each in wanted:
        begun = None
        with _leaving_out(each, leave_out, first=first):
            taste = None if budget is None else _begun(recipe, each, process, most=_TASTE)
            final = 0.0 if budget is None or taste is None else _allowed(budget, taste, recipe, first=first)
            if final is not None:
                begun = replace(_begun(recipe, each, process), final=final)
        if begun is None:
            continue
        if before is not None:
            yield before.judged(recipe.seed, metric)
        before = None
        with _leaving_out(each, leave_out, first=first):
            _ = begun.features
            before, first = begun, False
    if before is not None:
        yield before.judged(recipe.seed, metric)


@contextlib.contextmanager
def _leaving_out(candidate: Candidate, leave_out: Callable[[Candidate, str], None], *, first: bool) -> Iterator[None]:
    """Go on without a candidate that cannot be had, and say why; the first is refused."""
    try:
        yield
    except TlkitError as error:
        if first:
            raise
        leave_out(candidate, str(error).splitlines()[0])


def _allowed(budget: TimeBudget, taste: _Begun, recipe: Recipe, *, first: bool) -> float | None:
    """The seconds of a run's further features, where there is time for a candidate and for that, as a taste tells."""
    _ = taste.features
    frozen, parts = taste.setup.frozen(), taste.setup.splits.parts()
    missing = missing_from(frozen, list(parts.values()))
    views = len(parts["train"]) * recipe.augment.views if recipe.augment.steps else 0
    rate = taste.extraction.stats.get("images_per_second") or _known_speed(frozen)  # a taste in the cache tells none
    sampled = min(MOST, missing)
    trying, final = sampled / rate, (missing - sampled + views) / rate
    hint = ", or a smaller data.image_size"
    fits = budget.allows(taste.candidate, trying, final, examples=taste.examples, first=first, hint=hint)
    return final if fits else None


def _known_speed(frozen: FrozenPart) -> float:
    """Pictures a second, as was seen here before; without end where they never were many enough to tell."""
    return speed_here(frozen.backbone.catalog_name or frozen.backbone.net, frozen.backbone.input_shape) or math.inf


@dataclass(frozen=True)
class _Begun:
    """A candidate whose features are under way."""

    candidate: Candidate
    setup: Setup
    examples: int  # of all parts
    sample: Examples
    extraction: Extraction
    since: float
    final: float = 0.0  # seconds of a run's further features

    @functools.cached_property
    def features(self) -> tuple[np.ndarray, float]:
        """Those of the sample, in its order, once they are there, and the seconds that it took."""
        rows = self.extraction.finish()["learn"]
        return rows.load(range(len(rows))), time.monotonic() - self.since

    def judged(self, seed: int, metric: str) -> Tried:
        """What a head solved on them comes to; `solve` says how its penalty is chosen."""
        features, seconds = self.features
        sound = [place for place, name in enumerate(self.sample.names) if name not in self.extraction.bad]
        sample, judge = self.sample.take(sound), Judge.of(self.setup.splits, metric)
        targets = judge.scaled(sample)
        found = solve(
            Rows(features.astype(np.float64), targets, np.ones(len(sample))),
            solving_folds(sample, judge.task, seed),
            judge.link,
            lambda answers: {"loss": float(judge.link.loss(answers, targets).mean())},
        )
        tried = judge.tried(self.candidate, sample, found.held_out * judge.deviation + judge.mean, seconds)
        return replace(tried, final=self.final)


def _begun(recipe: Recipe, candidate: Candidate, process: EngineProcess, most: int = MOST) -> _Begun:
    since, splits, setup = time.monotonic(), *_setup(recipe, candidate)
    sample, count = _sample(splits, recipe.seed, most), sum(splits.counts().values())
    extraction = begin_extraction(setup.frozen(), {"learn": sample}, process)
    return _Begun(candidate, setup, count, sample, extraction, since)


def _setup(recipe: Recipe, candidate: Candidate) -> tuple[Splits, Setup]:
    engine = {"train.engine": "openvino"} if recipe.train.engine == "auto" else {}  # beside a GPU too, for Keras waits
    changed = changed_recipe(recipe, {**candidate.changes, **_PLAIN, **engine})
    splits = load_data(changed)
    setup = setup_of(changed, splits)
    if setup.engine != "openvino":
        raise EngineError("train.engine: keras: backbones are probed by OpenVINO alone. Leave it out")
    return splits, setup


def _sample(splits: Splits, seed: int, most: int) -> Examples:
    whole = joined(list(learned(splits).values()))
    return whole.take(np.sort(np.random.default_rng(seed).permutation(len(whole))[:most]))
