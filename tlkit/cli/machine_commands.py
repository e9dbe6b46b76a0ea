"""Commands about this machine: its cache and its devices."""

from __future__ import annotations

import click

from tlkit.cli.options import echo_lines


@click.command()
@click.option("--clear", is_flag=True, help="Delete all cached features, and what is known of files and data.")
def cache(clear: bool) -> None:
    """Show or clear the cache of frozen features."""
    from tlkit.commands.cache import clear_cache, show_cache

    echo_lines(clear_cache() if clear else show_cache())


@click.command()
def doctor() -> None:
    """Versions, devices, engines, and where things are kept."""
    from tlkit.commands.doctor import examine

    echo_lines(examine())
