"""A recipe run once for each fold of its data: what the score is, and how far it depends on the split."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tlkit import tracking
from tlkit.commands.run import MLRUNS, run
from tlkit.commands.running.kept_run import KeptRun
from tlkit.commands.running.unfinished import unfinished
from tlkit.data.assembly.fold_splits import fold_splits as of_folds
from tlkit.data.splits import Splits, joined
from tlkit.data.tables.safe_csv import write_table
from tlkit.errors import DataError
from tlkit.recipe.loading import changed_recipe
from tlkit.recipe.overriding import flat
from tlkit.recipe.schema import Recipe
from tlkit.report.result import Result
from tlkit.report.run_note import digest
from tlkit.tasks.task import task_of
from tlkit.tracking.records import MAIN_SCORES, PARENT, SCORE
from tlkit.training.planning import load_data, refuse_open

_VAL = 0.15


@dataclass(frozen=True)
class FoldResults:
    """The runs of all folds, and mean and spread of each score."""

    run_id: str
    results: Sequence[Result]

    @property
    def scores(self) -> Mapping[str, tuple[float, float]]:
        """(mean, standard deviation) of each metric over the folds."""
        names = [name for name in self.results[0].metrics if all(name in each.metrics for each in self.results)]
        values = {name: [each.metrics[name] for each in self.results] for name in names}
        return {name: (statistics.fmean(held), statistics.stdev(held)) for name, held in values.items()}

    def closing_line(self) -> str:
        """Which run it was."""
        return f"run       {self.run_id[:8]}, with one run a fold within it"

    def as_json(self) -> dict[str, object]:
        """The folds as plain values, for `--json`."""
        means = {name: {"mean": mean, "std": spread} for name, (mean, spread) in self.scores.items()}
        return {"run_id": self.run_id, "metrics": means, "folds": [each.as_json() for each in self.results]}


def run_folds(
    recipe: Recipe,
    folds: int,
    *,
    splits: Splits | None = None,
    root: Path | None = None,
    fresh: bool = False,
    journal: str = "",
    say: Callable[[str], None] = lambda text: None,
) -> FoldResults:
    """Run a recipe once for each fold, as runs within one parent run; where that was cut off, it is gone on with.

    Each example is tested once, by a model that has not seen it. A test part that the data gives is left out.

    Example:
        >>> run_folds(load_recipe("recipes/cats.yaml"), 5).scores["test/accuracy"]  # doctest: +SKIP
        (0.96, 0.011)
    """
    if folds < 2:
        raise DataError(f"--folds: expected 2 or more, found {folds}")
    refuse_open(recipe)
    splits, root = splits or load_data(recipe), root or MLRUNS
    rounds = list(fold_splits(splits, folds, seed=recipe.seed, val=recipe.data.val or _VAL))
    if "test" in splits.info.tags.get("data.given", ""):
        say(f"note      the test part that the data gives ({len(splits.test)} examples) takes no part in the folds")
    about = KeptRun.of(recipe, digest(splits), folds=folds)
    with (
        unfinished(about, root, fresh=fresh, say=say, journal=journal) as kept,
        _parent(recipe, folds, root, goes_on=kept.journal) as parent,
    ):
        kept.note(parent.journal)
        run_id, results = parent.run_id, []
        for number, each in enumerate(rounds, 1):
            child, part = _child(recipe, run_id, number, folds), kept.part(number)
            say(f"fold      {number} of {folds}{', which was done before' if part.result else ''}")
            results.append(part.result or part.finish(run(child, splits=each, root=root, part=part, say=say)))
        found = FoldResults(run_id, results)
        _record(parent, found)
    for name, (mean, spread) in found.scores.items():
        say(f"folds     {name:<22} {mean:.4f} ± {spread:.4f}")
    return found


def fold_splits(splits: Splits, folds: int, *, seed: int, val: float) -> Iterator[Splits]:
    """One split for each fold: the fold is the test part, validation comes out of the rest."""
    given = splits.info.tags.get("data.given", "")
    whole = joined([part for name, part in splits.parts().items() if name != "test" or "test" not in given])
    classes = task_of(splits.info.task).strata(whole.targets.tolist())
    info = replace(splits.info, tags={**splits.info.tags, "data.folds": str(folds)})
    return of_folds(whole, classes, info, folds, seed=seed, val=val)


def _child(recipe: Recipe, parent: str, number: int, folds: int) -> Recipe:
    tags = {**recipe.track.tags, PARENT: parent, "tlkit.fold": f"{number} of {folds}"}
    experiment = recipe.track.experiment or recipe.name
    name = f"{recipe.run_name}, fold {number}"
    alone = {"export": None} if recipe.export is not None else {}
    return changed_recipe(recipe, {"track.tags": tags, "track.experiment": experiment, "track.name": name, **alone})


def _parent(recipe: Recipe, folds: int, root: Path, *, goes_on: str) -> tracking.Recorder:
    return tracking.start(
        name=f"{recipe.run_name}, {folds} folds",
        experiment=recipe.track.experiment or recipe.name,
        params={"folds": folds, **dict(flat(recipe.model_dump(mode="json")))},
        tags={"tlkit.recipe": recipe.name, "tlkit.folds": str(folds), **recipe.track.tags},
        root=root,
        description=recipe.track.description or recipe.description,
        system_metrics=False,
        goes_on=goes_on,
    )


def _record(parent: tracking.Recorder, found: FoldResults) -> None:
    means = {name: mean for name, (mean, _) in found.scores.items()}
    spreads = {f"{name}_std": spread for name, (_, spread) in found.scores.items()}
    parent.log_metrics(means | spreads, step=0)
    for main in [each for each in MAIN_SCORES if each in found.scores][:1]:
        mean, spread = found.scores[main]
        parent.set_tags({SCORE: f"{mean:.4g} ± {spread:.2g} {main.removeprefix('test/')}"})
    with (parent.folder / "folds.csv").open("w", newline="", encoding="utf-8") as file:
        folds = [[each.run_id, *(each.metrics[name] for name in found.scores)] for each in found.results]
        write_table(file, [["fold", "run", *found.scores], *([number, *each] for number, each in enumerate(folds, 1))])
