"""How good backbones' frozen features are for data: a head is solved on each, and judged by folds.

Nothing is looked at but train and val, of many examples a part; neither Keras nor TensorFlow is imported here.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tlkit import catalog
from tlkit.data.splits import Examples, Splits, joined
from tlkit.engines.engine_process import EngineProcess
from tlkit.engines.frozen_features import Extraction, begin_extraction
from tlkit.errors import EngineError, RecipeError
from tlkit.pretrained.available_weights import are_here
from tlkit.recipe.loading import changed_recipe
from tlkit.recipe.schema import Recipe
from tlkit.tasks.task import Task, task_of
from tlkit.training.planning import default_size, is_pretrained, load_data, setup_of
from tlkit.training.setup import Setup, learned
from tlkit.training.solving.folds import solving_folds
from tlkit.training.solving.linear_solver import LINKS, Rows, solve

MOST = 2000  # examples that a backbone is judged by
_TASTE = 64  # that tell how fast it is
_LARGER = 9 / 7  # 288 pixels in place of 224
_RUN = 12.0  # seconds of a run beside its features


@dataclass(frozen=True)
class Candidate:
    """A backbone, and the pixels that it is given."""

    net: str
    size: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.net} at {' x '.join(map(str, dict.fromkeys(self.size)))}"

    def changes(self) -> Mapping[str, object]:
        """What it is in a recipe."""
        return {"model.net": self.net, "data.image_size": list(self.size)}


@dataclass(frozen=True)
class Probed:
    """What a head on a candidate's features comes to on examples that it did not learn from."""

    candidate: Candidate
    name: str  # of the task's first score
    score: float  # of all that was held out
    losses: np.ndarray  # of each example
    examples: int
    seconds: float

    @property
    def loss(self) -> float:
        """In the mean."""
        return float(self.losses.mean())

    @property
    def line(self) -> str:
        """What it came to, in a line."""
        return f"{self.candidate!s:<30} {self.name} {self.score:.4f}  log loss {self.loss:.4f}  {self.seconds:.1f} s"

    def row(self, own: Probed) -> dict[str, Any]:
        """What it came to as plain values, beside the recipe's own."""
        gain, error = self.gain_over(own)
        return {
            "net": self.candidate.net, "image_size": list(self.candidate.size), self.name: self.score,
            "log_loss": self.loss, "gain": gain, "error": error, "seconds": round(self.seconds, 2),
        }  # fmt: skip

    def gain_over(self, other: Probed) -> tuple[float, float]:
        """By how much its loss is less than another's on the same examples, and the standard error of that."""
        less = other.losses - self.losses
        return float(less.mean()), float(less.std(ddof=1) / len(less) ** 0.5)

    def beats(self, other: Probed) -> bool:
        """Whether what it gains is more than its standard error."""
        gain, error = self.gain_over(other)
        return gain > error


def best_of(found: Sequence[Probed]) -> Probed:
    """The one that beats all before it by more than its standard error; the first stands while none does."""
    return functools.reduce(lambda best, each: each if each.beats(best) else best, found)


def candidates(recipe: Recipe) -> list[Candidate]:
    """The recipe's own backbone first, then all whose weights are here, from small inputs to large ones."""
    if not is_pretrained(recipe):
        raise RecipeError([f"model.net: {recipe.model.net} has no weights to begin with, so there is nothing to probe"])
    size = recipe.data.image_size or default_size(recipe)
    own = Candidate(recipe.model.net, (size, size) if isinstance(size, int) else (size[0], size[-1]))
    found = [
        Candidate(name, (line.size, line.size))
        for name, line in catalog.BACKBONES.items()
        if line.size is not None and are_here(name)
    ]
    larger = tuple(round(side * _LARGER) for side in own.size)
    found.append(Candidate(own.net, (larger[0], larger[1])))
    return [own, *sorted({*found} - {own}, key=lambda each: (each.size, each.net))]


def probe(
    recipe: Recipe, wanted: Sequence[Candidate], process: EngineProcess, budget: Budget | None = None
) -> Iterator[Probed]:
    """Each candidate once it is judged, while the next one's features are computed; those a budget has time for."""
    current: _Begun | None = None
    for each in wanted:
        if budget and not budget.allows(_begun(recipe, each, process, most=_TASTE), first=current is None):
            continue
        before, current = current, _begun(recipe, each, process)
        if before is not None:
            yield before.judged(recipe.seed)
        _ = current.features
    assert current is not None, "the first is allowed or refused"
    yield current.judged(recipe.seed)


