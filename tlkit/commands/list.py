"""What there is, one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlkit import catalog
from tlkit.commands.shell.listing import Listing
from tlkit.errors import RecipeError
from tlkit.paths import recipes_folder
from tlkit.recipe.loading import read_recipe
from tlkit.recipe.packaged import packaged_recipes

if TYPE_CHECKING:
    from tlkit.tracking.lookup import Run


def nets() -> Listing:
    """Nets from scratch."""
    return _entries(catalog.NETS)


def backbones() -> Listing:
    """Backbones with weights: where these are, pixels, accuracy on ImageNet, speed, licence."""
    rows = [_about(name, entry) for name, entry in catalog.BACKBONES.items()]
    columns = ("weights", "pixels", "ImageNet", "speed", "licence", "name", "what")
    cells = [_backbone_cells(each) for each in rows]
    hub = ("", "", "", "", "", f"{catalog.HUB_PREFIX}PRESET", "any KerasHub backbone (extra: hub)")
    note = (
        "ImageNet: top-1 accuracy as published; speed: pictures a second on this machine, once features were computed"
    )
    return Listing(columns, [*cells, hub], rows, [note])


def _about(name: str, entry: catalog.Entry) -> Mapping[str, Any]:
    from tlkit.engines.speeds import speed_here
    from tlkit.pretrained.available_weights import are_here

    speed = speed_here(name, (entry.size, entry.size)) if entry.size else None
    known = {"pixels": entry.size, "accuracy": entry.accuracy, "speed": speed, "licence": entry.licence}
    return {"name": name, "what": _told(entry), "here": are_here(name), **known}


def _backbone_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    accuracy = f"{row['accuracy']:.1f} %" if row["accuracy"] else ""
    speed = f"{row['speed']:.0f}/s" if row["speed"] else "-"
    here = "here" if row["here"] else "-"
    return here, str(row["pixels"] or ""), accuracy, speed, row["licence"], row["name"], row["what"]


def recipes() -> Listing:
    """Recipes below recipes/, and those that come with tlkit by their names, with their descriptions."""
    found = {str(file): file for file in sorted(Path("recipes").rglob("*.yaml"))}
    if Path("recipes").resolve() != recipes_folder().resolve():
        found |= packaged_recipes()
    return _named({name: _description(file) for name, file in found.items()})


def runs() -> Listing:
    """The latest runs, newest first."""
    rows = latest_runs()
    cells = [
        (each["run_id"][:8], each["started"].replace("T", " ")[:16], each["status"], each["name"],
         "" if each["score"] is None else f"{each['score']:.4f}", _then(each))
        for each in rows
    ]  # fmt: skip
    return Listing(("run", "started", "status", "name", "score", ""), cells, rows, headed=False)


def latest_runs() -> list[Mapping[str, Any]]:
    """The same as plain values."""
    from tlkit.commands.running.unfinished import left_over
    from tlkit.tracking import lookup
    from tlkit.tracking.records import MARK

    root = Path("mlruns")
    cut_off = {each.journal for each in left_over(root)}
    return [_run_row(each, each.tags.get(MARK) in cut_off) for each in lookup.recent(root, 30)]


def _run_row(run: Run, goes_on: bool) -> Mapping[str, Any]:
    from tlkit.report.repeatability import NO, REPEATABLE
    from tlkit.tracking.records import MAIN_SCORES

    measure = next((key for key in MAIN_SCORES if key in run.metrics), None)
    told = run.tags.get(REPEATABLE, "")
    return {
        "run_id": run.id, "name": run.name, "experiment": run.experiment, "status": run.status,
        "started": run.started.isoformat(timespec="seconds"), "measure": measure,
        "score": None if measure is None else run.metrics[measure], "can_go_on": goes_on,
        "not_repeatable": told.removeprefix(NO) if told.startswith(NO) else None,
    }  # fmt: skip


def _then(row: Mapping[str, Any]) -> str:
    words = ["can go on"] if row["can_go_on"] else []
    return " ".join(words + ([f"not repeatable ({row['not_repeatable']})"] if row["not_repeatable"] else []))


def _description(file: Path) -> str:
    try:
        return read_recipe(file).description
    except RecipeError as error:
        return f"faulty: {error.problems[0]}"


def _entries(entries: Mapping[str, catalog.Entry]) -> Listing:
    """A row for each part, with the package that brings it, and what is wrong with it, where it is not ours."""
    return _named({name: _told(entry) for name, entry in entries.items()})


def _named(rows: Mapping[str, str]) -> Listing:
    values = [{"name": name, "what": text} for name, text in rows.items()]
    return Listing(("name", "what"), list(rows.items()), values, headed=False)


def _told(entry: catalog.Entry) -> str:
    origin = "" if entry.origin == "tlkit" else f" ({entry.origin})"
    return f"cannot be used: {entry.fault}{origin}" if entry.fault else f"{entry.summary}{origin}"


LISTS: Mapping[str, Callable[[], Listing]] = {
    "nets": nets,
    "backbones": backbones,
    "sources": lambda: _entries(catalog.SOURCES),
    "kinds": lambda: _entries(catalog.KINDS),
    "tasks": lambda: _entries(catalog.TASKS),
    "exporters": lambda: _entries(catalog.EXPORTERS),
    "recipes": recipes,
    "runs": runs,
}
