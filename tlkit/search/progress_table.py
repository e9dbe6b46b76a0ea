"""What a search shows: a line for each trial, or a live table on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Self, TextIO, cast

from tlkit.redaction import Canvas
from tlkit.search.trial import COMPLETED, INFEASIBLE, RUNNING, Trial
from tlkit.search.trial_queue import Search

if TYPE_CHECKING:
    from tlkit.search.plan import SearchPlan

_ROWS = 12


class ProgressTable:
    """Hears what happens and shows it; a live table needs a terminal."""

    def __init__(self, plan: SearchPlan, search: Search, *, live: bool) -> None:
        self.plan, self.search, self.ended = plan, search, 0
        self._live = _live() if live else None

    def __enter__(self) -> Self:
        tune = self.plan.recipe.tune
        self.plan.say(
            f"search     {tune.tuner}, {self.plan.count} trials for {tune.objective}, {self.plan.workers} worker(s): "
            f"{', '.join(short_names([each.path for each in self.plan.domains]).values())}"
        )
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: Any) -> None:
        if self._live:
            self._live.update(self._table(), refresh=True)
            self._live.stop()
        passed = self.search.oracle.passed_over
        if passed:
            self.plan.say(
                f"passed over {passed} points that cannot be built, such as: {self.search.oracle.last_reason}"
            )

    def hear(self, event: str, trial: Trial) -> None:
        """Show an event."""
        if event == "end":
            self.ended += 1
        if self._live:
            self._live.update(self._table())
        elif event == "end" and trial.status != INFEASIBLE:
            self.plan.say(trial_line(self.plan, self.search, trial))
        elif event == "back":
            self.plan.say(f"trial {trial.number + 1:>3}  given back: its worker died")

    def _table(self) -> Any:
        from rich.table import Table

        names = short_names([each.path for each in self.plan.domains])
        left = time_left(self.search, self.ended)
        done = len([each for each in self.search.counted() if each.status != RUNNING])
        table = Table(title=f"{self.plan.recipe.name}: {done} of {self.plan.count} trials{left}", title_justify="left")
        for title in ("trial", "", self.plan.recipe.tune.objective, "epochs", "s", *names.values()):
            table.add_column(title, justify="right" if title in ("trial", "epochs", "s") else "left", overflow="fold")
        best = self.search.ranked()[:1]
        shown = [*best, *[each for each in self.search.counted()[-_ROWS:] if each not in best]]
        for each in shown:
            cells = [shown_value(each.changes.get(path, "")) for path in names]
            score, seconds = (
                _score(each, self.plan.recipe.tune.objective),
                f"{each.seconds:.1f}" if each.seconds else "",
            )
            row = [str(each.number + 1), _mark(each, best), score, str(each.num_epochs), seconds, *cells]
            table.add_row(*row, style="bold green" if each in best else None)
        return table


def trial_line(plan: SearchPlan, search: Search, trial: Trial) -> str:
    """`trial   3/20  val/accuracy 0.953  8 epochs 0.7 s  dropout=0.31   best 0.967`."""
    names = short_names([each.path for each in plan.domains])
    values = "  ".join(f"{names[path]}={shown_value(value)}" for path, value in trial.changes.items())
    since = f" from trial {trial.since + 1}" if trial.since is not None else ""
    head = f"trial {trial.number + 1:>3}/{plan.count}  "
    if trial.status != COMPLETED:
        return f"{head}{trial.status.lower()}: {trial.message}  {values}"
    best = search.ranked()[0]
    mark = "  best" if best is trial else f"  (best {best.score:.4f}, trial {best.number + 1})"
    took = f"{trial.num_epochs} epochs{since} {trial.seconds:.1f} s"
    return f"{head}{plan.recipe.tune.objective} {trial.score:.4f}  {took}  {values}{mark}"


def short_names(paths: list[str]) -> dict[str, str]:
    """The last part of each path, longer where two would be alike.

    Example:
        >>> short_names(["model.dropout", "model.head.dropout", "train.epochs"])
        {'model.dropout': 'model.dropout', 'model.head.dropout': 'head.dropout', 'train.epochs': 'epochs'}
    """
    parts = {path: path.split(".") for path in paths}
    for length in range(1, 9):
        names = {path: ".".join(each[-length:]) for path, each in parts.items()}
        if length == 1:
            short = dict(names)
        alike = [path for path in paths if list(short.values()).count(short[path]) > 1]
        if not alike:
            break
        short |= {path: ".".join(parts[path][-length - 1 :]) for path in alike}
    return short if paths else {}


def shown_value(value: Any) -> str:
    """A value in few letters."""
    return f"{value:.3g}" if isinstance(value, float) else str(value).replace(" ", "")


def time_left(search: Search, ended: int) -> str:
    """`, about 40 s left`, as soon as that can be told."""
    done = [each for each in search.counted() if each.status != RUNNING]
    if not ended or len(done) >= search.count:
        return ""
    rate = search.seconds() / len(done)
    seconds = rate * (search.count - len(done))
    return f", about {seconds:.0f} s left" if seconds < 120 else f", about {seconds / 60:.0f} min left"


def _mark(trial: Trial, best: list[Trial]) -> str:
    return "best" if trial in best else {COMPLETED: "done", RUNNING: "running"}.get(trial.status, trial.status.lower())


def _score(trial: Trial, objective: str) -> str:
    if trial.score is not None:
        return f"{trial.score:.4f}"
    if trial.status == RUNNING and trial.epochs:
        return f"{trial.epochs[-1].get(objective, float('nan')):.4f} …"
    return trial.message[:40]


def _live() -> Any:
    from rich.console import Console
    from rich.live import Live

    return Live(console=Console(file=cast("TextIO", Canvas(sys.stdout))), refresh_per_second=4)
