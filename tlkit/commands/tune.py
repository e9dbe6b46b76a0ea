"""A search from a recipe's space to a trained, recorded winner.

This process chooses, notes and shows; it never trains. Trials run in worker processes, so that nothing that one of
them does can hurt the search.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tlkit.commands.preflight.given_recipe import recipe_of
from tlkit.commands.run import MLRUNS
from tlkit.data.splits import Splits
from tlkit.engines import leftovers
from tlkit.engines.hardware import has_openvino, memory_limit
from tlkit.errors import RecipeError
from tlkit.inspection.leak_guard import guarded
from tlkit.quiet import is_own_process, load_keras
from tlkit.recipe.schema import Recipe
from tlkit.recipe.space import Domain, read_space
from tlkit.search import worker_pool
from tlkit.search.address import check_address
from tlkit.search.feasibility import make_refusal
from tlkit.search.identity import check_same, identity_of
from tlkit.search.plan import SearchPlan, SearchResult
from tlkit.search.search_journal import SearchJournal
from tlkit.search.trial_process import TrialProcess
from tlkit.training.objective import direction_of
from tlkit.training.planning import as_written, load_data, setup_of

_MEMORY_SHARE = 0.7  # of the machine's memory that all trials together may be expected to take


def tune(
    recipe: Recipe | str | Path,
    *,
    splits: Splits | None = None,
    root: Path | None = None,
    new: bool = False,
    extend: int = 0,
    workers: int = 1,
    chief: str | None = None,
    live: bool = False,
    trust: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> SearchResult:
    """Search a recipe's space, or go on with that search, and train the winner.

    Args:
        trust: the recipe's own Python files may run, though they lie outside the working folder.

    Example:
        >>> tune(load_recipe("recipes/cats_tuned.yaml")).score  # doctest: +SKIP
        0.987
    """
    recipe, root = recipe_of(recipe, trust=trust), root or MLRUNS
    if chief is not None:
        check_address("--chief", chief)
    recipe = as_written(recipe)
    domains = read_space(recipe)
    splits = guarded(splits or load_data(recipe), allow_leaks=recipe.data.allow_leaks)
    setup_of(recipe, splits)
    direction = direction_of(recipe.tune.objective, splits.info.task)
    with ExitStack() as stack:
        journal = SearchJournal(root.absolute() / "searches" / recipe.name)
        journal.lock()
        stack.callback(journal.unlock)
        identity = identity_of(recipe, domains, splits)
        about = check_same(journal, identity, new=new)
        extended = about.get("extended", 0) + _added(about, extend)
        memory = about.get("memory") or memory_of_trials() // workers
        journal.describe(facts=identity, memory=memory, extended=extended, extending=extend or about.get("extending"))
        count = recipe.tune.trials + extended
        plan = SearchPlan(recipe, domains, splits, direction, journal, root, count, workers, memory, identity, say)
        processes = stack.enter_context(_started_workers(plan))
        load_choosing_keras()
        refuse_hopeless(recipe, domains, splits.info.input_shape, memory)
        from tlkit.search.runner import search_and_conclude

        return search_and_conclude(plan, processes, chief=chief, live=live)


def _added(about: dict[str, object], extend: int) -> int:
    """Trials to add; none if that was asked for before and the search was cut off since."""
    return 0 if extend == about.get("extending") else extend


def load_choosing_keras() -> None:
    """Import Keras and keras-tuner; on OpenVINO, to be spared TensorFlow, where nothing will train in this process."""
    before = os.environ.get("KERAS_BACKEND")
    if is_own_process() and "keras" not in sys.modules and before is None and has_openvino():
        os.environ["KERAS_BACKEND"] = "openvino"  # both look at it when they are imported, and only then
    try:
        load_keras()
        import keras_tuner  # noqa: F401
    finally:
        if before is None:
            os.environ.pop("KERAS_BACKEND", None)


def memory_of_trials() -> int:
    """Bytes that all trials together may be expected to take on this machine."""
    return int(memory_limit() * _MEMORY_SHARE)


def refuse_hopeless(recipe: Recipe, domains: list[Domain], input_shape: Sequence[int], memory: int) -> None:
    """Raise before any trial if no point of the space can be built."""
    from tlkit.compat.tuner_oracles import make_oracle

    refuse = make_refusal(recipe, input_shape, memory)
    probe = make_oracle(
        "random", domains, refuse, objective=recipe.tune.objective, direction="min", seed=recipe.seed, epochs=1
    )  # fmt: skip
    if probe.create_trial("probe").status != "RUNNING":
        raise RecipeError(
            [f"tune.space: no point of it can be built: {probe.last_reason.rstrip('.')}. Widen it, or use larger input"]
        )


@contextmanager
def _started_workers(plan: SearchPlan) -> Iterator[list[TrialProcess]]:
    """The worker processes, started at once, to have Keras loaded when they are needed."""
    processes = worker_pool.make_workers(plan.recipe, plan.splits, plan.workers)
    try:
        for process in processes:
            process.start()
        yield processes
    finally:
        for process in processes:
            process.stop()
        leftovers.sweep()
