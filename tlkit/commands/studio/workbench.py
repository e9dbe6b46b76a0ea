"""What somebody works on in the studio: a folder, its recipe and check, a run, its model and what was exported."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tlkit import catalog
from tlkit.commands.list import latest_runs
from tlkit.commands.run import MLRUNS
from tlkit.commands.studio.allowed_folder import AllowedFolder
from tlkit.commands.studio.opened_model import ModelPlace
from tlkit.commands.studio.single_job import Job, SingleJob
from tlkit.errors import DataError, ModelError, NotFoundError, RecipeError, writing
from tlkit.exporting.exporter import format_of
from tlkit.recipe.loading import read_recipe
from tlkit.tracking import lookup

RECIPES, EXPORTED = Path("studio"), Path("exported")  # in the working folder, as records and checks are
WRITTEN = (RECIPES, EXPORTED, MLRUNS, Path("checks"))
_SHOWN = 6  # examples of a finding
_LONGEST_RECIPE = 200_000  # letters


@dataclass(frozen=True)
class RunView:
    """A run as the page shows it."""

    id: str
    name: str
    status: str
    started: str
    data: str
    scores: Mapping[str, float]
    has_report: bool


@dataclass(frozen=True)
class Export:
    """What was exported of a run: a folder, beside it a zip."""

    run_id: str
    name: str
    files: Sequence[Mapping[str, Any]]
    note: str
    bytes: int


@dataclass
class Desk:
    """What lies there now."""

    folder: str | None = None
    name: str = ""  # of the folder
    recipe: Path | None = None
    problems: list[str] = field(default_factory=list)
    check: Mapping[str, Any] | None = None
    run: RunView | None = None
    exports: list[Export] = field(default_factory=list)


class Workbench:
    """What can be done, each thing by a command of tlkit in a process of its own; one at a time."""

    def __init__(self, allowed: AllowedFolder) -> None:
        self.allowed, self.job, self.model, self._desk = allowed, SingleJob(), ModelPlace(), Desk()

    def told(self) -> Mapping[str, Any]:
        """All that the page shows."""
        desk = self._desk
        return {
            "home": str(self.allowed.home), "folder": desk.folder, "recipe": _text(desk.recipe),
            "recipe_file": str(desk.recipe) if desk.recipe else None, "problems": desk.problems, "check": desk.check,
            "run": asdict(desk.run) if desk.run else None, "model": self.model.run_id, "job": self.job.told(),
            "exports": [asdict(each) for each in desk.exports],
        }  # fmt: skip

    def choose(self, asked: str) -> None:
        """Take a folder: a recipe is written where there is none yet, and the data are checked."""
        folder = self.allowed.folder_at(asked)
        recipe = RECIPES / f"{_slug(folder)}.yaml"

        desk = Desk(self.allowed.relative(folder), folder.name, exports=self._desk.exports)

        def work(job: Job) -> None:
            if not recipe.exists():
                RECIPES.mkdir(exist_ok=True)
                job.command("init", str(_named(folder)), "--out", str(recipe), "--json")
            desk.recipe = recipe
            self._check(desk, job, recipe)

        self.job.start("check", f"The check of {desk.name}", work)
        self._desk = desk

    def save(self, text: str) -> None:
        """Take the recipe as it was edited; what is wrong with it stands in `problems`."""
        recipe = self._recipe()
        if len(text) > _LONGEST_RECIPE:
            raise DataError(f"the recipe: {len(text):,} letters, at most {_LONGEST_RECIPE:,} are taken")
        with writing(recipe):
            recipe.write_text(text, encoding="utf-8")
        self._desk.problems = self._problems(recipe)

    def check(self, *, quarantine: bool = False) -> None:
        """Check the data again; with `quarantine`, once what leaks is left out."""
        recipe, desk = self._sound_recipe(), self._desk

        def work(job: Job) -> None:
            if quarantine:
                job.command("check", str(recipe), "--data", "--quarantine", "--json")
            self._check(desk, job, recipe)

        self.job.start("check", f"The check of {desk.name}", work)

    def train(self) -> None:
        """Train as the recipe says; a training of it that was stopped goes on."""
        recipe, desk = self._sound_recipe(), self._desk

        def work(job: Job) -> None:
            found = job.command("run", str(recipe), "--json")
            desk.run = view_of(str(found["run_id"]))

        self.job.start("train", f"The training of {desk.name}", work)

    def take_run(self, run_id: str) -> None:
        """Come back to a run."""
        self._desk.run = view_of(run_id)

    def open_model(self) -> None:
        """Get the run's model ready to be asked."""
        run = self._run()
        self.job.start("open", "Getting the model ready", lambda job: self.model.open(run.id, job.say))

    def export(self, formats: Sequence[str], precision: str) -> None:
        """Write the run's model in these formats, and a zip of it all."""
        run, known = self._run(), {each["name"] for each in formats_here() if not each["lacking"]}
        if not formats or set(formats) - known:
            raise DataError(
                f"formats: expected some of {', '.join(sorted(known))}, found {', '.join(formats) or 'none'}"
            )
        desk, folder = self._desk, _new(EXPORTED / f"{_plain(run.name)}-{run.id[:8]}")

        def work(job: Job) -> None:
            given = ["--format", ",".join(formats), "--precision", precision, "--out", str(folder)]
            found = job.command("export", run.id, *given, "--json")
            job.say("packing all of it")
            packed = Path(shutil.make_archive(str(folder), "zip", folder.parent, folder.name))
            export = Export(run.id, folder.name, found["files"], found["note"] or "", packed.stat().st_size)
            desk.exports.insert(0, export)

        self.job.start("export", f"The export of {run.name}", work)

    def archive(self, name: str) -> Path:
        """The zip of an export."""
        if name not in [each.name for each in self._desk.exports]:
            raise DataError(f"{name}: not exported here")
        return EXPORTED / f"{name}.zip"

    def check_page(self) -> Path:
        """The page that the check wrote."""
        if self._desk.check is None or not self._desk.check.get("page"):
            raise DataError("there is no check yet")
        return Path(self._desk.check["page"])

    def close(self) -> None:
        """Stop what is under way, and put the model away."""
        self.job.close()
        self.model.close()

    def _check(self, desk: Desk, job: Job, recipe: Path) -> None:
        found = job.command("check", str(recipe), "--data", "--json")
        desk.problems = list(found.get("problems", []))
        shown = [self._shown(each) for each in found.get("findings", [])]
        desk.check = {**found, "findings": shown} if "findings" in found else None

    def _shown(self, finding: Mapping[str, Any]) -> Mapping[str, Any]:
        """A finding with as many of its examples as are shown, each with the path of its file where it has one."""
        rows = [
            [{**each, "path": self.allowed.relative_or_none(Path(each["name"]))} for each in row[:2]]
            for row in finding["examples"][:_SHOWN]
        ]
        return {**finding, "examples": rows, "count": len(finding["examples"])}

    def _recipe(self) -> Path:
        if self._desk.recipe is None:
            raise DataError("choose a folder first")
        return self._desk.recipe

    def _sound_recipe(self) -> Path:
        recipe = self._recipe()
        self._desk.problems = self._problems(recipe)
        if self._desk.problems:
            raise RecipeError(self._desk.problems)
        return recipe

    def _problems(self, recipe: Path) -> list[str]:
        """What is wrong with a recipe, and where its data lie if that is outside what may be read."""
        try:
            found = read_recipe(recipe)
            if found.data.path:
                self.allowed.at(str(Path(found.data.path).absolute()))
        except RecipeError as error:
            return error.problems
        except DataError as error:
            return [f"{recipe}: data.path: {error}"]
        return []

    def _run(self) -> RunView:
        if self._desk.run is None:
            raise DataError("train first, or choose an earlier run")
        return self._desk.run


