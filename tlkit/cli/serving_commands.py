"""Commands that answer in a browser or over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from tlkit.cli.options import as_json_option
from tlkit.cli.output import echo_json, speaker, tell

_format_option = click.option(
    "--format",
    metavar="F",
    help="Answer by this format: openvino, onnx or litert; else the first of them that is there.",
)
_precision_option = click.option(
    "--precision", metavar="P", help="Answer in this precision; float32 where it is there."
)


@click.command()
@click.argument("name", metavar="RUN|BUNDLE")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where to listen; others reach anything but 127.0.0.1."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: a free one.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that answer.")
@click.option(
    "--token",
    envvar="TLKIT_SERVE_TOKEN",
    help="Answer only who sends it (also TLKIT_SERVE_TOKEN); made where others can ask.",
)
@click.option(
    "--allow-paths", "folders", multiple=True, type=click.Path(path_type=Path), metavar="FOLDER",
    help="Requests may name files below it.",
)  # fmt: skip
@click.option("--log", type=click.Path(path_type=Path), metavar="LOG.parquet", help="A table of all answers, a folder.")
@click.option("--queue", type=click.IntRange(min=1), default=256, show_default=True, help="Examples that may wait.")
@click.option("--max-body", type=click.IntRange(min=1), default=32, show_default=True, help="Megabytes of a request.")
@click.option(
    "--timeout", type=click.FloatRange(min=0.1), default=30.0, show_default=True, help="Seconds of a request."
)
@_format_option
@_precision_option
@as_json_option
def serve(
    name: str, host: str, port: int, workers: int, token: str | None, folders: tuple[Path, ...], log: Path | None,
    queue: int, max_body: int, timeout: float, format: str | None, precision: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Answer over HTTP what RUN's model, or an exported one, says of examples; with a page to drop pictures on."""
    from tlkit.commands.serving.serve import Door, Load, Ready
    from tlkit.commands.serving.serve import serve as served
    from tlkit.serving.bundle_model import Choice

    def ready(service: Ready) -> None:
        if as_json:
            echo_json(asdict(service))

    door, load = Door(host, port, token, folders, log), Load(workers, queue, max_body, timeout)
    served(name, Choice(format, precision), door, load, speaker(as_json), ready)


@click.command()
@click.argument("name", metavar="RUN|BUNDLE")
@click.option("--out", type=click.Path(path_type=Path), default=Path("image"), show_default=True, help="A new folder.")
@_format_option
@_precision_option
@as_json_option
def dockerfile(name: str, out: Path, format: str | None, precision: str | None, as_json: bool) -> None:
    """Write the Dockerfile of a small image that serves RUN's model, and what goes into it."""
    from tlkit.commands.serving.dockerfile import write_dockerfile
    from tlkit.serving.bundle_model import Choice

    tell(write_dockerfile(name, Choice(format, precision), out), as_json)


@click.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; a free one by default.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@as_json_option
def studio(folder: Path, port: int, no_browser: bool, as_json: bool) -> None:
    """Open a page that goes from a folder of examples to a trained, exported model; data lie below FOLDER."""
    from tlkit.commands.studio.studio import open_studio

    def ready(address: str) -> None:
        if as_json:
            echo_json({"address": address})

    open_studio(folder, port=port, browser=not no_browser, ready=ready, say=speaker(as_json))
