"""The middle of a search: workers at work, the record kept, the winner trained."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tlkit.compat.tuner_oracles import make_oracle
from tlkit.search import worker_pool
from tlkit.search.feasibility import make_refusal
from tlkit.search.plan import SearchPlan, SearchResult
from tlkit.search.progress_table import ProgressTable
from tlkit.search.search_journal import SearchError
from tlkit.search.search_record import SearchRecord
from tlkit.search.trial import Trial
from tlkit.search.trial_process import TrialProcess
from tlkit.search.trial_queue import Search
from tlkit.search.winner import KEPT_RUN, Winner, train_winner
from tlkit.search.worker_loop import work

_LOOK = 0.2  # seconds between two looks at the workers


def search_and_conclude(
    plan: SearchPlan, workers: list[TrialProcess], *, chief: str | None, live: bool
) -> SearchResult:
    """Go through the trials that are left, then train the winner and record all of it."""
    search = make_search(plan)
    search.replay()
    if search.trials:
        plan.say(
            f"going on   {len(search.counted())} of {plan.count} trials are there, {len(search.running())} cut off"
        )
    known = plan.journal.about().get("winner", {})
    if search.is_over() and known.get("run_id") and known["trials"] == len(search.counted()) and search.ranked():
        plan.say("the search is done; --extend N adds trials, --new begins afresh")
        return search_result(plan, search, Winner(**known["winner"]), known["run_id"])
    with SearchRecord(plan, search) as record:
        table = ProgressTable(plan, search, live=live)
        search.tell = partial(_tell, search, record, table)
        record.catch_up()
        with table:
            _run_all(plan, search, workers, chief, record)
        if search.fault:
            raise SearchError(f"tune: stopped after {len(search.counted())} trials, {search.fault}")
        if not search.ranked():
            raise SearchError(
                f"tune: none of {len(search.counted())} trials was completed: {search.trials[-1].message}"
            )
        with ThreadPoolExecutor(1) as pool:
            drawn = pool.submit(record.write_files)  # while the workers train the winner
            winner = _winner(plan, search, workers, record)
            drawn.result()
        record.conclude(winner)
        run_id = record.run_id
    plan.journal.describe(winner={**plan.journal.about()["winner"], "run_id": run_id}, extending=None)
    return search_result(plan, search, winner, run_id)


def _winner(plan: SearchPlan, search: Search, workers: list[TrialProcess], record: SearchRecord) -> Winner:
    """The winner, trained now or before the search was cut off; noted before the record is brought home."""
    known = plan.journal.about().get("winner", {})
    if known.get("trials") == len(search.counted()):
        return Winner(**known["winner"])
    with _ending_with(workers):
        winner = train_winner(plan, search, workers, record.run_id)
    plan.journal.describe(winner={"winner": vars(winner), "trials": len(search.counted())})
    shutil.rmtree(plan.journal.states / KEPT_RUN, ignore_errors=True)
    return winner


@contextlib.contextmanager
def _ending_with(workers: list[TrialProcess]) -> Iterator[None]:
    """Workers that end where this does: nothing is to be said of trials, or a winner, behind the end of the record."""
    try:
        yield
    except BaseException:
        for process in workers:
            process.stop()
        raise


def make_search(plan: SearchPlan) -> Search:
    """The search with its oracle, before anything happened."""
    tune = plan.recipe.tune
    refuse = make_refusal(plan.recipe, plan.splits.info.input_shape, plan.memory)
    oracle = make_oracle(
        tune.tuner, plan.domains, refuse, objective=tune.objective, direction=plan.direction, seed=plan.recipe.seed,
        epochs=plan.epochs,
    )  # fmt: skip
    return Search(
        oracle,
        plan.domains,
        plan.journal,
        objective=tune.objective,
        direction=plan.direction,
        count=plan.count,
        keep=tune.keep,
    )


def search_result(plan: SearchPlan, search: Search, winner: Winner, run_id: str) -> SearchResult:
    """What the caller gets."""
    best = search.ranked()[0]
    workers: dict[str, int] = {}
    for each in search.counted():
        workers[each.worker] = workers.get(each.worker, 0) + 1
    return SearchResult(
        recipe=plan.recipe.name, folder=plan.journal.folder, best_recipe=plan.journal.folder / "best.yaml",
        trial=best.number, score=best.score or 0.0, values=best.changes, trials=len(search.counted()),
        seeds=winner.seeds, winner=winner.result, run_id=run_id, seconds=search.seconds(),
        passed_over=search.oracle.passed_over, by_worker=workers,
    )  # fmt: skip


def _run_all(
    plan: SearchPlan, search: Search, workers: list[TrialProcess], chief: str | None, record: SearchRecord
) -> None:
    """Let all workers work until the search is over; the first has the frozen features before the others begin."""
    stop, errors = threading.Event(), list[BaseException]()
    try:
        for process in workers if not search.is_over() else []:
            process.wait_ready()  # so that each gets trials, however short these are
        tasks: list[Callable[[], None]] = [
            _task(plan, search, process, f"worker {i + 1}", stop) for i, process in enumerate(workers)
        ]
        if chief is not None:
            from tlkit.search.chief import serve

            tasks.append(partial(serve, search, chief, plan.identity, plan.journal, stop, plan.say))
        threads = worker_pool.start_all(tasks, errors.append)
        while any(each.is_alive() for each in threads) and not errors:
            stop.wait(_LOOK)
            record.look()
        if errors:
            raise errors[0]
    except BaseException:
        stop.set()
        with _ending_with(workers):
            raise


def _task(
    plan: SearchPlan, search: Search, process: TrialProcess, name: str, stop: threading.Event
) -> Callable[[], None]:
    tune = plan.recipe.tune
    return partial(
        work, search, process, name, plan.recipe, plan.journal.states,
        objective=tune.objective, growth=tune.growth_mb << 20, stop=stop,
    )  # fmt: skip


def _tell(search: Search, record: SearchRecord, table: ProgressTable, event: str, trial: Trial) -> None:
    record.hear(event, trial)
    table.hear(event, trial)
