"""A run in words: its note in MLflow, the data that it learned from, and what it cost."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from tlkit.data.splits import Examples, Splits
from tlkit.report import environment
from tlkit.tasks.task import task_for, task_of
from tlkit.tracking import RecordedData

if TYPE_CHECKING:
    from tlkit.report.about import About
    from tlkit.training.trained import Trained


def costs(trained: Trained, price_per_hour: float | None, seconds: float) -> dict[str, float]:
    """Energy, examples per joule and, given a price, money; what is not known is left out."""
    found: dict[str, float] = {}
    if trained.meters.measures_energy:
        trained.meters.lap()
        found["energy/joules"] = trained.meters.joules
        if trained.meters.joules > 0:
            found["images_per_joule"] = len(trained.history) * len(trained.splits.train) / trained.meters.joules
    if price_per_hour is not None:
        found["cost/run"] = price_per_hour * seconds / 3600
    return found


def note(trained: Trained, about: About, metrics: Mapping[str, float], seconds: float) -> str:
    """The description of the run in MLflow's pages, in Markdown."""
    spec, shape = trained.setup.backbone, "x".join(map(str, trained.splits.info.input_shape))
    rows = {
        **_score(task_for(trained.splits.info).headline, metrics, len(trained.splits.test)),
        "data": _data(about, trained.splits),
        "model": f"{spec.net}, {spec.origin}, input {shape}",
        "training": ", then ".join(
            plan.counted(len(each.history)) for plan, each in zip(trained.setup.phases, trained.phases, strict=False)
        ),
        "machine": environment.device(),
        "cost": _cost(trained, metrics, seconds),
    }
    table = "\n".join(f"| {name} | {_cell(value)} |" for name, value in rows.items())
    return f"{about.note}\n\n| | |\n|---|---|\n{table}\n\nSee `report.html` among the artifacts."


def _score(headline: tuple[str, str], metrics: Mapping[str, float], count: int) -> dict[str, str]:
    key, words = headline
    percent = key.endswith("accuracy")
    shown = [_number(metrics[name], percent=percent) for name in _ends(key) if name in metrics]
    interval = f", 95 % interval {shown[1]} to {shown[2]}" if len(shown) == 3 else ""
    return {words: f"**{shown[0]}**{interval}, {count:,} test examples"}


def _ends(key: str) -> tuple[str, str, str]:
    return f"test/{key}", f"test/{key}_low", f"test/{key}_high"


def _number(value: float, *, percent: bool) -> str:
    return f"{value:.1%}" if percent else f"{value:,.4g}"


def _data(about: About, splits: Splits) -> str:
    origin = " (drawn by tlkit)" if splits.info.tags.get("data.origin") == "drawn" else ""
    counts = ", ".join(f"{count:,} {name}" for name, count in splits.counts().items())
    aside = f"; {len(splits.info.set_aside)} set aside" if splits.info.set_aside else ""
    columns = f"; beside each: {splits.info.tags['data.beside']}" if splits.info.beside else ""
    return f"{about.origin}{origin}: {counts}{aside}{columns}"


def _cost(trained: Trained, metrics: Mapping[str, float], seconds: float) -> str:
    parts = [f"{seconds:,.0f} s" if seconds >= 10 else f"{seconds:.1f} s"]
    told = trained.meters.told()
    energy = metrics.get("energy/joules")
    parts.append(f"energy {told['tlkit.energy']}" if energy is None else f"{energy:,.0f} J ({told['tlkit.energy']})")
    if "images_per_joule" in metrics:
        parts.append(f"{metrics['images_per_joule']:.3g} examples a joule")
    if "cost/run" in metrics:
        parts.append(f"{metrics['cost/run']:.4g} at the price given")
    return ", ".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def recorded_data(path: str | None, recipe: str, splits: Splits) -> RecordedData:
    """The data as MLflow's dataset input: name, digest, where it is, counts by part and class, and its origin."""
    return RecordedData(
        name=(path or recipe).rstrip("/").rpartition("/")[2] or "data",
        digest=digest(splits),
        source=path or "from Python",
        profile={name: _counts(splits, part) for name, part in splits.parts().items()},
        tags={"data.origin": "given", "data.kind": splits.info.kind, **splits.info.tags},
    )


def digest(splits: Splits) -> str:
    """A hash of every example's bytes, truth and part; the order in which they come does not matter."""
    summed = hashlib.blake2b(digest_size=16)
    for name, part in splits.parts().items():
        rows = [f"{each}:{np.asarray(target).tolist()}" for each, target in zip(part.ids, part.targets, strict=True)]
        if part.beside is not None:
            rows = [f"{each}:{columns.tolist()}" for each, columns in zip(rows, part.beside, strict=True)]
        summed.update("\n".join([name, *sorted(rows)]).encode())
    return summed.hexdigest()


def _counts(splits: Splits, part: Examples) -> dict[str, int]:
    by_class = task_of(splits.info.task).class_counts(part.targets, splits.info.class_names)
    return {"examples": len(part), **{f"class {name}": count for name, count in by_class.items()}}
