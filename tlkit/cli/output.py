"""How what a command says is printed: for people, as tables on a terminal, as JSON; and how much of it."""

from __future__ import annotations

import contextlib
import json
import logging
import math
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TextIO, cast

import click

from tlkit.progress import is_silent, silent
from tlkit.redaction import Canvas, escaped

if TYPE_CHECKING:
    from tlkit.commands.shell.listing import Answer, Listing

_VERBOSE = "tlkit.verbose"


def speaker(as_json: bool = False) -> Callable[[str], None]:
    """What a command says as it goes on: to standard error beside JSON, and nothing where --quiet is given."""

    def say(text: str) -> None:
        if not is_silent():
            click.echo(text, err=as_json)

    return say


def echo_lines(lines: Iterable[str]) -> None:
    """Print each line as soon as it is there."""
    for line in lines:
        click.echo(line)


def tell(answer: Answer, as_json: bool) -> Any:
    """Print an answer's lines as they come; or its value as JSON, with the lines on standard error. The value."""
    say = speaker(True) if as_json else click.echo
    while True:
        try:
            say(next(answer))
        except StopIteration as end:
            if as_json:
                echo_json(end.value)
            return end.value


def show(listing: Listing, as_json: bool) -> None:
    """Print a table: as JSON, drawn on a terminal, in plain lines elsewhere."""
    if as_json:
        echo_json(listing.values)
    elif sys.stdout.isatty() and listing.cells:
        _draw(listing)
    else:
        echo_lines(listing.lines())


def echo_json(value: object) -> None:
    """One line of JSON."""
    click.echo(json.dumps(_plain(value)))


def _plain(value: Any) -> Any:
    """What JSON can say: numbers that are none become null, arrays lists, paths and moments words."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return _plain(value.tolist()) if hasattr(value, "tolist") else str(value)


def _draw(listing: Listing) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in listing.columns:
        table.add_column(name, overflow="fold")
    for row in listing.cells:
        table.add_row(*(Text(escaped(cell)) for cell in row))
    console = Console(file=cast(TextIO, Canvas(sys.stdout)), highlight=False)
    console.print(table)
    for note in listing.notes:
        console.print(Text(escaped(note)))


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """Within it no progress, no warnings, and none of what is said on the way."""
    logger = logging.getLogger()
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with silent():
            yield
    finally:
        logger.setLevel(before)


@contextlib.contextmanager
def _talkative() -> Iterator[None]:
    """Within it, tlkit's own logger says all that it has to say."""
    logger = logging.getLogger("tlkit")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.setLevel(before)


def begin_logging() -> None:
    """Print what is logged as plain lines, warnings and worse."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)


def _quiet(ctx: click.Context, option: click.Parameter, given: bool) -> None:
    if given:
        begin_logging()
        ctx.find_root().with_resource(_hushed())


def _verbose(ctx: click.Context, option: click.Parameter, given: bool) -> None:
    if given:
        begin_logging()
        ctx.find_root().with_resource(_talkative())
        ctx.meta[_VERBOSE] = True


def echo_traceback(ctx: click.Context) -> None:
    """Where a mistake was noticed, for who asked for --verbose."""
    if ctx.meta.get(_VERBOSE):
        click.echo(traceback.format_exc(), err=True, nl=False)


LOUDNESS = (
    click.Option(["-q", "--quiet"], is_flag=True, expose_value=False, callback=_quiet,
                 help="Print the answer and mistakes alone."),
    click.Option(["-v", "--verbose"], is_flag=True, expose_value=False, callback=_verbose,
                 help="Log more; mistakes with a traceback."),
)  # fmt: skip
