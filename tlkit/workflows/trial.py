"""One trial of a search: a recipe trained on train and scored on val, by the code that `run` trains with."""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras
import psutil

from tlkit.data.splits import Splits
from tlkit.errors import ModelError
from tlkit.recipe.schema import Recipe
from tlkit.training.callbacks import TrainingError
from tlkit.training.course import Course
from tlkit.training.engine_process import EngineProcess
from tlkit.tuning.ledger import SearchError
from tlkit.workflows.parts import Construction
from tlkit.workflows.run import Setup, make_setup
from tlkit.workflows.stages import Stages
from tlkit.workflows.training_run import fit_phases

OnEpoch = Callable[[dict[str, float], int], None]
_log = logging.getLogger(__name__)
_EXHAUSTED = ("ResourceExhausted", "out of memory", "OOM when allocating", "bad_alloc", "failed to allocate")


@dataclass
class Bench:
    """What the trials of one process share: data, frozen features, and the engine that computes them."""

    splits: Splits
    process: EngineProcess | None = None
    _features: list[tuple[Any, tuple]] = field(default_factory=list)

    def recall(self, setup: Setup, cut: str | None, compute: Callable[[], tuple]) -> tuple:
        """The sources behind a cut and the splits that they are of: those at hand, or computed now."""
        if not setup.front.pretrained:
            return compute()
        recipe = setup.recipe
        key = (setup.front, cut, recipe.model.head.pooling, setup.engine, setup.precision, recipe.augment)
        sources, splits = _found(self._features, key, compute)
        return dict(sources), splits


class _Ear:
    """What `fit_phases` takes for the record."""

    def __init__(self, on_epoch: OnEpoch) -> None:
        self.log_metrics = on_epoch


def try_recipe(bench: Bench, recipe: Recipe, course: Course, on_epoch: OnEpoch) -> dict[str, Any]:
    """Train a recipe on train as far as the course goes; how it ended, as plain values.

    Example:
        >>> try_recipe(Bench(splits), recipe, Course(Path("state.npz")), print)["status"]  # doctest: +SKIP
        'COMPLETED'
    """
    begun = time.monotonic()
    try:
        outcome = _tried(bench, recipe, course, on_epoch)
    except ModelError as error:
        outcome = {"status": "INFEASIBLE", "message": str(error).splitlines()[0]}
    except TrainingError as error:
        outcome = {"status": "FAILED", "message": str(error), "kind": "training"}
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SearchError(f"{course.path.parent}: {error.strerror}. Make room; the same command goes on") from error
        outcome = {"status": "FAILED", "message": _line(error), "kind": "error"}
    except MemoryError as error:
        outcome = {"status": "FAILED", "message": f"out of memory {error}".strip(), "kind": "memory"}
    except Exception as error:  # whatever a net of one's own or a framework may raise must not end the search
        _log.debug("trial", exc_info=True)
        outcome = {"status": "FAILED", "message": _line(error), "kind": "memory" if _is_memory(error) else "error"}
    finally:
        keras.utils.clear_session(free_memory=False)
    used = psutil.Process(os.getpid()).memory_info().rss
    return {**outcome, "seconds": time.monotonic() - begun, "memory": used}


def _tried(bench: Bench, recipe: Recipe, course: Course, on_epoch: OnEpoch) -> dict[str, Any]:
    setup = make_setup(recipe, bench.splits)
    trained, _ = fit_phases(
        setup, Construction(setup), {}, bench.process, _Ear(on_epoch), Stages(), lambda text: None,
        course=course, recall=bench.recall,
    )  # fmt: skip
    return {"status": "COMPLETED", "metrics": _best(course, trained.phases)}


def _best(course: Course, phases: list) -> dict[str, float]:
    """The metrics of the epoch whose weights are kept."""
    if not phases:
        return course.curve[-1]
    return phases[-1].history[phases[-1].best_epoch]


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


def _found(kept: list[tuple[Any, tuple]], key: Any, compute: Callable[[], tuple]) -> tuple:
    """What was computed under an equal key before; the four used last are kept."""
    for place, (known, value) in enumerate(kept):
        if known == key:
            kept.append(kept.pop(place))
            return value
    value = compute()
    kept.append((key, value))
    del kept[:-4]
    return value


def _is_memory(error: Exception) -> bool:
    text = f"{type(error).__name__}: {error}"
    return any(each.lower() in text.lower() for each in _EXHAUSTED)


def _line(error: Exception) -> str:
    first = next(iter(str(error).strip().splitlines()), "")
    return f"{type(error).__name__}: {first}"[:300]