def view_of(run_id: str) -> RunView:
    """A recorded run."""
    run = lookup.find(run_id)
    scores = {name.removeprefix("test/"): value for name, value in run.metrics.items() if name.startswith("test/")}
    data, started = run.params.get("data.path", ""), run.started.isoformat(timespec="minutes")
    return RunView(run.id, run.name, run.status, started, data, scores, report_of(run_id) is not None)


def report_of(run_id: str) -> Path | None:
    """The page of a run, where it has one."""
    with contextlib.suppress(NotFoundError):
        return lookup.fetch(lookup.find(run_id), "report.html")
    return None


def earlier_runs() -> Sequence[Mapping[str, Any]]:
    """The latest runs of the working folder."""
    return [each for each in latest_runs() if each["status"] == "FINISHED"]


def formats_here() -> list[Mapping[str, Any]]:
    """Every format, its precisions, and what it lacks on this machine."""
    return [{"name": name, "what": entry.summary, **_state(name)} for name, entry in catalog.EXPORTERS.items()]


def _state(name: str) -> Mapping[str, Any]:
    try:
        format = format_of(name)
        format.check()
    except ModelError as error:
        return {"precisions": [], "lacking": str(error).removeprefix(f"{name}: ")}
    return {"precisions": list(format.precisions), "lacking": ""}


def _text(recipe: Path | None) -> str | None:
    try:
        return recipe.read_text(encoding="utf-8") if recipe else None
    except OSError:
        return None


def _named(folder: Path) -> Path:
    """As the recipe names it: short where the folder lies within the working folder."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) and folder != here else folder


def _slug(folder: Path) -> str:
    """A file's name for a folder's recipe: readable, and of this folder alone."""
    return f"{_plain(folder.name)}-{hashlib.blake2b(str(folder).encode(), digest_size=3).hexdigest()}"


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_") or "data"


def _new(folder: Path) -> Path:
    """The folder, or the first with a number behind it, that is not there yet."""
    numbered = (folder.with_name(f"{folder.name}-{number}") for number in range(2, 10_000))
    return next(each for each in (folder, *numbered) if not each.exists())
