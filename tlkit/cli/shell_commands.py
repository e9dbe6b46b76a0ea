"""Commands for the shell and the editor that tlkit is used from."""

from __future__ import annotations

import click


@click.command()
def schema() -> None:
    """Print the JSON schema of recipes, by which editors complete them and mark mistakes."""
    from tlkit.commands.shell.editor_schema import schema_text

    click.echo(schema_text(), nl=False)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what SHELL completes commands, options, recipes and runs by, to be sourced in its start file.

    \b
    bash: echo 'eval "$(tlkit completion bash)"' >> ~/.bashrc
    zsh:  echo 'eval "$(tlkit completion zsh)"' >> ~/.zshrc
    fish: tlkit completion fish > ~/.config/fish/completions/tlkit.fish
    """
    from click.shell_completion import get_completion_class

    from tlkit.cli.group import main

    found = get_completion_class(shell)
    assert found is not None  # click has all three
    click.echo(found(main, {}, "tlkit", "_TLKIT_COMPLETE").source())
