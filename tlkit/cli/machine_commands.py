"""Commands about this machine: its cache and its devices."""

from __future__ import annotations

from pathlib import Path

import click

from tlkit.cli.options import RecipePath, as_json_option, settings_option, trust_option
from tlkit.cli.output import show, tell


@click.command()
@click.option("--clear", is_flag=True, help="Delete all cached features, and what is known of files and data.")
@click.option("--dry-run", is_flag=True, help="With --clear: say how much would be freed, and delete nothing.")
@as_json_option
def cache(clear: bool, dry_run: bool, as_json: bool) -> None:
    """Show or clear the cache of frozen features."""
    from tlkit.commands.cache import clear_cache, show_cache

    if dry_run and not clear:
        raise click.UsageError("--dry-run goes with --clear")
    if clear:
        tell(clear_cache(dry=dry_run), as_json)
    else:
        show(show_cache(), as_json)


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="The folder they are put into.")
@as_json_option
def fetch(names: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Put the weights of backbones into a folder, to be carried to machines without a network.

    NAME is one of `tlkit list backbones`, or hub:PRESET. There, TLKIT_WEIGHTS names the folder.
    """
    from tlkit.pretrained.carried_weights import fetch as fetched

    tell(fetched(names, folder), as_json)


@click.command()
@click.option("--determinism", is_flag=True, help="Train twice and compare, part by part; exit with 1 if any differs.")
@click.argument("recipe", required=False, type=RecipePath())
@settings_option
@trust_option
@as_json_option
@click.pass_context
def doctor(
    ctx: click.Context, determinism: bool, recipe: Path | None, settings: tuple[str, ...], as_json: bool
) -> None:
    """Versions, devices, engines, where things are kept; with --determinism, whether training can be repeated here.

    RECIPE, with --determinism, is what is trained twice in place of small recipes of tlkit's own.
    """
    if not determinism:
        if recipe or settings:
            raise click.UsageError("RECIPE and --set go with --determinism")
        from tlkit.commands.doctor import examine

        show(examine(), as_json)
        return
    from tlkit.commands.determinism import run_twice, said_of

    found = run_twice(recipe, settings)
    tell(said_of(found), as_json)
    ctx.exit(any(each.causes for each in found))
