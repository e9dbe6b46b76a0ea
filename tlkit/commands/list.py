"""What there is, one line each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tlkit import catalog
from tlkit.errors import RecipeError
from tlkit.paths import recipes_folder
from tlkit.recipe.loading import read_recipe
from tlkit.recipe.packaged import packaged_recipes


def nets() -> Iterator[str]:
    """Nets from scratch."""
    return _entries(catalog.NETS)


def backbones() -> Iterator[str]:
    """Backbones with weights: where these are, pixels, accuracy on ImageNet, speed, licence."""
    yield f"weights {'pixels':>6} {'ImageNet':>8} {'speed':>7}  {'licence':<12} name"
    for name, entry in catalog.BACKBONES.items():
        yield f"{_about(name, entry)} {name:<20} {_told(entry)}"
    yield f"{'':<45}{catalog.HUB_PREFIX + 'PRESET':<20} any KerasHub backbone (extra: hub)"
    yield "ImageNet: top-1 accuracy as published; speed: pictures a second on this machine, once features were computed"


def _about(name: str, entry: catalog.Entry) -> str:
    from tlkit.engines.speeds import speed_here
    from tlkit.pretrained.available_weights import are_here

    speed = speed_here(name, (entry.size, entry.size)) if entry.size else None
    shown = f"{entry.accuracy:.1f} %" if entry.accuracy else "", f"{speed:.0f}/s" if speed else "-"
    here = "here" if are_here(name) else "-"
    return f"{here:<7} {entry.size or '':>6} {shown[0]:>8} {shown[1]:>7}  {entry.licence:<12}"


def recipes() -> Iterator[str]:
    """Recipes below recipes/, and those that come with tlkit by their names, with their descriptions."""
    found = {str(file): file for file in sorted(Path("recipes").rglob("*.yaml"))}
    if Path("recipes").resolve() != recipes_folder().resolve():
        found |= packaged_recipes()
    wide = max(map(len, found))
    for name, file in found.items():
        yield f"{name:<{wide}}  {_description(file)}"


def runs() -> Iterator[str]:
    """The latest runs, newest first."""
    from tlkit.commands.running.unfinished import left_over
    from tlkit.report.repeatability import NO, REPEATABLE
    from tlkit.tracking import lookup
    from tlkit.tracking.records import MARK

    root = Path("mlruns")
    cut_off = {each.journal for each in left_over(root)}
    for run in lookup.recent(root, 30):
        shown = next((f"{run.metrics[key]:.4f}" for key in ("test/accuracy", "test/mae") if key in run.metrics), "")
        then = " can go on" if run.tags.get(MARK) in cut_off else ""
        told = run.tags.get(REPEATABLE, "")
        then += f" not repeatable ({told.removeprefix(NO)})" if told.startswith(NO) else ""
        yield f"{run.id[:8]}  {run.started:%Y-%m-%d %H:%M}  {run.status:<9} {run.name:<28} {shown}{then}"


def _description(file: Path) -> str:
    try:
        return read_recipe(file).description
    except RecipeError as error:
        return f"faulty: {error.problems[0]}"


def _entries(entries: Mapping[str, catalog.Entry]) -> Iterator[str]:
    """A line for each part, with the package that brings it, and what is wrong with it, where it is not ours."""
    for name, entry in entries.items():
        yield f"{name:<20} {_told(entry)}"


def _told(entry: catalog.Entry) -> str:
    origin = "" if entry.origin == "tlkit" else f" ({entry.origin})"
    return f"cannot be used: {entry.fault}{origin}" if entry.fault else f"{entry.summary}{origin}"


LISTS: Mapping[str, Callable[[], Iterator[str]]] = {
    "nets": nets,
    "backbones": backbones,
    "sources": lambda: _entries(catalog.SOURCES),
    "kinds": lambda: _entries(catalog.KINDS),
    "tasks": lambda: _entries(catalog.TASKS),
    "exporters": lambda: _entries(catalog.EXPORTERS),
    "recipes": recipes,
    "runs": runs,
}