@dataclass
class Budget:
    """The seconds there are, and which backbones there is time for, by what a taste of each tells."""

    seconds: float
    since: float = field(default_factory=time.monotonic)
    left_out: list[Candidate] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Seconds."""
        return self.seconds - (time.monotonic() - self.since)

    def allows(self, taste: _Begun, *, first: bool) -> bool:
        """Whether there is time for a candidate and for a run with it; the first is refused where there is not."""
        _ = taste.features
        rate = taste.extraction.stats.get("images_per_second")
        needed = _RUN + ((min(MOST, taste.examples) + taste.examples) / rate if rate else 0.0)  # no rate: in the cache
        if needed < self.left:
            return True
        self.left_out.append(taste.candidate)
        if first:
            wanted = self.seconds - self.left + needed
            raise RecipeError([
                f"--budget {self.seconds:.0f}s: {taste.candidate} alone takes about {wanted:.0f} s for "
                f"{taste.examples} examples. Give {math.ceil(wanted * 1.2)}s or more, or a smaller data.image_size"
            ])  # fmt: skip
        return False


@dataclass(frozen=True)
class _Begun:
    """A candidate whose features are under way."""

    candidate: Candidate
    setup: Setup
    examples: int  # of all parts
    sample: Examples
    extraction: Extraction
    since: float

    @functools.cached_property
    def features(self) -> tuple[np.ndarray, float]:
        """Those of the sample, in its order, once they are there, and the seconds that it took."""
        rows = self.extraction.finish()["learn"]
        return rows.load(range(len(rows))), time.monotonic() - self.since

    def judged(self, seed: int) -> Probed:
        """What a head solved on them comes to; `solve` says how its penalty is chosen."""
        features, seconds = self.features
        sound = [place for place, name in enumerate(self.sample.names) if name not in self.extraction.bad]
        sample = self.sample.take(sound)
        info = self.setup.splits.info
        task = task_of(info.task).fitted(sample.targets)
        outputs, losses = _held_out(task, sample, features, info.num_outputs, seed)
        name = task.headline[0]
        score = task.measure(sample.targets, outputs, info.class_names)["metrics"][name]
        return Probed(self.candidate, name, score, losses, len(sample), seconds)


def _begun(recipe: Recipe, candidate: Candidate, process: EngineProcess, most: int = MOST) -> _Begun:
    since, splits, setup = time.monotonic(), *_setup(recipe, candidate)
    sample, count = _sample(splits, recipe.seed, most), sum(splits.counts().values())
    extraction = begin_extraction(setup.frozen(), {"learn": sample}, process)
    return _Begun(candidate, setup, count, sample, extraction, since)


def _setup(recipe: Recipe, candidate: Candidate) -> tuple[Splits, Setup]:
    plain = {"train.phases": [], "train.unfreeze": "none", "train.label_smoothing": 0.0, "augment": {}}
    changed = changed_recipe(recipe, {**candidate.changes(), **plain, "model.head.units": []})
    splits = load_data(changed)
    setup = setup_of(changed, splits)
    if setup.engine != "openvino":
        raise EngineError(
            "probe: needs OpenVINO for frozen backbones; pip install openvino, and leave train.engine: auto"
        )
    return splits, setup


def _sample(splits: Splits, seed: int, most: int) -> Examples:
    whole = joined(list(learned(splits).values()))
    return whole.take(np.sort(np.random.default_rng(seed).permutation(len(whole))[:most]))


def _held_out(
    task: Task, sample: Examples, features: np.ndarray, num_outputs: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """What heads say of examples that they did not learn from, in the data's units, and the loss of each."""
    end = task.output(sample.targets)
    link, mean, deviation = (
        LINKS[end["output"]],
        np.asarray(end.get("mean", 0.0)),
        np.asarray(end.get("deviation", 1.0)),
    )
    targets = (task.for_loss(sample.targets, num_outputs).reshape(len(sample), -1) - mean) / deviation
    rows = Rows(features.astype(np.float64), targets, np.ones(len(sample)))
    found = solve(
        rows,
        solving_folds(sample, task, seed),
        link,
        lambda answers: {"loss": float(link.loss(answers, targets).mean())},
    )
    return found.held_out * deviation + mean, link.loss(found.held_out, targets)
