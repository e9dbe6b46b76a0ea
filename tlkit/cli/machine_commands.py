"""Commands about this machine: its cache and its devices."""

from __future__ import annotations

from pathlib import Path

import click

from tlkit.cli.options import RecipePath, echo_lines, settings_option, trust_option


@click.command()
@click.option("--clear", is_flag=True, help="Delete all cached features, and what is known of files and data.")
def cache(clear: bool) -> None:
    """Show or clear the cache of frozen features."""
    from tlkit.commands.cache import clear_cache, show_cache

    echo_lines(clear_cache() if clear else show_cache())


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="The folder they are put into.")
def fetch(names: tuple[str, ...], folder: Path) -> None:
    """Put the weights of backbones into a folder, to be carried to machines without a network.

    NAME is one of `tlkit list backbones`, or hub:PRESET. There, TLKIT_WEIGHTS names the folder.
    """
    from tlkit.pretrained.carried_weights import fetch as fetched

    echo_lines(fetched(names, folder))


@click.command()
@click.option("--determinism", is_flag=True, help="Train twice and compare, part by part; exit with 1 if any differs.")
@click.argument("recipe", required=False, type=RecipePath())
@settings_option
@trust_option
@click.pass_context
def doctor(ctx: click.Context, determinism: bool, recipe: Path | None, settings: tuple[str, ...]) -> None:
    """Versions, devices, engines, where things are kept; with --determinism, whether training can be repeated here.

    RECIPE, with --determinism, is what is trained twice in place of small recipes of tlkit's own.
    """
    if not determinism:
        if recipe or settings:
            raise click.UsageError("RECIPE and --set go with --determinism")
        from tlkit.commands.doctor import examine

        echo_lines(examine())
        return
    from tlkit.commands.determinism import run_twice, said_of

    found = run_twice(recipe, settings)
    echo_lines(said_of(found))
    ctx.exit(any(each.causes for each in found))
