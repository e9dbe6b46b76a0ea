"""A search in MLflow: a parent run, a child for each trial, and on the parent what they come to together."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tlkit import tracking
from tlkit.data.tables.safe_csv import write_table
from tlkit.recipe.overriding import flat
from tlkit.recipe.writing import write_recipe
from tlkit.report import environment
from tlkit.search.trial import COMPLETED, INFEASIBLE, RUNNING, Trial
from tlkit.search.trial_queue import Search
from tlkit.search.winner import Winner, trial_recipe
from tlkit.tracking import lookup
from tlkit.tracking.records import SCORE
from tlkit.tracking.resend import sync

if TYPE_CHECKING:
    from tlkit.search.plan import SearchPlan

_COLUMNS = ("trial", "status", "score", "epochs", "seconds", "worker", "goes_on_from", "batch_size", "message")
_STATUS = {COMPLETED: "FINISHED", INFEASIBLE: "FAILED"}


class SearchRecord:
    """Writes what happens into the tracker's journal; nothing here waits for MLflow."""

    def __init__(self, plan: SearchPlan, search: Search) -> None:
        self.plan, self.search, self._noted = plan, search, False
        about = plan.journal.about()
        if run_id := about.get("run_id") or _orphan(plan.root, about.get("record")):
            plan.journal.describe(run_id=run_id)  # the next record says nothing of the one before it
        self.tracker = _begin(plan, run_id or "")
        plan.journal.describe(record=self.tracker.journal)

    def __enter__(self) -> Self:
        self.tracker.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        if error[0] is not None:
            self.write_files()
        self.tracker.__exit__(*error)

    @property
    def run_id(self) -> str:
        """The parent's id; waits until the run exists."""
        return self.tracker.run_id

    def catch_up(self) -> None:
        """Tell how far the search is. Nothing is sent again; trials that were cut off are opened when they begin."""
        self.tracker.set_tags({"tlkit.status": f"{len(self.search.counted())} of {self.plan.count} trials"})

    def look(self) -> None:
        """Pass on what the sender has to say, and keep the run's id for a search that goes on later."""
        self.tracker.check()
        run_id = self.tracker.known_id
        if run_id and not self._noted:
            self.plan.journal.describe(run_id=run_id)
            self._noted = True

    def hear(self, event: str, trial: Trial) -> None:
        """Write down an event of the search."""
        if event == "begin":
            self._open(trial)
        elif event == "epoch":
            self.tracker.log_metrics(trial.epochs[-1], trial.num_epochs, child=trial.name)
        elif event == "end":
            self._close(trial)

    def conclude(self, winner: Winner) -> None:
        """What the search came to, on the parent: table, pictures, the winner and its model."""
        best, objective = self.search.ranked()[0], self.plan.recipe.tune.objective
        test = {name: value for name, value in winner.result["metrics"].items() if name.startswith("test/")}
        found = {
            "search/best": best.score or 0.0, "winner/mean": winner.mean, "winner/spread": winner.spread,
            "winner/difference": winner.mean - (best.score or 0.0), objective: winner.seeds[0], **test,
        }  # fmt: skip
        self.tracker.log_metrics(found, len(self.search.counted()))
        for step, value in enumerate(winner.seeds):
            self.tracker.log_metrics({"winner/by_seed": value}, step)
        self.catch_up()
        told = {"tlkit.best_trial": best.name, "tlkit.winner_run": winner.result["run_id"]}
        self.tracker.set_tags({SCORE: f"{winner.mean:.4g} {objective}", **told})
        write_recipe(trial_recipe(self.plan.recipe, best), self.tracker.folder / "best.yaml")
        if winner.result.get("model"):
            self.tracker.add_file(Path(winner.result["model"]), "model.keras")

    def _open(self, trial: Trial) -> None:
        recipe = trial_recipe(self.plan.recipe, trial)
        since = {"tlkit.goes_on_from": f"{trial.since:03}"} if trial.since is not None else {}
        self.tracker.begin_child(
            trial.name,
            name=f"trial {trial.number + 1}",
            params=dict(flat(recipe.model_dump(mode="json"))),
            tags={"tlkit.recipe": recipe.name, "tlkit.worker": trial.worker, **since},
        )

    def _close(self, trial: Trial) -> None:
        objective = self.plan.recipe.tune.objective
        tags = {"tlkit.status": trial.status.lower(), **({"tlkit.message": trial.message} if trial.message else {})}
        if trial.score is not None:
            self.tracker.log_metrics({f"best/{objective}": trial.score}, trial.num_epochs, child=trial.name)
        self.tracker.end_child(trial.name, _STATUS.get(trial.status, "FAILED"), tags)
        ranked = self.search.ranked()
        if ranked and trial.status == COMPLETED:
            best = ranked[0].score or 0.0
            done = len([each for each in self.search.counted() if each.status != RUNNING])
            self.tracker.log_metrics({"search/best_by_trial": best}, done)
            self.tracker.log_metrics({"search/best_by_second": best}, int(self.search.seconds()))

    def write_files(self) -> None:
        """The table of trials, each of them as a recipe, and the pictures."""
        folder = self.tracker.folder
        _write_table(folder / "trials.csv", self.search.trials)
        (folder / "trials").mkdir(exist_ok=True)
        for each in self.search.counted():
            write_recipe(trial_recipe(self.plan.recipe, each), folder / "trials" / f"{each.name}.yaml")
        if len(self.search.ranked()) > 1:
            from tlkit.search.plots import write_pictures

            write_pictures(folder, self.search, self.plan.domains, self.plan.recipe)


def _begin(plan: SearchPlan, run_id: str) -> tracking.Recorder:
    recipe = plan.recipe
    commit = environment.git_commit()
    return tracking.start(
        name=f"{recipe.run_name} search",
        experiment=recipe.track.experiment or recipe.name,
        params=dict(flat(recipe.model_dump(mode="json"))),
        tags={
            "tlkit.recipe": recipe.name,
            "tlkit.search": "parent",
            "tlkit.device": environment.device(),
            **({"git.commit": commit} if commit else {}),
            **recipe.track.tags,
        },
        root=plan.root,
        description=recipe.track.description or recipe.description,
        system_metrics=recipe.track.system_metrics,
        resume=run_id,
    )  # fmt: skip


def _orphan(root: Path, record: str | None) -> str | None:
    """The run of a search that was killed before it heard the run's id; sent first if that is still to be done."""
    if record is None:
        return None
    deadline = time.monotonic() + 20
    while (root / "pending" / record).is_dir() and time.monotonic() < deadline:
        sync(root)
        time.sleep(0.2)
    return next((each.id for each in lookup.recent(root, 50) if each.tags.get("tlkit.journal") == record), None)


def _write_table(path: Path, trials: list[Trial]) -> None:
    fields = sorted({name for each in trials for name in each.changes})
    with path.open("w", newline="", encoding="utf-8") as file:
        write_table(file, [[*_COLUMNS, *fields], *(_cells(each, fields) for each in trials)])


def _cells(trial: Trial, fields: list[str]) -> list[Any]:
    since = trial.since + 1 if trial.since is not None else ""
    told = [trial.number + 1, trial.status, trial.score, trial.num_epochs, round(trial.seconds, 3), trial.worker]
    return [*told, since, trial.batch_size or "", trial.message, *(trial.changes.get(name, "") for name in fields)]
