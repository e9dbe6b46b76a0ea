"""The bundle that a recipe's `export:` asks for, made of the finished run and kept among its artifacts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from tlkit.data.splits import Splits
from tlkit.errors import DataError, TlkitError
from tlkit.paths import temporary_folder
from tlkit.recipe.schema import Export
from tlkit.report.result import Result
from tlkit.stopping import stop_if_asked


def refuse_export(asked: Export, *, offline: bool) -> None:
    """Refuse what cannot be exported before anything is trained."""
    from tlkit.commands.preflight.asked_files import asked_files

    if offline:
        raise DataError(
            "export: adds to the run in the store, and --offline keeps it from there. Leave one of them out"
        )
    asked_files(asked)


def with_bundle(asked: Export, result: Result, splits: Splits, root: Path, say: Callable[[str], None]) -> Result:
    """The result, with why the bundle is not whole; the run itself stays as it is, and a signal stops the export."""
    stop_if_asked()
    try:
        faults = list(_made(asked, result.run_id, splits, root, say))
    except TlkitError as error:
        faults = [str(error)]
    except KeyboardInterrupt:
        say(f"export    stopped. The run is done: `tlkit export {result.run_id[:8]}` exports it")
        raise
    for each in faults:
        say(f"export    {each}")
    return replace(result, export_faults=faults)


def _made(asked: Export, run: str, splits: Splits, root: Path, say: Callable[[str], None]) -> Iterator[str]:
    """The faults of files that are left out."""
    from tlkit.commands.preflight.asked_files import asked_files
    from tlkit.commands.running.recorded_bundle import add_bundle, facts_of, told
    from tlkit.engines.predictor import load_run
    from tlkit.exporting.checked_export import attempt

    predictor, wanted = load_run(run, root), asked_files(asked)
    with temporary_folder("export") as desk:
        facts = facts_of(predictor, splits)
        outcome = attempt(predictor, Path(desk), wanted, splits=splits, max_loss=asked.max_loss, facts=facts)
        for each in outcome.good:
            say(f"export    {each.path.name}  {each.format}{told(each)}")
        if outcome.good:
            add_bundle(predictor, outcome.good, Path(desk))
        yield from (each.replace(f"{desk}/", "") for each in outcome.faults)
