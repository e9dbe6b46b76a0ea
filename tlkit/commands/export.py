"""A recorded model written in other formats."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from tlkit import catalog
from tlkit.commands.rerun import recorded_recipe
from tlkit.commands.run import MLRUNS
from tlkit.data.splits import Splits
from tlkit.engines.predictor import RunPredictor, load_run
from tlkit.errors import DataError, TlkitError
from tlkit.exporting.checked_export import Exported, export
from tlkit.exporting.exporter import FLOAT32, format_of
from tlkit.exporting.model_card import CardFacts
from tlkit.report.run_note import digest
from tlkit.tracking import lookup
from tlkit.training.planning import load_data


def export_run(
    run: str,
    formats: Sequence[str],
    out: Path,
    *,
    precisions: Sequence[str] = (FLOAT32,),
    max_loss: float = 1.0,
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
    for each in export(predictor, out, formats, precisions=precisions, splits=splits, max_loss=max_loss, facts=facts):
        yield f"{each.path}  {each.format}{_told(each)}"


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
    line = catalog.BACKBONES.get(net)
    licence = f"Its weights are under {line.licence}." if line is not None and line.licence else ""
    weights = f"{net} ({run.params.get('model.weights') or 'imagenet'} weights)" if line else f"{net}, from scratch"
    counts = splits.counts() if splits else {}
    return CardFacts(run.name, run.params.get("data.path", "None"), counts, scores, rows, weights, licence)


def _told(each: Exported) -> str:
    page, words = each.certificate, ["" if each.precision == FLOAT32 else f" {each.precision}"]
    words.append(f", at most {each.difference:.2g} from the model's outputs")
    if "agreement" in page:
        words.append(f", {page['flips']} of {page['examples']} answers are others")
    if "score" in page:
        words.append(f", {page['score']} {page['after']:.4f} (the model: {page['before']:.4f})")
    return "".join(words) + f", {page['milliseconds']:.1f} ms, {page['bytes'] / 1e6:.1f} MB"
