"""The command line: each command parses, calls one workflow and prints."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

import click

from tlkit.errors import TlkitError, exhausted, shortened
from tlkit.quiet import drop_generated, own_process
from tlkit.stopping import exit_code, outlive_readers, output_lost, stop_gracefully

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

_KEPT = ("run", "rerun", "tune", "stylize")  # what these are for does not lie in what they print


class Commands(click.Group):
    """Prints a user's mistake in plain words, without a traceback, and exits with 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            done = super().invoke(ctx)
            if output_lost() and ctx.invoked_subcommand not in _KEPT:
                ctx.exit(2)
            return done
        except TlkitError as error:
            click.echo(shortened(str(error)), err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            click.echo(
                "\nStopped. What was done is kept: the run is marked KILLED; a search goes on with the same command.",
                err=True,
            )
            ctx.exit(exit_code())
        except Exception as error:
            if not (line := exhausted(error)):
                raise
            click.echo(line, err=True)
            ctx.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tlkit")
def main() -> None:
    """Transfer learning with Keras: from a page of YAML to an evaluated, recorded model."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)


_settings = click.option(
    "--set", "settings", multiple=True, metavar="PATH=VALUE", help="Override a field of the recipe."
)
_beside = click.option(
    "--beside", type=click.Path(path_type=Path), help="The table of what the model takes beside each example."
)
_json = click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")


@main.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@_settings
@click.option("--folds", type=int, default=None, help="Cross-validate: one run a fold, with mean and spread.")
@_json
@click.option("--offline", is_flag=True, help="Keep the record here; the next run or `tlkit sync` sends it.")
def run(recipe: Path, settings: tuple[str, ...], folds: int | None, as_json: bool, offline: bool) -> None:
    """Train, evaluate and record what RECIPE asks for."""
    from tlkit.commands.run import run as run_recipe
    from tlkit.recipe.loading import load_recipe

    say = functools.partial(click.echo, err=as_json)
    if folds is not None:
        from tlkit.commands.cross_validate import run_folds

        found = run_folds(load_recipe(recipe, settings), folds, say=say)
        closing = f"run       {found.run_id[:8]}, with one run a fold within it"
        click.echo(json.dumps(found.as_json()) if as_json else closing)
        return
    result = run_recipe(load_recipe(recipe, settings), offline=offline, say=say)
    if as_json:
        click.echo(json.dumps(result.as_json()))
    else:
        where = f", {_short(result.model)}" if result.model else ""
        name, then = ("unsent", "send it: tlkit sync") if offline else (result.run_id[:8], "compare runs: tlkit ui")
        click.echo(f"run       {name} in {result.seconds['total']:.1f} s{where}\n          {then}")


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


@main.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@_settings
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
    for line in check_recipe(loaded):
        click.echo(line)
    if with_data:
        from tlkit.commands.check_data import check_data

        checked = check_data(loaded, quarantine=quarantine, say=click.echo)
        ctx.exit(checked.exit_code(strict=strict))


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Write the recipe to this file instead of the terminal.")
def init(path: Path, out: Path | None) -> None:
    """Look at the data in PATH and write a commented recipe for it."""
    from tlkit.commands.init import start_recipe, write_recipe

    if out is None:
        click.echo(start_recipe(path), nl=False)
    else:
        write_recipe(path, out)
        click.echo(f"{out}: look at what it guesses, then: tlkit check {out} --data")


@main.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@_settings
@click.option("--new", is_flag=True, help="Begin afresh; what the search found before is removed.")
@click.option("--extend", type=click.IntRange(min=0), default=0, metavar="N", help="Add N trials to the search.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Trials run at once here.")
@click.option("--chief", metavar="ADDRESS", help="Let workers on other machines join at this HOST:PORT.")
@click.option("--join", metavar="ADDRESS", help="Work for the search whose chief listens at this HOST:PORT.")
@_json
def tune(
    recipe: Path, settings: tuple[str, ...], new: bool, extend: int, workers: int, chief: str | None, join: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Search RECIPE's tune.space; the same command goes on with a search that was cut off."""
    from tlkit.recipe.loading import load_recipe

    page, say = load_recipe(recipe, settings), lambda text: click.echo(text, err=as_json)
    if join:
        from tlkit.commands.join import join_search

        join_search(page, join, say=say)
        return
    from tlkit.commands.tune import tune as tune_recipe

    live = sys.stdout.isatty() and not as_json
    found = tune_recipe(page, new=new, extend=extend, workers=workers, chief=chief, live=live, say=say)
    if as_json:
        click.echo(json.dumps(found.as_json()))
    else:
        click.echo(f"search     {found.run_id[:8]}, {found.trials} trials in {found.seconds:.1f} s; see tlkit ui")


@main.command()
@click.argument("run_name", metavar="RUN")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATHS...")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the predictions to this file.")
@click.option("--top", type=click.IntRange(min=1), default=1, metavar="K", help="Name the K surest classes.")
@_beside
def predict(run_name: str, paths: tuple[Path, ...], csv_file: Path | None, top: int, beside: Path | None) -> None:
    """What RUN's model says of pictures or folders of pictures."""
    from tlkit.commands.predict import predict_paths

    for line in predict_paths(run_name, paths, csv_file=csv_file, top=top, beside=beside):
        click.echo(line)


