"""Commands that train: once, again, or many times in a search."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tlkit.cli.options import (
    Duration,
    RecipePath,
    as_json_option,
    recipe_argument,
    run_argument,
    settings_option,
    trust_option,
)
from tlkit.cli.output import echo_json, echo_lines, speaker, tell

if TYPE_CHECKING:
    from tlkit.commands.cross_validate import FoldResults
    from tlkit.recipe.schema import Recipe
    from tlkit.report.result import Result


@click.command()
@recipe_argument
@settings_option
@trust_option
@click.option("--folds", type=int, default=None, help="Cross-validate: one run a fold, with mean and spread.")
@as_json_option
@click.option("--offline", is_flag=True, help="Keep the record here; the next run or `tlkit sync` sends it.")
@click.option("--fresh", is_flag=True, help="Start over, though a run of this that was cut off could go on.")
@click.option("--dry-run", is_flag=True, help="Check the recipe and say what would be trained; train nothing.")
def run(
    recipe: Path, settings: tuple[str, ...], folds: int | None, as_json: bool, offline: bool, fresh: bool,
    dry_run: bool,
) -> None:  # fmt: skip
    """Train, evaluate and record what RECIPE asks for."""
    from tlkit.recipe.loading import load_recipe

    say, page = speaker(as_json), load_recipe(recipe, settings)
    if offline and (page.is_open or folds is not None):
        raise click.UsageError(
            "--offline is for a run alone: runs within another need its id in the store. Leave it out."
        )
    if dry_run:
        from tlkit.commands.shell.dry_run import intended

        tell(intended(page, folds=folds), as_json)
        return
    if page.is_open and folds is None:
        _choose_and_run(page, say, as_json=as_json)
        return
    if folds is not None:
        from tlkit.commands.cross_validate import run_folds

        found = run_folds(page, folds, fresh=fresh, say=say)
        _end_with(found, as_json)
        return
    from tlkit.commands.run import run as run_recipe

    result = run_recipe(page, offline=offline, fresh=fresh, say=say)
    if as_json:
        echo_json(result.as_json())
    else:
        where = f", {_short(result.model)}" if result.model else ""
        name, then = ("unsent", "send it: tlkit sync") if offline else (result.run_id[:8], "compare runs: tlkit ui")
        click.echo(f"run       {name} in {result.seconds['total']:.1f} s{where}\n          {then}")
    _end_as_exported(result)


@click.command()
@run_argument
@trust_option
@as_json_option
def resume(run_name: str, as_json: bool) -> None:
    """Go on with RUN, which was cut off; `tlkit run` with the same recipe does so too."""
    from tlkit.commands.resume import resume as go_on

    done = go_on(run_name, say=speaker(as_json))
    _end_with(done, as_json)
    _end_as_exported(done)


@click.command()
@run_argument
@trust_option
@as_json_option
def rerun(run_name: str, as_json: bool) -> None:
    """Do RUN again: same recipe, data and seeds; shows both scores."""
    from tlkit.commands.rerun import lines
    from tlkit.commands.rerun import rerun as run_again

    done = run_again(run_name, say=speaker(as_json))
    tell(lines(done), as_json)
    _end_as_exported(done.result)


def _end_with(done: Result | FoldResults, as_json: bool) -> None:
    if as_json:
        echo_json(done.as_json())
    else:
        click.echo(done.closing_line())


def _end_as_exported(result: Result | FoldResults) -> None:
    """End with 2 where a file that the recipe's `export:` asks for could not be had; its fault is told by then."""
    if getattr(result, "export_faults", ()):
        click.get_current_context().exit(2)


@click.command()
@click.argument("given", metavar="PATH|RECIPE", type=RecipePath())
@settings_option
@trust_option
@as_json_option
def probe(given: Path, settings: tuple[str, ...], as_json: bool) -> None:
    """Rank the backbones whose weights are here on data of your own, in seconds; the test split is not looked at."""
    from tlkit.commands.probe import best_lines, json_of, probe_backbones

    found = probe_backbones(
        given,
        settings,
        hear=lambda each: click.echo(each.line, err=as_json),
        leave_out=lambda candidate, why: click.echo(f"left out  {candidate}: {why}", err=as_json),
    )
    if as_json:
        echo_json(json_of(found))
    else:
        echo_lines(best_lines(found))


@click.command()
@click.argument("given", metavar="PATH|RECIPE", type=RecipePath())
@settings_option
@trust_option
@click.option(
    "--budget", type=Duration(), help="Time for all of it, as 90s, 10m or 1h; else the recipe's tune.budget, or 10m."
)
@click.option("--metric", default="loss", show_default=True, help="What is to be better: accuracy, mae and the like.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The recipe that is written; else NAME_auto.yaml, or NAME_auto_2.yaml.",
)
@as_json_option
def auto(
    given: Path, settings: tuple[str, ...], budget: float | None, metric: str, out: Path | None, as_json: bool
) -> None:
    """Find the best recipe for data of your own that a budget of time allows, write it and run it."""
    from tlkit.commands.preflight.given_recipe import recipe_of

    say = speaker(as_json)
    _choose_and_run(recipe_of(given, settings), say, budget=budget, metric=metric, out=out, as_json=as_json)


def _choose_and_run(page: Recipe, say: Callable[[str], None], *, as_json: bool, **given: Any) -> None:
    from tlkit.commands.auto import auto as find

    found = find(page, say=say, **given)
    if as_json:
        echo_json(found.as_json())
    else:
        click.echo(
            f"auto      {found.run_id[:8]}, with one run for each that was tried; again: tlkit run {found.recipe}"
        )


@click.command()
@recipe_argument
@settings_option
@trust_option
@click.option("--new", is_flag=True, help="Begin afresh; what the search found before is removed.")
@click.option("--extend", type=click.IntRange(min=0), default=0, metavar="N", help="Add N trials to the search.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Trials run at once here.")
@click.option("--chief", metavar="ADDRESS", help="Let workers on other machines join at this HOST:PORT.")
@click.option("--join", metavar="ADDRESS", help="Work for the search whose chief listens at this HOST:PORT.")
@as_json_option
def tune(
    recipe: Path, settings: tuple[str, ...], new: bool, extend: int, workers: int, chief: str | None, join: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Search RECIPE's tune.space; the same command goes on with a search that was cut off."""
    from tlkit.recipe.loading import load_recipe

    page, say = load_recipe(recipe, settings), speaker(as_json)
    if join:
        from tlkit.commands.join import join_search

        join_search(page, join, say=say)
        return
    from tlkit.commands.tune import tune as tune_recipe

    live = sys.stdout.isatty() and not as_json
    found = tune_recipe(page, new=new, extend=extend, workers=workers, chief=chief, live=live, say=say)
    if as_json:
        echo_json(found.as_json())
    else:
        click.echo(f"search     {found.run_id[:8]}, {found.trials} trials in {found.seconds:.1f} s; see tlkit ui")


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
