"""A recorded model written in other formats."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tlkit import catalog
from tlkit.commands.rerun import recorded_recipe
from tlkit.commands.run import MLRUNS
from tlkit.data.splits import Splits
from tlkit.engines.predictor import RunPredictor, load_run
from tlkit.errors import DataError, ModelError, TlkitError
from tlkit.exporting.checked_export import Exported, attempt, export
from tlkit.exporting.exporter import FLOAT32, format_of
from tlkit.exporting.jobs import Wanted
from tlkit.exporting.model_card import CardFacts
from tlkit.report.run_note import digest
from tlkit.tracking import lookup
from tlkit.tracking.store import add_to_run
from tlkit.training.planning import load_data


def export_run(
    run: str,
    formats: Sequence[str],
    out: Path,
    *,
    precisions: Sequence[str] = (FLOAT32,),
    max_loss: float = 1.0,
    log: bool = False,
    root: Path = MLRUNS,
) -> Iterator[str]:
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
    found = export(predictor, out, formats, precisions=precisions, splits=splits, max_loss=max_loss, facts=facts)
    yield from (f"{each.path}  {each.format}{_told(each)}" for each in found)
    if log:
        yield _logged(predictor, found, out)


def benchmark_run(run: str, *, log: bool = False, root: Path = MLRUNS) -> Iterator[str]:
    """All formats and precisions that can be had here, side by side, and why others cannot."""
    predictor = load_run(run, root)
    splits, note = splits_of(predictor)
    if splits is None:
        raise DataError(f"{note}; a benchmark needs the test split")
    wanted, missing = _all_files()
    with tempfile.TemporaryDirectory(prefix="tlkit-benchmark-") as folder:
        outcome = attempt(predictor, Path(folder), wanted, splits=splits, facts=facts_of(predictor, splits))
        yield f"{'file':<20}{'score':>9}{'flips':>7}{'MB':>8}{'ms for 1':>10}{'a second of 32':>16}{'peak MB':>9}"
        yield from map(_row, sorted(outcome.good, key=lambda each: -each.certificate["per_second"]))
        yield from (each.replace(f"{folder}/", "") for each in [*outcome.faults, *missing])
        if log:
            yield _logged(predictor, outcome.good, Path(folder))


def _all_files() -> tuple[list[Wanted], list[str]]:
    """Every format in every precision, and what lacks a package."""
    wanted, missing = [], []
    for name in catalog.EXPORTERS:
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
    return f"{each.format + '/' + each.precision:<20}{score:>9}{flips:>7}{page['bytes'] / 1e6:>8.1f}{speed}"


def _logged(predictor: RunPredictor, found: Sequence[Exported], folder: Path) -> str:
    """The certificates and the model card added to the run, with metrics of each file."""
    metrics = {
        f"export/{each.format}/{each.precision}/{name}": float(value)
        for each in found
        for name, value in each.certificate.items()
        if isinstance(value, int | float)
    }
    with tempfile.TemporaryDirectory() as desk:
        for name in ("certificate.json", "README.md"):
            shutil.copyfile(folder / name, Path(desk) / name)
        add_to_run(predictor.run, metrics, Path(desk), "export", root=predictor.root)
    return f"added to {predictor.name}"


def splits_of(predictor: RunPredictor) -> tuple[Splits | None, str]:
    """The data that a run was made with, as far as they are still there; else why not."""
    try:
        splits = load_data(recorded_recipe(predictor.run, predictor.root))
    except TlkitError as error:
        return None, str(error).partition("\n")[0]
    same = digest(splits) == predictor.run.tags.get("data.digest")
    return (splits, "") if same else (None, f"the data of {predictor.name} have changed")


def facts_of(predictor: RunPredictor, splits: Splits | None) -> CardFacts:
    """What a run's record says for the model card."""
    run = predictor.run
    scores = {name.removeprefix("test/"): value for name, value in run.metrics.items() if name.startswith("test/")}
    rows = json.loads(lookup.fetch(run, "per_class.json", predictor.root).read_text(encoding="utf-8"))
    net = run.params.get("model.net", "")
    given = run.params.get("model.weights", "None")  # unset: those of the backbone
    line = catalog.BACKBONES.get(net) if given != "none" else None
    licence = f"Its weights are under {line.licence}." if line is not None and line.licence else ""
    weights = f"{net} ({'imagenet' if given == 'None' else given} weights)" if line else f"{net}, from scratch"
    data = Path(run.params.get("data.path", "")).name or run.name
    return CardFacts(run.name, data, splits.counts() if splits else {}, scores, rows, weights, licence)


def _told(each: Exported) -> str:
    page, words = each.certificate, ["" if each.precision == FLOAT32 else f" {each.precision}"]
    words.append(f", at most {each.difference:.2g} from the model's outputs")
    if "agreement" in page:
        words.append(f", {page['flips']} of {page['examples']} answers are others")
    if "score" in page:
        words.append(f", {page['score']} {page['after']:.4f} (the model: {page['before']:.4f})")
    if kept := page.get("kept_float32"):
        words.append(f", float32 in {len(kept)} layers ({', '.join(kept)})")
    return "".join(words) + f", {page['milliseconds']:.1f} ms, {page['bytes'] / 1e6:.1f} MB"
