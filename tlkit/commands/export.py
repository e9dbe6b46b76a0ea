"""A recorded model written in other formats."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tlkit import catalog
from tlkit.commands.rerun import recorded_recipe
from tlkit.commands.run import MLRUNS
from tlkit.commands.running.recorded_bundle import add_bundle, facts_of, told
from tlkit.commands.shell.listing import Answer
from tlkit.data.splits import Splits
from tlkit.engines.predictor import RunPredictor, load_run
from tlkit.errors import DataError, ModelError, TlkitError, writing
from tlkit.exporting.certificates_page import write_certificates
from tlkit.exporting.checked_export import Exported, attempt, export
from tlkit.exporting.exporter import FLOAT32, format_of
from tlkit.exporting.jobs import Wanted
from tlkit.paths import temporary_folder
from tlkit.report.run_note import digest
from tlkit.training.planning import load_data


def export_run(
    run: str,
    formats: Sequence[str],
    out: Path,
    *,
    precisions: Sequence[str] = (FLOAT32,),
    max_loss: float = 1.0,
    log: bool = False,
    any_size: bool = False,
    root: Path = MLRUNS,
) -> Answer:
    """One line a file: where it is and how far its answers are from the model's."""
    for name in formats:
        format_of(name)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out}: expected a new or an empty folder. Name another with --out")
    predictor = load_run(run, root)
    splits, note = splits_of(predictor)
    if note:
        yield f"note: {note}; the files are held against the model on inputs that are drawn"
    facts = facts_of(predictor, splits)
    found = export(
        predictor, out, formats, precisions=precisions, splits=splits, max_loss=max_loss, facts=facts, any_size=any_size
    )
    yield from (f"{each.path}  {each.format}{told(each)}" for each in found)
    if log:
        yield _logged(predictor, found, out)
    return {"folder": out, "files": [_values(each) for each in found], "note": note or None}


def benchmark_run(
    run: str, formats: Sequence[str] = (), *, html: Path | None = None, log: bool = False, root: Path = MLRUNS
) -> Answer:
    """All formats (or some) in all precisions that can be had here, side by side, and why others cannot."""
    wanted, missing = _all_files(formats or list(catalog.EXPORTERS))
    predictor = load_run(run, root)
    splits, note = splits_of(predictor)
    if splits is None:
        raise DataError(f"{note}; a benchmark needs the test split")
    with temporary_folder("benchmark") as folder:
        outcome = attempt(predictor, Path(folder), wanted, splits=splits, facts=facts_of(predictor, splits))
        yield f"{'file':<20}{'score':>9}{'flips':>7}{'MB':>8}{'ms for 1':>10}{'a second of 32':>16}{'peak MB':>9}"
        yield from map(_row, sorted(outcome.good, key=lambda each: -each.certificate["per_second"]))
        faults = [each.replace(f"{folder}/", "") for each in [*outcome.faults, *missing]]
        yield from faults
        if html and outcome.good:
            with writing(html, DataError):
                found = {each.key: each.certificate for each in outcome.good}
                write_certificates(html, f"{predictor.run.name}: exported files", found, faults)
            yield f"{html}  the table, with score against time"
        if log:
            yield _logged(predictor, outcome.good, Path(folder))
        return {"files": [_values(each) for each in outcome.good], "faults": faults}


def _values(each: Exported) -> Mapping[str, object]:
    return {"format": each.format, "precision": each.precision, "file": each.path.name, **each.certificate}


def _all_files(formats: Sequence[str]) -> tuple[list[Wanted], list[str]]:
    """Every format in every precision, and what lacks a package."""
    wanted, missing = [], []
    for name in formats:
        format = format_of(name)
        try:
            format.check()
        except ModelError as error:
            missing.append(str(error))
        else:
            wanted += [Wanted(name, precision) for precision in format.precisions]
    return wanted, missing


def _row(each: Exported) -> str:
    page = each.certificate
    score, flips = f"{page['after']:.4f}", str(page.get("flips", ""))
    speed = f"{page['milliseconds']:>10.1f}{page['per_second']:>16.0f}{page['peak_bytes'] / 1e6:>9.0f}"
    return f"{each.key:<20}{score:>9}{flips:>7}{page['bytes'] / 1e6:>8.1f}{speed}"


def _logged(predictor: RunPredictor, found: Sequence[Exported], folder: Path) -> str:
    """The certificates and the model card added to the run, with metrics of each file."""
    with tempfile.TemporaryDirectory() as desk:
        for name in ("certificate.json", "README.md"):
            shutil.copyfile(folder / name, Path(desk) / name)
        add_bundle(predictor, found, Path(desk))
    return f"added to {predictor.name}"


def splits_of(predictor: RunPredictor) -> tuple[Splits | None, str]:
    """The data that a run was made with, as far as they are still there; else why not."""
    try:
        splits = load_data(recorded_recipe(predictor.run, predictor.root))
    except TlkitError as error:
        return None, str(error).partition("\n")[0]
    same = digest(splits) == predictor.run.tags.get("data.digest")
    return (splits, "") if same else (None, f"the data of {predictor.name} have changed")
