"""Whether this machine comes to the same twice: recipes run in two processes, and compared part by part."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tlkit import processes
from tlkit.commands.shell.listing import Answer
from tlkit.errors import TlkitError
from tlkit.paths import temporary_folder
from tlkit.recipe.loading import load_recipe
from tlkit.report.repeatability import ComparedPart, compared

_WORKER = "tlkit.commands.workers.repeat_worker"
_LETTERS = 48
_DATA = "data: {path: %s, image_size: 32, val: 0.25, test: 0.25}\ntrack: {system_metrics: false}\n"
_RECIPES = {
    "frozen": """
model: {net: efficientnet-lite0}
augment: {views: 1, steps: [{flip: horizontal}]}
train: {epochs: 3}
""",
    "frozen_keras": """
model: {net: efficientnet-lite0}
train: {engine: keras, epochs: 3}
""",
    "scratch": """
model: {net: cnn, filters: [8, 16], dropout: 0.2}
augment: [{rotation: 0.1}, {translation: 0.1}]
train: {batch_size: 8, phases: [{epochs: 3}, {epochs: 2, learning_rate: 0.0003}]}
""",
}


class DeterminismError(TlkitError):
    """A recipe that cannot be run twice to be compared."""


@dataclass(frozen=True)
class RunTwice:
    """A recipe run twice, and which parts of both runs are equal to the last bit."""

    name: str
    parts: Sequence[ComparedPart]

    @property
    def causes(self) -> list[str]:
        """Where what differs begins."""
        return [part.name for part in self.parts if part.is_cause]

    @property
    def line(self) -> str:
        """What is equal, what is not and what of that only follows."""
        said = {
            "equal": [part.name for part in self.parts if part.equal],
            "not equal": self.causes,
            "and what follows": [part.name for part in self.parts if not part.equal and not part.is_cause],
        }
        told = (f"{how}: {', '.join(dict.fromkeys(names))}" for how, names in said.items() if names)
        return f"{self.name:<13} {'; '.join(told)}"


def run_twice(recipe: Path | None = None, settings: Sequence[str] = ()) -> list[RunTwice]:
    """A recipe, or small ones of ours that cover what tlkit does, run in two processes, each with a cache of its own.

    Example:
        >>> [each.causes for each in run_twice()]  # doctest: +SKIP
        [[], [], []]
    """
    with temporary_folder("twice") as folder:
        paths = [recipe] if recipe else list(_written(Path(folder)))
        for path in paths:
            load_recipe(path, settings)  # a mistake is told before anything starts
        first, second = (_ran(paths, settings, Path(folder) / str(number)) for number in (1, 2))
        return [RunTwice(path.stem, compared(first[str(path)], second[str(path)])) for path in paths]


def said_of(found: Sequence[RunTwice]) -> Answer:
    """What was compared, and the verdict."""
    yield from (each.line for each in found)
    causes = dict.fromkeys(cause for each in found for cause in each.causes)
    yield f"not deterministic: {', '.join(causes)}" if causes else "deterministic: both runs are equal to the last bit"
    parts = {each.name: [vars(part) for part in each.parts] for each in found}
    return {"deterministic": not causes, "causes": list(causes), "recipes": parts}


def _written(folder: Path) -> Iterator[Path]:
    """Recipes of our own, and what they learn from."""
    from tlkit.samples.x_and_o import draw_letters

    draw_letters(folder / "letters", count=_LETTERS)
    for name, text in _RECIPES.items():
        path = folder / f"{name}.yaml"
        path.write_text(_DATA % json.dumps(str(folder / "letters")) + text, encoding="utf-8")
        yield path


def _ran(paths: Sequence[Path], settings: Sequence[str], cache: Path) -> dict[str, Mapping[str, str]]:
    """The tags of each recipe's run, all of one process."""
    told = json.dumps([[str(path) for path in paths], list(settings)])
    environment = processes.environment(TLKIT_CACHE=str(cache))
    command = processes.command(_WORKER, told)
    done = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603  (this very tlkit)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise DeterminismError(f"doctor: {said[-1] if said else f'its process ended with status {done.returncode}'}")
    tags: dict[str, Mapping[str, str]] = json.loads(done.stdout.splitlines()[-1])
    return tags
