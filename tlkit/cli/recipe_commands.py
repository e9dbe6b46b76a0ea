"""Commands about a recipe or a net, before anything is trained."""

from __future__ import annotations

from pathlib import Path

import click

from tlkit.cli.options import echo_lines, recipe_argument, settings_option, trust_option


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Write the recipe to this file instead of the terminal.")
def init(path: Path, out: Path | None) -> None:
    """Look at the data in PATH and write a commented recipe for it."""
    from tlkit.commands.init import start_recipe, write_recipe
    from tlkit.commands.shell.editor_schema import schema_line

    if out is None:
        click.echo(schema_line() + start_recipe(path), nl=False)
    else:
        write_recipe(path, out, opening=schema_line())
        click.echo(f"{out}: look at what it guesses, then: tlkit check {out} --data")


@click.command()
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), help="The copy; else NAME.yaml in this folder.")
def new(name: str, out: Path | None) -> None:
    """Copy a recipe that comes with tlkit here, with all that it needs, to be changed: `tlkit list recipes`."""
    from tlkit.commands.shell.editor_schema import schema_line
    from tlkit.recipe.packaged import copy_recipe

    copy = out or Path(f"{name.rpartition('/')[2]}.yaml")
    echo_lines(f"written   {file}" for file in copy_recipe(name, copy, opening=schema_line()))
    click.echo(f"next      tlkit run {copy}")


@click.command()
@recipe_argument
@settings_option
@trust_option
@click.option("--data", "with_data", is_flag=True, help="Read every example and report what is wrong with the data.")
@click.option("--strict", is_flag=True, help="With --data: exit with 1 if there are warnings.")
@click.option("--quarantine", is_flag=True, help="With --data: list what leaks or is broken; later runs leave it out.")
@click.pass_context
def check(
    ctx: click.Context, recipe: Path, settings: tuple[str, ...], with_data: bool, strict: bool, quarantine: bool
) -> None:
    """Check RECIPE, its paths and its net's sizes, without training; with --data also every example."""
    from tlkit.commands.check import check_recipe
    from tlkit.recipe.loading import load_recipe

    if (strict or quarantine) and not with_data:
        raise click.UsageError("--strict and --quarantine go with --data")
    loaded = load_recipe(recipe, settings)
    echo_lines(check_recipe(loaded))
    if with_data:
        from tlkit.commands.check_data import check_data

        checked = check_data(loaded, quarantine=quarantine, say=click.echo)
        ctx.exit(checked.exit_code(strict=strict))


@click.command()
@click.argument("name", metavar="NET_OR_RECIPE")
@click.option(
    "--input", "input_shape", metavar="32x32x3", help="Shape of an input; by default the paper's or the data's."
)
@click.option("--classes", type=int, default=None, help="Number of classes; by default the paper's or the data's.")
@settings_option
@trust_option
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the exact numbers to this file too.")
def summary(
    name: str, input_shape: str | None, classes: int | None, settings: tuple[str, ...], csv_file: Path | None
) -> None:
    """Layers, parameters, multiply-adds and memory of a net, a backbone or a recipe's model."""
    from tlkit.quiet import load_keras

    load_keras()
    from tlkit.commands.summary import summarize

    echo_lines(summarize(name, input_shape=input_shape, classes=classes, settings=settings, csv_file=csv_file))


_LISTS = ["nets", "backbones", "sources", "kinds", "tasks", "exporters", "recipes", "runs"]


@click.command("list")
@click.argument("what", type=click.Choice(_LISTS))
def list_(what: str) -> None:
    """What there is, one line each, with the package that brings what is not ours."""
    from tlkit.commands.list import LISTS

    echo_lines(LISTS[what]())
