"""The worker processes of a search on one machine, and how cores, GPUs and memory are shared out among them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tlkit.data.splits import Splits
from tlkit.engines.hardware import gpu_names, num_cores
from tlkit.recipe.schema import Recipe
from tlkit.search.trial_messages import Open
from tlkit.search.trial_process import TrialProcess


def make_workers(recipe: Recipe, splits: Splits, count: int) -> list[TrialProcess]:
    """As many workers, each with its share of the cores and, where there are any, a GPU; none is started yet."""
    threads = max(1, num_cores() // count) if count > 1 else None
    gpus = len(gpu_names())
    return [
        TrialProcess(
            Open(recipe, splits, threads, extract=index == 0),
            gpu=str(index % gpus) if gpus and count > 1 else None,
        )
        for index in range(count)
    ]


def start_all(tasks: list[Callable[[], None]], failed: Callable[[BaseException], None]) -> list[threading.Thread]:
    """Each task in a thread of its own; what one raises is handed on."""

    def guarded(task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as error:  # it is raised again where the search is waited for
            failed(error)

    threads = [threading.Thread(target=guarded, args=[task], daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    return threads
