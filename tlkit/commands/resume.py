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
from tlkit.tracking.records import MARK
from tlkit.training.planning import load_data


def resume(name: str, *, root: Path = MLRUNS, say: Callable[[str], None] = lambda text: None) -> Result | FoldResults:
    """Go on with a run that was cut off, or the `latest` of them; what of its data changed since is refused.

    Example:
        >>> resume("latest").metrics["test/accuracy"]  # doctest: +SKIP
        0.96
    """
    kept, shown = _latest(root) if name == "latest" else _named(name, root)
    recipe = trusted(build_recipe(YamlPage(kept.values), folder=Path(kept.folder), source=kept.source))
    if recipe.data.path is None:
        raise DataError(f"{shown}: its data were handed over in Python; go on from there, by the same call")
    splits = load_data(recipe)
    if changed := kept.new_inputs(KeptRun.of(recipe, digest(splits))):
        raise DataError(f"{shown}: {'; '.join(changed)} since it was cut off. "
                        "Bring back what was, or begin anew with `tlkit run`")  # fmt: skip
    if kept.folds:
        return run_folds(recipe, kept.folds, splits=splits, root=root, journal=kept.journal, say=say)
    return run(recipe, splits=splits, root=root, journal=kept.journal, say=say)


def _named(name: str, root: Path) -> tuple[KeptRun, str]:
    found = lookup.find(name, root)
    for each in left_over(root):
        if each.journal == found.tags.get(MARK):
            return each, f"run {found.id[:8]}"
    raise NotFoundError(f"run {found.id[:8]}: {found.status}, and nothing is kept to go on with. "
                        "`tlkit list runs` shows which can go on")  # fmt: skip


def _latest(root: Path) -> tuple[KeptRun, str]:
    """The run that was begun last, of those that were cut off as a whole."""
    found = [each for each in left_over(root) if not each.is_part]
    if not found:
        raise NotFoundError("'latest': no run was cut off that could go on")
    return max(found, key=lambda each: each.journal), "the latest run"
