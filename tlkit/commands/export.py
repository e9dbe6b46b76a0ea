"""A recorded model written in other formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tlkit.engines.predictor import load_run
from tlkit.errors import DataError
from tlkit.quiet import load_keras


def export_run(run: str, formats: Sequence[str], out: Path) -> Iterator[str]:
    """One line a file: where it is and how far its answers are from the model's."""
    load_keras()
    from tlkit.exporting.checked_export import export
    from tlkit.exporting.exporter import exporter_of

    for name in formats:
        exporter_of(name)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out}: expected a new or an empty folder. Name another with --out")
    for each in export(load_run(run), out, formats):
        yield f"{each.path}  {each.format}, at most {each.difference:.2g} from the model's outputs"
