"""A recorded run done again: the same recipe, the same data, the same seeds."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tlkit.commands.run import MLRUNS, run
from tlkit.commands.running.record import OWN_FILES, SETTINGS, own_hashes
from tlkit.commands.shell.listing import Answer
from tlkit.data.splits import Splits
from tlkit.errors import DataError, NotFoundError
from tlkit.recipe.loading import build_recipe, trusted
from tlkit.recipe.schema import Recipe
from tlkit.recipe.yaml_lines import read_page
from tlkit.redaction import HIDDEN
from tlkit.report.repeatability import NO, REPEATABLE, compared
from tlkit.report.result import Result
from tlkit.report.run_note import digest
from tlkit.tracking import lookup
from tlkit.tracking.lookup import Run
from tlkit.training.planning import load_data

_DIGESTS = ("tlkit.digest.weights", "tlkit.digest.outputs")


@dataclass(frozen=True)
class RerunResult:
    """Two runs of one recipe, and whether their weights and outputs are equal to the last bit."""

    before: Run
    after: Run
    result: Result

    @property
    def exact(self) -> bool:
        """Whether not a bit differs in the trained weights and in the outputs for the test examples."""
        return all(self.before.tags.get(name) == self.after.tags.get(name) for name in _DIGESTS)


def rerun(name: str, *, root: Path = MLRUNS, say: Callable[[str], None] = lambda text: None) -> RerunResult:
    """Run a recorded run's recipe again on the same data.

    Example:
        >>> rerun("latest").exact  # doctest: +SKIP
        True
    """
    before = lookup.find(name, root)
    if (told := before.tags.get(REPEATABLE, "")).startswith(NO):
        say(f"note      its record says that it cannot be repeated to the last bit: {told.removeprefix(NO)}")
    recipe = recorded_recipe(before, root)
    _refuse_other_files(before, recipe)
    splits = load_data(recipe)
    _refuse_other_data(before, splits)
    result = run(recipe, splits=splits, root=root, say=say)
    return RerunResult(before, lookup.find(result.run_id, root), result)


def recorded_recipe(found: Run, root: Path = MLRUNS) -> Recipe:
    """The recipe that a run was made with, defaults and `--set` values included."""
    if found.params.get("data.path", "None") == "None":
        raise DataError(f"run {found.id[:8]}: its data were handed over in Python; run it again from there")
    page = read_page(lookup.fetch(found, "recipe_resolved.yaml", root))
    if HIDDEN in str(page.values):
        raise DataError(
            f"run {found.id[:8]}: its recipe has a secret, which is not in the record; run the recipe itself"
        )
    page.values["train"].setdefault("few_examples", "as_written")  # older runs knew nothing else
    page.values["model"].setdefault("head", {}).setdefault("solver", "gradient")
    folder = Path(found.tags.get("tlkit.recipe_folder", "."))
    settings = json.loads(found.tags.get(SETTINGS, "[]"))  # which the page has; they name the run
    return trusted(build_recipe(page, folder=folder, settings=settings))


def _refuse_other_files(before: Run, recipe: Recipe) -> None:
    recorded = json.loads(before.tags.get(OWN_FILES, "{}"))
    for name, found in own_hashes(recipe).items():
        if name in recorded and found != recorded[name]:
            mend = "Bring back that of then, or use `tlkit run` for a new run"
            raise DataError(f"{recipe.folder / name}: is not what run {before.id[:8]} was made with. {mend}")


def _refuse_other_data(before: Run, splits: Splits) -> None:
    recorded = before.tags.get("data.digest")
    if recorded is None:
        raise NotFoundError(f"run {before.id[:8]}: was recorded without a digest of its data; nothing can be compared")
    if (found := digest(splits)) != recorded:
        mend = "Bring back the files of that time, or use `tlkit run` for a new run"
        expected = f"expected the examples of run {before.id[:8]} (digest {recorded[:8]})"
        raise DataError(f"data: {expected}, found others ({found[:8]}). {mend}")


def lines(found: RerunResult) -> Answer:
    """Both runs' scores side by side, and how far they agree."""
    before, after = found.before.metrics, found.after.metrics
    yield f"{'':<24}{found.before.id[:8]:>12}{found.after.id[:8]:>12}"
    for name in (each for each in before if each.startswith("test/") and each in after):
        yield f"{name:<24}{before[name]:>12.6f}{after[name]:>12.6f}"
    if found.exact:
        yield "equal to the last bit: weights and outputs"
    else:
        begins = [part.name for part in compared(found.before.tags, found.after.tags) if part.is_cause]
        yield f"not equal to the last bit, from here on: {', '.join(begins) or 'unknown'}"
        yield f"repeatable, its record said: {found.before.tags.get(REPEATABLE, 'unknown')}"
        for tag in (each for each in found.before.tags if each.startswith("version.") or each == "tlkit.device"):
            if (now := found.after.tags.get(tag)) != found.before.tags[tag]:
                yield f"other than then: {tag.rpartition('.')[2]} {found.before.tags[tag]}, now {now}"
    return {"before": found.before.id, "exact": found.exact, "metrics_before": before, **found.result.as_json()}
