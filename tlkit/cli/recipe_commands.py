"""Commands about a recipe or a net, before anything is trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from tlkit.cli.options import as_json_option, recipe_argument, settings_option, trust_option
from tlkit.cli.output import echo_json, echo_lines, show, speaker, tell
from tlkit.errors import TlkitError


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Write the recipe to this file instead of the terminal.")
@as_json_option
def init(path: Path, out: Path | None, as_json: bool) -> None:
    """Look at the data in PATH and write a commented recipe for it."""
    from tlkit.commands.init import start_recipe, write_recipe
    from tlkit.commands.shell.editor_schema import schema_line

    opening = schema_line()
    text = opening + start_recipe(path) if out is None else write_recipe(path, out, opening=opening)
    if as_json:
        echo_json({"file": out, "recipe": text})
    elif out is None:
        click.echo(text, nl=False)
    else:
        click.echo(f"{out}: look at what it guesses, then: tlkit check {out} --data")


@click.command()
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), help="The copy; else NAME.yaml in this folder.")
@as_json_option
def new(name: str, out: Path | None, as_json: bool) -> None:
    """Copy a recipe that comes with tlkit here, with all that it needs, to be changed: `tlkit list recipes`."""
    from tlkit.commands.shell.editor_schema import schema_line
    from tlkit.recipe.packaged import copy_recipe

    copy = out or Path(f"{name.rpartition('/')[2]}.yaml")
    files = copy_recipe(name, copy, opening=schema_line())
    if as_json:
        echo_json({"recipe": copy, "files": files})
    else:
        echo_lines([*(f"written   {file}" for file in files), f"next      tlkit run {copy}"])


@click.command()
@recipe_argument
@settings_option
@trust_option
@click.option("--data", "with_data", is_flag=True, help="Read every example and report what is wrong with the data.")
@click.option("--strict", is_flag=True, help="With --data: exit with 1 if there are warnings.")
@click.option("--quarantine", is_flag=True, help="With --data: list what leaks or is broken; later runs leave it out.")
@as_json_option
@click.pass_context
def check(
    ctx: click.Context, recipe: Path, settings: tuple[str, ...], with_data: bool, strict: bool, quarantine: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Check RECIPE, its paths and its net's sizes, without training; with --data also every example."""
    if (strict or quarantine) and not with_data:
        raise click.UsageError("--strict and --quarantine go with --data")
    say = speaker(True) if as_json else click.echo
    try:
        found, status = _checked(recipe, settings, (strict, quarantine) if with_data else None, say)
    except TlkitError as error:
        if not as_json:
            raise
        found, status = {"ok": False, "problems": str(error).splitlines()}, 2
    if as_json:
        echo_json(found)
    ctx.exit(status)


def _checked(
    recipe: Path, settings: tuple[str, ...], with_data: tuple[bool, bool] | None, say: Callable[[str], None]
) -> tuple[dict[str, object], int]:
    """What a check found as plain values, and the status to end with; each line is said as it comes."""
    from tlkit.commands.check import check_recipe
    from tlkit.recipe.loading import load_recipe

    loaded = load_recipe(recipe, settings)
    for line in check_recipe(loaded):
        say(line)
    found: dict[str, object] = {"ok": True, "recipe": loaded.name, "problems": []}
    if with_data is None:
        return found, 0
    from tlkit.commands.check_data import check_data

    strict, quarantine = with_data
    checked = check_data(loaded, quarantine=quarantine, say=say)
    status = checked.exit_code(strict=strict)
    return {**found, "ok": not status, "findings": [each.as_json() for each in checked.findings],
            "parts": checked.parts, "classes": checked.classes, "page": checked.page}, status  # fmt: skip


@click.command()
@click.argument("name", metavar="NET_OR_RECIPE")
@click.option(
    "--input", "input_shape", metavar="32x32x3", help="Shape of an input; by default the paper's or the data's."
)
@click.option("--classes", type=int, default=None, help="Number of classes; by default the paper's or the data's.")
@settings_option
@trust_option
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the exact numbers to this file too.")
@as_json_option
def summary(
    name: str, input_shape: str | None, classes: int | None, settings: tuple[str, ...], csv_file: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Layers, parameters, multiply-adds and memory of a net, a backbone or a recipe's model."""
    from tlkit.quiet import load_keras

    load_keras()
    from tlkit.commands.summary import summarize

    lines = summarize(name, input_shape=input_shape, classes=classes, settings=settings, csv_file=csv_file)
    tell(lines, as_json)


_LISTS = ["nets", "backbones", "sources", "kinds", "tasks", "exporters", "recipes", "runs"]


@click.command("list")
@click.argument("what", type=click.Choice(_LISTS))
@as_json_option
def list_(what: str, as_json: bool) -> None:
    """What there is, one line each, with the package that brings what is not ours."""
    from tlkit.commands.list import LISTS

    show(LISTS[what](), as_json)