@main.command()
@click.argument("run_name", metavar="RUN")
@click.option(
    "--data", "path", required=True, type=click.Path(path_type=Path), help="A folder with one folder per class."
)
@click.option("--top", type=click.IntRange(min=1), metavar="K", help="Also how often the truth is among the K surest.")
@_beside
@_json
def evaluate(run_name: str, path: Path, top: int | None, beside: Path | None, as_json: bool) -> None:
    """Score RUN's model on other labelled data, in all and class by class."""
    from tlkit.commands.evaluate import evaluate_run

    found = evaluate_run(run_name, path, beside=beside, top=top)
    for line in [json.dumps(found.as_json())] if as_json else found.lines():
        click.echo(line)


@main.command()
@click.argument("name", metavar="NET_OR_RECIPE")
@click.option(
    "--input", "input_shape", metavar="32x32x3", help="Shape of an input; by default the paper's or the data's."
)
@click.option("--classes", type=int, default=None, help="Number of classes; by default the paper's or the data's.")
@_settings
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the exact numbers to this file too.")
def summary(
    name: str, input_shape: str | None, classes: int | None, settings: tuple[str, ...], csv_file: Path | None
) -> None:
    """Layers, parameters, multiply-adds and memory of a net, a backbone or a recipe's model."""
    from tlkit.quiet import load_keras

    load_keras()
    from tlkit.commands.summary import summarize

    for line in summarize(name, input_shape=input_shape, classes=classes, settings=settings, csv_file=csv_file):
        click.echo(line)


@main.command()
@click.argument("run_name", metavar="RUN")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PICTURES...")
@click.option(
    "--method",
    type=click.Choice(["occlusion", "gradcam", "features", "filters", "invariance", "all"]),
    default="occlusion",
    show_default=True,
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("explained"), show_default=True, help="A folder.")
@click.option("--class", "class_name", help="Why this class; by default the one its folder names, else the predicted.")
@click.option("--patch", type=int, help="Occlusion: size of the window.")
@click.option("--stride", type=int, help="Occlusion: how far it moves; half of its size by default.")
@click.option(
    "--fill",
    type=click.Choice(["grey", "mean", "blur"]),
    default="grey",
    show_default=True,
    help="Occlusion: what the window shows.",
)
@click.option("--layer", help="Look at this layer.")
@click.option("--filter", "filters", type=int, multiple=True, help="Also the picture that excites this filter most.")
@click.option("--trust", is_flag=True, help="Deletion and insertion curves, and an untrained model's map.")
@click.option("--log", is_flag=True, help="Add all of it to the run's record.")
def explain(
    run_name: str, paths: tuple[Path, ...], method: str, out: Path, log: bool, filters: tuple[int, ...], **given: Any
) -> None:
    """Show why RUN's model says what it says of PICTURES."""
    from tlkit.quiet import load_keras

    load_keras()
    from tlkit.commands.explain import explain_paths
    from tlkit.interpretation.explanations import Options

    options = Options(filters=filters, **given)
    for line in explain_paths(run_name, paths, method=method, out=out, options=options, log=log):
        click.echo(line)


