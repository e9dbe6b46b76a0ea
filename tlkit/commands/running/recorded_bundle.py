"""A bundle and its run: what the run's record says for the model card, and what is added to it."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tlkit import catalog
from tlkit.data.splits import Splits
from tlkit.engines.predictor import RunPredictor
from tlkit.errors import NotFoundError
from tlkit.exporting.certificates_page import add_certificates
from tlkit.exporting.checked_export import Exported
from tlkit.exporting.exporter import FLOAT32
from tlkit.exporting.model_card import CardFacts
from tlkit.tracking import lookup
from tlkit.tracking.store import add_to_run


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


def add_bundle(predictor: RunPredictor, found: Sequence[Exported], folder: Path) -> None:
    """Put a folder into the run's record as `export`, with metrics of each file, and the certificates in its report."""
    metrics = {
        f"export/{each.format}/{each.precision}/{name}": float(value)
        for each in found
        for name, value in each.certificate.items()
        if isinstance(value, int | float)
    }
    with tempfile.TemporaryDirectory() as desk:
        report = _report(predictor, found, Path(desk))
        add_to_run(predictor.run, metrics, folder, "export", files=report, root=predictor.root)


def _report(predictor: RunPredictor, found: Sequence[Exported], desk: Path) -> list[Path]:
    """A copy of the run's report with the certificates in it, where there is one."""
    try:
        before = lookup.fetch(predictor.run, "report.html", predictor.root)
    except NotFoundError:
        return []
    report = Path(shutil.copyfile(before, desk / "report.html"))
    add_certificates(report, {each.key: each.certificate for each in found})
    return [report]


def told(each: Exported) -> str:
    """How a file answers, how fast, and how large it is."""
    page, words = each.certificate, ["" if each.precision == FLOAT32 else f" {each.precision}"]
    words.append(f", at most {each.difference:.2g} from the model's outputs")
    if "agreement" in page:
        words.append(f", {page['flips']} of {page['examples']} answers are others")
    if "score" in page:
        words.append(f", {page['score']} {page['after']:.4f} (the model: {page['before']:.4f})")
    if "whole_flips" in page:
        words.append(f", {page['whole_flips']} of whole pictures, by at most {page['whole_largest_difference']:.2g}")
    if kept := page.get("kept_float32"):
        words.append(f", float32 in {len(kept)} layers ({', '.join(kept)})")
    return "".join(words) + f", {page['milliseconds']:.1f} ms, {page['bytes'] / 1e6:.1f} MB"
