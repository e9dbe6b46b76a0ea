"""A run that was cut off, gone on with by its name: the recipe that was kept with it, on the same data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tlkit.commands.run import MLRUNS, run
from tlkit.commands.running.unfinished import KeptRun, left_over
from tlkit.errors import DataError, NotFoundError
from tlkit.inspection.leak_guard import guarded
from tlkit.recipe.loading import build_recipe, trusted
from tlkit.recipe.yaml_lines import parse_page
from tlkit.report.result import Result
from tlkit.report.run_note import digest
from tlkit.tracking import lookup
from tlkit.tracking.lookup import Run
from tlkit.tracking.records import MARK
from tlkit.training.planning import load_data


def resume(name: str, *, root: Path = MLRUNS, say: Callable[[str], None] = lambda text: None) -> Result:
    """Go on with a run that was cut off; what of its data changed since is refused.

    Example:
        >>> resume("latest").metrics["test/accuracy"]  # doctest: +SKIP
        0.96
    """
    found = lookup.find(name, root)
    kept = kept_of(found, root)
    if kept is None:
        raise NotFoundError(f"run {found.id[:8]}: {found.status}, and nothing is kept to go on with. "
                            "`tlkit list runs` shows which can go on")  # fmt: skip
    page = parse_page(kept.recipe, "the kept recipe")
    recipe = trusted(build_recipe(page, folder=Path(kept.folder), source=kept.recipe))
    if recipe.data.path is None:
        raise DataError(f"run {found.id[:8]}: its data were handed over in Python; go on from there, by the same call")
    splits = guarded(load_data(recipe), allow_leaks=recipe.data.allow_leaks)
    if digest(splits) != kept.data:
        raise DataError(f"run {found.id[:8]}: {recipe.data.path}: the examples are others than when it was cut off. "
                        "Bring them back, or begin anew with `tlkit run`")  # fmt: skip
    return run(recipe, splits=splits, root=root, say=say)


def kept_of(found: Run, root: Path) -> KeptRun | None:
    """What is kept of a run to go on with; None where there is nothing."""
    return next((each for each in left_over(root) if each.journal == found.tags.get(MARK)), None)
