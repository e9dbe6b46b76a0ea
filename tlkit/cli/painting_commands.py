"""Pictures painted in the manner of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tlkit.cli.options import as_json_option
from tlkit.cli.output import tell
from tlkit.stopping import exit_code


@click.command()
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
@as_json_option
@click.pass_context
def stylize(context: click.Context, /, content: Path, styles: tuple[Path, ...], as_json: bool, **options: Any) -> None:
    """Paint CONTENT in the manner of STYLE; Ctrl-C keeps what is there."""
    from tlkit.commands.stylize import stylize_paths

    painted = tell(stylize_paths(content, styles, **options), as_json)
    if painted["interrupted"]:
        context.exit(exit_code())
