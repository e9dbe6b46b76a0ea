"""One trial of a search: a recipe trained on train and scored on val, by the code that `run` trains with."""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import psutil

from tlkit.data.splits import Splits
from tlkit.errors import ModelError, exhausted
from tlkit.recipe.overriding import flat
from tlkit.recipe.schema import Recipe
from tlkit.search.search_journal import SearchError
from tlkit.search.trial import COMPLETED, INFEASIBLE
from tlkit.search.trial_messages import Outcome
from tlkit.tracking import SilentRecorder
from tlkit.training.callbacks import Fitted, TrainingError
from tlkit.training.checkpoints.checkpoint import Checkpoint
from tlkit.training.feature_worker import FeatureWorker
from tlkit.training.model_builder import ModelBuilder, has_reusable_head
from tlkit.training.phases import Sources, fit_phases
from tlkit.training.planning import setup_of
from tlkit.training.reusable_head import ReusableHead
from tlkit.training.setup import Setup

OnEpoch = Callable[[Mapping[str, float], int], None]
Learned = tuple[Sources, Splits]  # what a phase learns from, and the splits that it is of
_log = logging.getLogger(__name__)
_MOST_HEADS = 16  # that stand compiled at a time
_NUMBERS = (
    "model.head.dropout", "train.learning_rate", "train.optimizer.momentum", "train.optimizer.weight_decay",
    "train.batch_size", "train.epochs", "train.warmup",
)  # fmt: skip


@dataclass
class TrialResources:
    """What the trials of one process share: data, frozen features, and the engine that computes them."""

    splits: Splits
    worker: FeatureWorker = field(default_factory=FeatureWorker)
    _features: list[tuple[Any, Learned]] = field(default_factory=list)
    _heads: dict[str, ReusableHead] = field(default_factory=dict)

    def recall(self, setup: Setup, cut: str | None, compute: Callable[[], Learned]) -> Learned:
        """The sources behind a cut and the splits that they are of: those at hand, or computed now."""
        if not setup.backbone.pretrained:
            return compute()
        augment = setup.options.augmentation
        key = (setup.frozen(cut), augment, setup.options.seed if augment.steps else 0)
        sources, splits = _remembered(self._features, key, compute)
        return dict(sources), splits

    @contextmanager
    def head(self, setup: Setup, shape: str) -> Iterator[ReusableHead | None]:
        """A head that was compiled for a trial of the same shape, or an empty one; None where more is trained.

        One whose trial failed is not used again. When there are many, all are released, with what TensorFlow keeps.
        """
        if len(setup.phases) > 1 or not (
            has_reusable_head(setup) and setup.phases[0].trains_head_alone(setup.backbone)
        ):
            yield None
            self.release()
            return
        reusable = self._heads.pop(shape, None) or ReusableHead()
        yield reusable
        self._heads[shape] = reusable
        if len(self._heads) >= _MOST_HEADS:
            self.release()

    def release(self) -> None:
        """Forget what was compiled."""
        self._heads.clear()
        keras.utils.clear_session(free_memory=False)


def try_recipe(resources: TrialResources, recipe: Recipe, checkpoint: Checkpoint, on_epoch: OnEpoch) -> Outcome:
    """Train a recipe on train as far as the checkpoint goes; how it ended.

    Example:
        >>> checkpoint = Checkpoint(Path("state.npz"))  # doctest: +SKIP
        >>> try_recipe(TrialResources(splits), recipe, checkpoint, print).status  # doctest: +SKIP
        'COMPLETED'
    """
    begun = time.monotonic()
    try:
        outcome = _tried(resources, recipe, checkpoint, on_epoch)
    except ModelError as error:
        outcome = Outcome(INFEASIBLE, message=str(error).splitlines()[0])
    except RecursionError as error:
        outcome = Outcome(INFEASIBLE, message=exhausted(error))
    except TrainingError as error:
        outcome = Outcome("FAILED", message=str(error), kind="training")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SearchError(
                f"{checkpoint.path.parent}: {error.strerror}. Make room; the same command goes on"
            ) from error
        outcome = Outcome("FAILED", message=_line(error), kind="error")
    except Exception as error:  # whatever a net of one's own or a framework may raise must not end the search
        _log.debug("trial", exc_info=True)
        outcome = Outcome("FAILED", message=_line(error), kind="memory" if exhausted(error) else "error")
    if outcome.status != COMPLETED:
        resources.release()
    used = psutil.Process(os.getpid()).memory_info().rss
    return replace(outcome, seconds=time.monotonic() - begun, memory=used)


def _tried(resources: TrialResources, recipe: Recipe, checkpoint: Checkpoint, on_epoch: OnEpoch) -> Outcome:
    setup = setup_of(recipe, resources.splits)
    with resources.head(setup, _shape(recipe)) as reusable:
        trained = fit_phases(
            setup, resources.worker.take(setup), SilentRecorder(on_epoch), builder=ModelBuilder(setup, reusable),
            checkpoint=checkpoint, judged=False, recall=resources.recall,
        )  # fmt: skip
    return Outcome(COMPLETED, _best(checkpoint, trained.phases))


def _best(checkpoint: Checkpoint, phases: Sequence[Fitted]) -> dict[str, float]:
    """The metrics of the epoch whose weights are kept."""
    if not phases:
        return checkpoint.curve[-1]
    return phases[-1].best


def _shape(recipe: Recipe) -> str:
    """What of a recipe its compiled head depends on: all but the numbers that may change under it."""
    values = dict(flat(recipe.model_dump(mode="json", exclude={"tune", "track", "data", "name", "description"})))
    return repr({path: bool(value) if path in _NUMBERS else value for path, value in values.items()})


def with_batch(recipe: Recipe, size: int) -> Recipe:
    """The recipe with another batch size in all its phases."""
    phases = [
        phase if phase.batch_size is None else phase.model_copy(update={"batch_size": size})
        for phase in recipe.train.phases
    ]
    changed = recipe.model_copy(
        update={"train": recipe.train.model_copy(update={"batch_size": size, "phases": phases})}
    )
    changed._folder, changed._source = recipe.folder, recipe.source
    return changed


def _remembered(kept: list[tuple[Any, Learned]], key: Any, compute: Callable[[], Learned]) -> Learned:
    """What was computed under an equal key before; the four used last are kept."""
    for index, (known, value) in enumerate(kept):
        if known == key:
            kept.append(kept.pop(index))
            return value
    value = compute()
    kept.append((key, value))
    del kept[:-4]
    return value


def _line(error: Exception) -> str:
    first = next(iter(str(error).strip().splitlines()), "")
    return f"{type(error).__name__}: {first}"[:300]
