"""Options that several commands take, and how their lines are printed."""

from __future__ import annotations

import contextlib
from glob import escape, glob
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from tlkit.errors import TlkitError
from tlkit.own_files import trusting

settings_option = click.option(
    "--set", "settings", multiple=True, metavar="PATH=VALUE", help="Override a field of the recipe."
)
beside_option = click.option(
    "--beside", type=click.Path(path_type=Path), help="The table of what the model takes beside each example."
)
as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Answer with one line of JSON; all else goes to stderr."
)


class Duration(click.ParamType[float]):
    """Seconds, written as 90, 90s, 10m or 1h."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from tlkit.recipe.schema import seconds_of

        try:
            return seconds_of(value)
        except ValueError as error:
            self.fail(f"{error}, found '{value}'", param, ctx)


class RecipePath(click.Path):
    """A recipe's file, or the name of one that comes with tlkit; a shell completes both."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from tlkit.recipe.packaged import packaged_recipes

        here = [*glob(f"{escape(incomplete)}*.yaml"), *glob(f"{escape(incomplete)}*.yml")]
        names = sorted(here) + [name for name in packaged_recipes() if name.startswith(incomplete)]
        return [CompletionItem(name) for name in names] or super().shell_complete(ctx, param, incomplete)


class RunName(click.ParamType[str]):
    """The id of a run, the beginning of one, or `latest`; a shell completes the latest runs here."""

    name = "run"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from tlkit.tracking import store
        from tlkit.tracking.addresses import database
        from tlkit.tracking.lookup import recent

        with contextlib.suppress(TlkitError):
            if not database(store.uri(Path("mlruns"))):
                return []  # a server would be waited for
            found = [("latest", "the latest run"), *((run.id[:8], run.name) for run in recent(limit=30))]
            return [CompletionItem(name, help=text) for name, text in found if name.startswith(incomplete)]
        return []


recipe_argument = click.argument("recipe", type=RecipePath())
run_argument = click.argument("run_name", metavar="RUN", type=RunName())


def _trust(ctx: click.Context, option: click.Parameter, given: bool) -> None:
    ctx.with_resource(trusting(given))


trust_option = click.option(
    "--trust", is_flag=True, expose_value=False, callback=_trust,
    help="Run the recipe's own Python files, though they lie outside the working folder.",
)  # fmt: skip
