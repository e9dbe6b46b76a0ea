"""Options that several commands take, and how their lines are printed."""

from __future__ import annotations

import re
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
        found = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)([smh]?)", str(value).strip())
        if not found or float(found[1]) == 0:
            self.fail(f"expected a time such as 90s, 10m or 1h, found '{value}'", param, ctx)
        return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


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
