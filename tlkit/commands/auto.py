"""`tlkit auto`: the best recipe for data that a budget of seconds allows, written out and run.

Backbones whose weights are here are tried at the sizes that suit them, nets from scratch as they suit the kind of data,
on train and val alone; the test split is looked at once, by the run of the recipe that is written.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlkit import tracking
from tlkit.commands.preflight.given_recipe import recipe_of
from tlkit.commands.run import MLRUNS, run
from tlkit.data.tables.safe_csv import write_table
from tlkit.engines.engine_process import EngineProcess
from tlkit.inspection.leak_guard import guarded
from tlkit.recipe.loading import changed_recipe, load_recipe
from tlkit.recipe.overriding import flat
from tlkit.recipe.schema import Recipe
from tlkit.recipe.writing import refuse_occupied, write_recipe
from tlkit.report.result import Result
from tlkit.search.probing.attempts import attempts, begun_with
from tlkit.search.probing.held_out import LOSS, Judge
from tlkit.search.probing.time_budget import TimeBudget
from tlkit.search.probing.tried import Tried, best_of
from tlkit.tracking.records import PARENT
from tlkit.training.feature_worker import FeatureWorker
from tlkit.training.planning import load_data

_BUDGET = 600.0  # seconds


@dataclass(frozen=True)
class AutoResult:
    """What was tried, the recipe that was written, and its run."""

    tried: Sequence[Tried]
    left_out: Sequence[str]
    recipe: Path
    run_id: str
    result: Result

    @property
    def best(self) -> Tried:
        """What the recipe was written from."""
        return best_of(self.tried)

    def as_json(self) -> dict[str, Any]:
        """All of it as plain values, for `--json`."""
        return {
            "recipe": str(self.recipe),
            "run_id": self.run_id,
            "leaderboard": _rows(self.tried),
            "left_out": list(self.left_out),
            "result": self.result.as_json(),
        }


def auto(
    given: Recipe | str | Path,
    settings: Sequence[str] = (),
    *,
    budget: float | None = None,
    metric: str = LOSS,
    out: Path | None = None,
    root: Path | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> AutoResult:
    """Find the best recipe for data within a budget of seconds, write it to `out` and run it.

    Args:
        budget: by default the recipe's `tune.budget`, or ten minutes.
        metric: what is to be better on examples that were held out: the loss, or a score that is a mean over examples.

    Example:
        >>> auto("data/flowers", budget=120).result.metrics["test/accuracy"]  # doctest: +SKIP
        0.93
    """
    begun, recipe, root = time.monotonic(), recipe_of(given, settings), root or MLRUNS
    out = out or _unused(f"{recipe.name}_auto")
    refuse_occupied(recipe, out)
    tracking.check_store(root)
    process, limit = EngineProcess(), TimeBudget(budget or recipe.tune.budget or _BUDGET, begun)
    splits = guarded(load_data(recipe), allow_leaks=recipe.data.allow_leaks)
    recipe = begun_with(recipe, splits)
    Judge.of(splits, metric)  # refuses what is no metric of these data
    with FeatureWorker(process) as worker, _parent(recipe, limit.seconds, metric, root) as parent:
        tried: list[Tried] = []
        for each in attempts(recipe, splits, process, worker, limit, metric):
            tried.append(each)
            _note(parent, len(tried), tried)
            say(f"auto      {each.line}, {limit.left:.0f} s left")
        for reason in limit.left_out:
            say(f"auto      left out: {reason}")
        best = best_of(tried)
        write_recipe(changed_recipe(recipe, best.candidate.changes), out)
        say(f"auto      {_verdict(tried, metric)}; written to {out}")
        _leaderboard(parent, tried)
        same = None if any(name.startswith("data.") for name in best.candidate.changes) else splits
        result = run(_child(load_recipe(out), parent.run_id), splits=same, root=root, worker=worker, say=say)
        _show_steps(parent, result, tried, limit.left_out)
        parent.log_metrics({name: value for name, value in result.metrics.items() if name.startswith("test/")}, 0)
        parent.set_tags({"tlkit.winner_run": result.run_id, "tlkit.seconds": f"{time.monotonic() - begun:.1f}"})
        parent.add_file(out, "best.yaml")
        return AutoResult(tried, limit.left_out, out, parent.run_id, result)


def _unused(name: str) -> Path:
    """A file for the recipe that is not there yet, so that nothing of an earlier search is lost."""
    names = itertools.chain([name], (f"{name}_{number}" for number in itertools.count(2)))
    return next(file for each in names if not (file := Path(f"{each}.yaml")).exists())


def _verdict(tried: Sequence[Tried], metric: str) -> str:
    own, best = tried[0], best_of(tried)
    if best is own:
        return f"{own.candidate}: nothing tried is better by more than its standard error"
    better = "loss less" if metric == LOSS else f"{metric} better"
    return f"{best.candidate}: {better} by {best.gain_over(own)} than with {own.candidate}"


def _child(recipe: Recipe, parent: str) -> Recipe:
    tags = {**recipe.track.tags, PARENT: parent}
    return changed_recipe(
        recipe, {"track.tags": tags, "track.experiment": recipe.track.experiment or recipe.name, "track.name": "winner"}
    )


def _parent(recipe: Recipe, budget: float, metric: str, root: Path) -> tracking.Recorder:
    return tracking.start(
        name=f"{recipe.run_name}, auto",
        experiment=recipe.track.experiment or recipe.name,
        params={"budget": budget, "metric": metric, **dict(flat(recipe.model_dump(mode="json")))},
        tags={"tlkit.recipe": recipe.name, "tlkit.auto": "parent", **recipe.track.tags},
        root=root,
        description=recipe.track.description or recipe.description,
        system_metrics=False,
    )


def _note(parent: tracking.Recorder, number: int, tried: Sequence[Tried]) -> None:
    """One that was tried, as a run within the parent's, and the best until then."""
    each, best = tried[-1], best_of(tried)
    child = f"{number:03}"
    changes = {name: str(value) for name, value in flat(each.candidate.changes)}
    parent.begin_child(child, name=str(each.candidate), params=changes, tags={})
    parent.log_metrics({"val/loss": each.loss, f"val/{each.name}": each.score, "seconds": each.seconds}, 0, child=child)
    parent.end_child(child, "FINISHED")
    parent.log_metrics({"auto/best_loss": best.loss, f"auto/best_{best.name}": best.score}, number)


def _show_steps(parent: tracking.Recorder, result: Result, tried: Sequence[Tried], left_out: Sequence[str]) -> None:
    """What each step brought, in the winner's report where that is a file here, and beside the leaderboard."""
    from tlkit.search.probing.steps_page import write_steps

    if result.report is not None and result.report.is_file():
        write_steps(result.report, parent.folder / "steps.png", tried, left_out)
        parent.add_file(result.report, "report.html")


def _rows(tried: Sequence[Tried]) -> list[dict[str, Any]]:
    return [each.row(tried[0]) for each in sorted(tried, key=lambda each: each.error)]


def _leaderboard(parent: tracking.Recorder, tried: Sequence[Tried]) -> None:
    rows = _rows(tried)
    cells = [[str(value) for value in row.values()] for row in rows]
    with (parent.folder / "leaderboard.csv").open("w", newline="", encoding="utf-8") as file:
        write_table(file, [list(rows[0]), *cells])
    (parent.folder / "leaderboard.json").write_text(json.dumps({"columns": list(rows[0]), "data": cells}))
    parent.show_table("leaderboard.json")
