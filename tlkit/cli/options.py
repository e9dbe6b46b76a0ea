"""Options that several commands take, and how their lines are printed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from tlkit.own_files import trusting

settings_option = click.option(
    "--set", "settings", multiple=True, metavar="PATH=VALUE", help="Override a field of the recipe."
)
beside_option = click.option(
    "--beside", type=click.Path(path_type=Path), help="The table of what the model takes beside each example."
)
as_json_option = click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")


class Duration(click.ParamType[float]):
    """Seconds, written as 90, 90s, 10m or 1h."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from tlkit.recipe.schema import seconds_of

        try:
            return seconds_of(value)
        except ValueError as error:
            self.fail(f"{error}, found '{value}'", param, ctx)


def _trust(ctx: click.Context, option: click.Parameter, given: bool) -> None:
    ctx.with_resource(trusting(given))


trust_option = click.option(
    "--trust", is_flag=True, expose_value=False, callback=_trust,
    help="Run the recipe's own Python files, though they lie outside the working folder.",
)  # fmt: skip


def echo_lines(lines: Iterable[str]) -> None:
    """Print each line as soon as it is there."""
    for line in lines:
        click.echo(line)
