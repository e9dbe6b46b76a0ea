"""The group of all commands: `tlkit` itself, and how a user's mistake is told."""

from __future__ import annotations

from typing import Any

import click

from tlkit import __version__
from tlkit.cli.output import LOUDNESS, begin_logging, echo_traceback
from tlkit.errors import TlkitError, exhausted, shortened
from tlkit.stopping import exit_code, output_lost

_GO_ON = ("run", "resume", "rerun", "tune", "auto")
_KEPT = (*_GO_ON, "stylize", "export", "serve", "studio", "dockerfile")  # what they print is not what they are for
_LATER = " What was done is kept: the run is marked KILLED; the same command goes on."


class Commands(click.Group):
    """Prints a user's mistake in plain words, without a traceback, and exits with 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            done = super().invoke(ctx)
            if output_lost() and ctx.invoked_subcommand not in _KEPT:
                ctx.exit(2)
            return done
        except TlkitError as error:
            echo_traceback(ctx)
            click.echo(shortened(str(error)), err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            click.echo(f"\nStopped.{_LATER if ctx.invoked_subcommand in _GO_ON else ''}", err=True)
            ctx.exit(exit_code())
        except Exception as error:
            if not (line := exhausted(error)):
                raise
            echo_traceback(ctx)
            click.echo(line, err=True)
            ctx.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="tlkit")
def main() -> None:
    """Transfer learning with Keras: from a page of YAML to an evaluated, recorded model."""
    begin_logging()


main.params += LOUDNESS
