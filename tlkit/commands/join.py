"""A worker that joins a search whose chief is elsewhere: the same trials, in the same processes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from tlkit.commands.run import MLRUNS
from tlkit.commands.tune import load_choosing_keras
from tlkit.inspection.leak_guard import guarded
from tlkit.paths import temporary_folder
from tlkit.recipe.schema import Recipe
from tlkit.recipe.space import read_space
from tlkit.search import worker_pool
from tlkit.search.address import check_address
from tlkit.search.identity import identity_of
from tlkit.training.planning import as_written, load_data


def join_search(recipe: Recipe, address: str, *, say: Callable[[str], None] = lambda text: None) -> int:
    """Work for a chief until its search is over; the number of trials done here."""
    check_address("--join", address)
    recipe = as_written(recipe)
    domains = read_space(recipe)
    splits = guarded(load_data(recipe), allow_leaks=recipe.data.allow_leaks)
    searches = MLRUNS.absolute() / "searches" / recipe.name
    process = worker_pool.make_workers(recipe, splits, 1)[0]
    with temporary_folder("join") as folder:
        try:
            load_choosing_keras()
            from tlkit.search.remote_search import RemoteSearch
            from tlkit.search.worker_loop import work

            search = RemoteSearch(address, identity_of(recipe, domains, splits), domains, Path(folder), searches)
            say(f"joined     {address} as '{search.name}'")
            process.start()
            tune = recipe.tune
            work(
                search, process, search.name, recipe, Path(folder),
                objective=tune.objective, growth=tune.growth_mb << 20, stop=threading.Event(),
            )  # fmt: skip
            search.close()
        finally:
            process.stop()
    say(f"done       {search.done} trials here")
    return search.done