@main.command()
@click.argument("runs", nargs=-1, metavar="[RUNS]...")
@click.option("--experiment", help="All finished runs of this experiment; by default that of the latest run.")
@click.option("--html", "html_file", type=click.Path(path_type=Path), help="Write a page with overlaid curves.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the table to this file.")
def compare(runs: tuple[str, ...], experiment: str | None, html_file: Path | None, csv_file: Path | None) -> None:
    """What differs between RUNS and how they score, best first."""
    from tlkit.commands.compare import compare_runs, lines, write_csv, write_html

    found = compare_runs(runs, experiment=experiment)
    for line in lines(found):
        click.echo(line)
    if html_file:
        write_html(found, html_file)
    if csv_file:
        write_csv(found, csv_file)


@main.command()
@click.argument("run_name", metavar="RUN")
def rerun(run_name: str) -> None:
    """Do RUN again: same recipe, data and seeds; shows both scores."""
    from tlkit.commands.rerun import lines
    from tlkit.commands.rerun import rerun as run_again

    for line in lines(run_again(run_name, say=click.echo)):
        click.echo(line)


@main.command()
@click.argument("content", type=click.Path(path_type=Path))
@click.argument("styles", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="STYLE...")
@click.option("--strength", type=float, default=1.0, show_default=True, help="How much the manner counts.")
@click.option("--size", type=int, default=512, show_default=True, help="Pixels of the longer side.")
@click.option("--steps", type=int, default=200, show_default=True)
@click.option("--mix", type=float, multiple=True, help="The weight of each style, in order.")
@click.option("--keep-colours", is_flag=True, help="Take the manner, but keep the colours of CONTENT.")
@click.option("--backbone", default="efficientnet-lite0", show_default=True, help="Or VGG19.")
@click.option("--weights", default="imagenet", show_default=True, help="Of the backbone; or a file.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("stylized.jpg"), show_default=True)
@click.pass_context
def stylize(context: click.Context, /, content: Path, styles: tuple[Path, ...], **options: Any) -> None:
    """Paint CONTENT in the manner of STYLE; Ctrl-C keeps what is there."""
    from tlkit.commands.stylize import stylize_paths

    text, interrupted = stylize_paths(content, styles, **options)
    click.echo(text)
    if interrupted:
        context.exit(exit_code())


@main.command("list")
@click.argument("what", type=click.Choice(["nets", "backbones", "recipes", "runs"]))
def list_(what: str) -> None:
    """What there is: nets, backbones, recipes or runs."""
    from tlkit.commands.list import LISTS

    for line in LISTS[what]():
        click.echo(line)


@main.command()
@click.option("--clear", is_flag=True, help="Delete all cached features, and what is known of files and data.")
def cache(clear: bool) -> None:
    """Show or clear the cache of frozen features."""
    from tlkit.commands.cache import clear_cache, show_cache

    for line in clear_cache() if clear else show_cache():
        click.echo(line)


@main.command()
@click.option("--port", type=int, default=None, help="Port on 127.0.0.1; a free one by default.")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where to listen; others can reach anything but 127.0.0.1."
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def ui(port: int | None, host: str, no_browser: bool) -> None:
    """Open the MLflow UI on this project's runs."""
    from tlkit.commands.ui import serve

    serve(host=host, port=port, browser=not no_browser, say=click.echo)


@main.command()
def doctor() -> None:
    """Versions, devices, engines, and where things are kept."""
    from tlkit.commands.doctor import examine

    for line in examine():
        click.echo(line)


@main.command()
def sync() -> None:
    """Send records that a server has not got yet."""
    from tlkit.commands.sync import send_pending

    for line in send_pending():
        click.echo(line)


def entry() -> None:
    """What the `tlkit` command starts: `main`, then out at once, since TensorFlow takes long to take itself apart."""
    own_process()
    stop_gracefully()
    outlive_readers()
    status: Any = 0
    try:
        main()
    except SystemExit as ending:
        status = ending.code
    finally:
        drop_generated()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status if isinstance(status, int) else 1)


if __name__ == "__main__":
    entry()
