"""The command reference: what click knows of every command, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

import click

from tlkit.cli import main


def command_reference() -> str:
    """A section for each command with its arguments and options."""
    return "\n".join(["## Every option\n", *_sections(main, "tlkit")])


def _sections(group: click.Group, path: str) -> Iterator[str]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _sections(command, f"{path} {name}")
        else:
            yield from _section(command, f"{path} {name}")


def _section(command: click.Command, path: str) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    yield f"### {path}\n"
    yield f"    {' '.join([path, *command.collect_usage_pieces(context)])}\n"
    yield f"{(command.help or '').strip()}\n"
    options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    if options:
        yield "| option | what it does |\n|---|---|"
        yield from (_row(each, context) for each in options)
        yield ""


def _row(option: click.Option, context: click.Context) -> str:
    names, said = option.get_help_record(context) or (", ".join(option.opts), "")
    return f"| `{_cell(names)}` | {_cell(said)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("[default:", "[by default")
