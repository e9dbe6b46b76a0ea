"""A run that was cut off, gone on with by its name: the recipe that was kept with it, on the same data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tlkit.commands.cross_validate import FoldResults, run_folds
from tlkit.commands.run import MLRUNS, run
from tlkit.commands.running.kept_run import KeptRun
from tlkit.commands.running.unfinished import left_over
from tlkit.errors import DataError, NotFoundError
from tlkit.recipe.loading import build_recipe, trusted
from tlkit.recipe.yaml_lines import YamlPage
from tlkit.report.result import Result
from tlkit.report.run_note import digest
from tlkit.tracking import lookup
from tlkit.tracking.lookup import Run
from tlkit.tracking.records import MARK
from tlkit.training.planning import load_data


def resume(name: str, *, root: Path = MLRUNS, say: Callable[[str], None] = lambda text: None) -> Result | FoldResults:
    """Go on with a run that was cut off; what of its data changed since is refused.

    Example:
        >>> resume("3f2a91c7").metrics["test/accuracy"]  # doctest: +SKIP
        0.96
    """
    found = lookup.find(name, root)
    kept = kept_of(found, root)
    if kept is None:
        raise NotFoundError(f"run {found.id[:8]}: {found.status}, and nothing is kept to go on with. "
                            "`tlkit list runs` shows which can go on")  # fmt: skip
    recipe = trusted(build_recipe(YamlPage(kept.values), folder=Path(kept.folder), source=kept.source))
    if recipe.data.path is None:
        raise DataError(f"run {found.id[:8]}: its data were handed over in Python; go on from there, by the same call")
    splits = load_data(recipe)
    if changed := kept.new_inputs(KeptRun.of(recipe, digest(splits))):
        raise DataError(f"run {found.id[:8]}: {'; '.join(changed)} since it was cut off. "
                        "Bring back what was, or begin anew with `tlkit run`")  # fmt: skip
    if kept.folds:
        return run_folds(recipe, kept.folds, splits=splits, root=root, say=say)
    return run(recipe, splits=splits, root=root, say=say)


def kept_of(found: Run, root: Path) -> KeptRun | None:
    """What is kept of a run to go on with; None where there is nothing."""
    return next((each for each in left_over(root) if each.journal == found.tags.get(MARK)), None)
