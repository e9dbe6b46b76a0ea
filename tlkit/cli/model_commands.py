"""Commands that use a recorded model on new data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tlkit.cli.options import as_json_option, beside_option, run_argument
from tlkit.cli.output import echo_json, echo_lines, tell
from tlkit.errors import DataError


@click.command()
@run_argument
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATHS...")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the predictions to this file.")
@click.option("--top", type=click.IntRange(min=1), default=1, metavar="K", help="Name the K surest classes.")
@click.option(
    "--sets", type=float, metavar="SHARE", help="Name the possible classes: the true one is among them so often."
)
@beside_option
@as_json_option
def predict(run_name: str, paths: tuple[Path, ...], as_json: bool, **given: Any) -> None:
    """What RUN's model says of pictures or folders of pictures, and which of them are unknown to it."""
    from tlkit.commands.predict import predict_paths

    _refuse_broken(tell(predict_paths(run_name, paths, **given), as_json))


def _refuse_broken(answer: Any) -> None:
    """End with 2 where examples could not be read; the others are answered by then."""
    if answer["broken"]:
        raise DataError("\n".join(answer["broken"]))


@click.command()
@run_argument
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATHS...")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A Parquet file.")
@as_json_option
def embed(run_name: str, paths: tuple[Path, ...], out: Path, as_json: bool) -> None:
    """Write the features that RUN's model sees in examples, a row each."""
    from tlkit.commands.features.embed import embed_paths

    _refuse_broken(tell(embed_paths(run_name, paths, out=out), as_json))


@click.command()
@run_argument
@click.argument("example", type=click.Path(path_type=Path), metavar="PICTURE")
@click.option(
    "--in", "among", type=click.Path(path_type=Path), required=True, help="A folder, or a table of `tlkit embed`."
)
@click.option("--count", type=click.IntRange(min=1), default=10, show_default=True)
@as_json_option
def similar(run_name: str, example: Path, among: Path, count: int, as_json: bool) -> None:
    """Name the examples of a folder that RUN's model finds most like PICTURE."""
    from tlkit.commands.features.similar import similar_to

    _refuse_broken(tell(similar_to(run_name, example, among, count=count), as_json))


@click.command()
@run_argument
@click.argument("log", type=click.Path(path_type=Path), metavar="LOG.parquet")
@click.option(
    "--html", type=click.Path(path_type=Path), default=Path("watch.html"), show_default=True, help="The page."
)
@click.option("--log", "recorded", is_flag=True, help="Add page and figures to the run's record.")
@as_json_option
def watch(run_name: str, log: Path, html: Path, recorded: bool, as_json: bool) -> None:
    """Compare what a service has answered (`tlkit serve --log`) with what RUN's model has learned from."""
    from tlkit.commands.features.watch import watch_log

    tell(watch_log(run_name, log, html=html, recorded=recorded), as_json)


@click.command()
@run_argument
@click.option(
    "--data",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    help="A folder with one folder per class, an archive of it, or a table as was learned from.",
)
@click.option("--top", type=click.IntRange(min=1), metavar="K", help="Also how often the truth is among the K surest.")
@beside_option
@as_json_option
def evaluate(run_name: str, path: Path, top: int | None, beside: Path | None, as_json: bool) -> None:
    """Score RUN's model on other labelled data, in all and class by class."""
    from tlkit.commands.evaluate import evaluate_run

    found = evaluate_run(run_name, path, beside=beside, top=top)
    if as_json:
        echo_json(found.as_json())
    else:
        echo_lines(found.lines())


@click.command()
@run_argument
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
@as_json_option
def explain(
    run_name: str, paths: tuple[Path, ...], method: str, out: Path, log: bool, filters: tuple[int, ...], as_json: bool,
    **given: Any,
) -> None:  # fmt: skip
    """Show why RUN's model says what it says of PICTURES."""
    from tlkit.quiet import load_keras

    load_keras()
    from tlkit.commands.explain import explain_paths
    from tlkit.interpretation.explanations import Options

    options = Options(filters=filters, **given)
    tell(explain_paths(run_name, paths, method=method, out=out, options=options, log=log), as_json)


@click.command()
@run_argument
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--count", type=click.IntRange(min=1), default=50, show_default=True, help="How many are proposed.")
@click.option("--out", type=click.Path(path_type=Path), help="The file; else next.csv or next.json.")
@click.option("--format", "form", type=click.Choice(["csv", "label-studio"]), default="csv", show_default=True)
@as_json_option
def label(run_name: str, folder: Path, count: int, out: Path | None, form: str, as_json: bool) -> None:
    """Propose the pictures of FOLDER, which have no labels, from which RUN's model would learn most."""
    from tlkit.commands.labelling.label import propose

    file = out or Path("next.csv" if form == "csv" else "next.json")
    tell(propose(run_name, folder, count=count, out=file, form=form), as_json)


@click.command()
@run_argument
@click.option(
    "--format", "formats", multiple=True, default=["savedmodel"], show_default=True, metavar="F[,F...]",
    help="`tlkit list exporters`",
)  # fmt: skip
@click.option(
    "--precision", "precisions", multiple=True, default=["float32"], show_default=True, metavar="P[,P...]",
    help="float32, float16, bfloat16 or int8, as the format has them.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("exported"), show_default=True, help="A new folder."
)
@click.option(
    "--max-loss", type=click.FloatRange(min=0), default=1.0, show_default=True, metavar="POINTS",
    help="Points of accuracy that a file below float32 may lose.",
)  # fmt: skip
@click.option(
    "--resize", type=click.Choice(["outside", "inside"]), default="outside", show_default=True,
    help="inside: pictures of any size go in.",
)  # fmt: skip
@click.option("--log", is_flag=True, help="Add the certificates to the run's record.")
@as_json_option
def export(
    run_name: str, formats: tuple[str, ...], precisions: tuple[str, ...], out: Path, max_loss: float, resize: str,
    log: bool, as_json: bool,
) -> None:  # fmt: skip
    """Write RUN's model in other formats, and hold what was written against it."""
    from tlkit.commands.export import export_run

    each, lower = (list(dict.fromkeys(",".join(given).split(","))) for given in (formats, precisions))
    lines = export_run(run_name, each, out, precisions=lower, max_loss=max_loss, log=log, any_size=resize == "inside")
    tell(lines, as_json)


@click.command()
@run_argument
@click.option("--format", "formats", multiple=True, metavar="F[,F...]", help="These alone; else all that there are.")
@click.option("--html", type=click.Path(path_type=Path), metavar="F", help="A page with the table and a plot.")
@click.option("--log", is_flag=True, help="Add what was measured to the run's record.")
@as_json_option
def benchmark(run_name: str, formats: tuple[str, ...], html: Path | None, log: bool, as_json: bool) -> None:
    """Compare RUN's model in all formats and precisions: score, size and speed on this machine."""
    from tlkit.commands.export import benchmark_run

    names = list(dict.fromkeys(filter(None, ",".join(formats).split(","))))
    tell(benchmark_run(run_name, names, html=html, log=log), as_json)
