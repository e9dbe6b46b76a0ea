"""Commands about what was recorded."""

from __future__ import annotations

from pathlib import Path

import click

from tlkit.cli.options import RunName, as_json_option
from tlkit.cli.output import echo_json, show, speaker, tell


@click.command()
@click.argument("runs", nargs=-1, metavar="[RUNS]...", type=RunName())
@click.option("--experiment", help="All finished runs of this experiment; by default that of the latest run.")
@click.option("--html", "html_file", type=click.Path(path_type=Path), help="Write a page with overlaid curves.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the table to this file.")
@as_json_option
def compare(
    runs: tuple[str, ...], experiment: str | None, html_file: Path | None, csv_file: Path | None, as_json: bool
) -> None:
    """What differs between RUNS and how they score, best first."""
    from tlkit.commands.compare import compare_runs, listings, values, write_csv, write_html

    found = compare_runs(runs, experiment=experiment)
    if as_json:
        echo_json(values(found))
    else:
        for each in listings(found):
            show(each, as_json)
    if html_file:
        write_html(found, html_file)
    if csv_file:
        write_csv(found, csv_file)


@click.command()
@click.option("--port", type=int, default=None, help="Port on 127.0.0.1; a free one by default.")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where to listen; others can reach anything but 127.0.0.1."
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@as_json_option
def ui(port: int | None, host: str, no_browser: bool, as_json: bool) -> None:
    """Open the MLflow UI on this project's runs."""
    from tlkit.commands.ui import serve

    say = speaker(as_json)

    def ready(address: str) -> None:
        say(f"MLflow UI: {address}  (Ctrl-C stops it)")
        if as_json:
            echo_json({"address": address})

    serve(host=host, port=port, browser=not no_browser, ready=ready, say=say)


@click.command()
@as_json_option
def sync(as_json: bool) -> None:
    """Send records that a server has not got yet."""
    from tlkit.commands.sync import send_pending

    tell(send_pending(), as_json)
