"""A search: which trial is next, what became of each, and the journal that both can be told from again."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from tlkit.recipe.space import Domain
from tlkit.search.proposals import Proposer
from tlkit.search.search_journal import SearchJournal
from tlkit.search.trial import COMPLETED, FAILED, INFEASIBLE, RUNNING, Trial

WAIT = "wait"
_GIVEN_UP = 50  # points in a row that only building a model showed to be infeasible
_ATTEMPTS = 2  # times that a trial whose worker died is begun


class Search:
    """Gives trials to workers, one process or many threads of it; everything is on disk before it counts."""

    def __init__(
        self,
        oracle: Any,
        domains: list[Domain],
        journal: SearchJournal,
        *,
        objective: str,
        direction: str,
        count: int,
        keep: int = 1,
        tell: Callable[[str, Trial], None] = lambda event, trial: None,
    ) -> None:
        self.oracle, self.journal, self.count, self.keep = oracle, journal, count, keep
        self.proposer = Proposer(oracle, domains, objective)
        self.objective, self.sign, self.tell = objective, 1 if direction == "max" else -1, tell
        self.trials: list[Trial] = []
        self.exhausted, self.fault = False, ""
        self.spent = 0.0  # seconds of earlier processes
        self._free: list[Trial] = []
        self._lock = threading.RLock()
        self._begun = time.monotonic()

    # what workers call

    def create(self, worker: str) -> Trial | str | None:
        """The next trial of a worker; `WAIT` if there is none yet, None if there will be none."""
        with self._lock:
            current = next((each for each in self.running() if each.worker == worker), None)
            if current is not None:
                return current
            if self.fault:
                return None
            if self._free:
                return self._again(self._free.pop(0), worker)
            if self.exhausted:
                return None
            if self._taken() >= self.count:
                return WAIT if self.running() else None  # a running one may turn out to be infeasible
            return self._new(worker)

    def epoch(self, trial: Trial, epoch: int, metrics: Mapping[str, float]) -> None:
        """Note an epoch, from 1; those that are known already are not told twice."""
        with self._lock:
            if trial.status != RUNNING or epoch <= trial.num_epochs:
                return
            trial.epochs.append(dict(metrics))
            self.journal.append({"epoch": epoch, "of": trial.number, "metrics": dict(metrics), "at": self.seconds()})
            self.tell("epoch", trial)

    def end(
        self, trial: Trial, status: str, *, score: float | None = None, message: str = "", seconds: float = 0.0
    ) -> None:
        """Note how a trial ended."""
        with self._lock:
            if trial.status != RUNNING:
                return
            self._free = [each for each in self._free if each is not trial]
            if score is not None and not math.isfinite(score):
                status, message, score = FAILED, message or f"{self.objective} became {score}", None
            self.journal.append({
                "end": trial.number, "status": status, "score": score, "message": message,
                "seconds": seconds, "at": self.seconds(), "batch_size": trial.batch_size,
            })  # fmt: skip
            self._ended(trial, status, score, message, seconds)
            self._judge()
            self.prune()
            self.tell("end", trial)

    def halve(self, trial: Trial, batch_size: int) -> None:
        """Note that a trial is tried once more with a smaller batch."""
        with self._lock:
            trial.batch_size, trial.epochs = batch_size, []
            self.journal.append({"halved": trial.number, "batch_size": batch_size, "at": self.seconds()})

    def give_back(self, trial: Trial, reason: str) -> None:
        """A worker died: its trial goes to the next one that asks, or fails where that happened before."""
        with self._lock:
            if trial.status != RUNNING or trial in self._free:
                return
            if trial.attempts >= _ATTEMPTS:
                self.end(trial, FAILED, message=reason)
                return
            trial.worker = ""
            self._free.append(trial)
            self.tell("back", trial)

    # what others look at

    def running(self) -> list[Trial]:
        """Trials that somebody works on."""
        return [each for each in self.trials if each.status == RUNNING and each not in self._free]

    def counted(self) -> list[Trial]:
        """Trials, less those that could not be built."""
        return [each for each in self.trials if each.status != INFEASIBLE]

    def ranked(self) -> list[Trial]:
        """Completed trials, best first."""
        done = [each for each in self.trials if each.status == COMPLETED and each.score is not None]
        return sorted(done, key=lambda each: -self.sign * (each.score or 0.0))

    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        done = self.exhausted or self._taken() >= self.count
        return bool(done) and not self.running() and not self._free

    def seconds(self) -> float:
        """Seconds that the search has run, in all processes together."""
        return round(self.spent + time.monotonic() - self._begun, 3)

    def replay(self) -> None:
        """Go through the journal; trials that were running are given out first, to go on where they were."""
        for line in self.journal.read():
            if "trial" in line:
                self.trials.append(self.proposer.propose_again(line, self.trials))
            elif "epoch" in line:
                self.trials[line["of"]].epochs.append(line["metrics"])
            elif "halved" in line:
                self.trials[line["halved"]].batch_size, self.trials[line["halved"]].epochs = line["batch_size"], []
            elif "end" in line:
                self._ended(self.trials[line["end"]], line["status"], line["score"], line["message"], line["seconds"])
            self.spent = max(self.spent, line.get("at", 0.0))
        self._begun = time.monotonic()
        self._free = [each for each in self.trials if each.status == RUNNING]
        self._judge()

    def prune(self) -> None:
        """Remove the weights of all but the best, the running and those that may be promoted."""
        running = [each for each in self.trials if each.status == RUNNING]
        kept = {each.name for each in [*self.ranked()[: self.keep], *running]}
        kept |= {self.trials[each.since].name for each in running if each.since is not None}
        if not self.is_over():
            kept |= {each.name for each in self.trials if self.proposer.may_promote(each)}
        for path in self.journal.states.glob("*.npz"):
            if path.stem not in kept:
                path.unlink(missing_ok=True)

    # how it is done

    def _taken(self) -> int:
        return len(self.counted())

    def _new(self, worker: str) -> Trial | str | None:
        chosen = self.proposer.propose(worker, self.trials)
        if isinstance(chosen, str):
            self.exhausted = chosen != "IDLE" and not self.running()
            return WAIT if chosen == "IDLE" or self.running() else None
        trial, note = chosen
        self.trials.append(trial)
        self.journal.append({"trial": trial.number, "worker": worker, "at": self.seconds(), **note})
        trial.attempts = 1
        self.tell("begin", trial)
        return trial

    def _again(self, trial: Trial, worker: str) -> Trial:
        trial.worker, trial.attempts = worker, trial.attempts + 1
        self.tell("begin", trial)
        return trial

    def _ended(self, trial: Trial, status: str, score: float | None, message: str, seconds: float) -> None:
        trial.status, trial.score, trial.message, trial.seconds = status, score, message, seconds
        self.proposer.end(trial)

    def _judge(self) -> None:
        """Stop where every trial fails alike, or where no model can be built."""
        done = [each for each in self.trials if each.status in (COMPLETED, FAILED)]
        if len(done) >= 2 and all(each.status == FAILED for each in done) and len({each.message for each in done}) == 1:
            self.fault = f"every trial fails alike: {done[0].message}"
        last = self.trials[-_GIVEN_UP:]
        if len(last) == _GIVEN_UP and all(each.status == INFEASIBLE for each in last):
            self.fault = f"no feasible point in {_GIVEN_UP} tries: {last[-1].message}"
