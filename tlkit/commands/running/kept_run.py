"""What a run is known by when it was cut off: recipe, data, files, versions; and what of that is otherwise now."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tlkit.commands.running.record import own_hashes
from tlkit.data.assembly.class_folders import SUFFIXES, files_below
from tlkit.own_files import HUB_PREFIX, own_preset
from tlkit.recipe.overriding import flat
from tlkit.recipe.schema import Recipe
from tlkit.report import environment
from tlkit.tracking.records import PARENT
from tlkit.training.checkpoints.state_file import write_whole

_LATER = ("track.", "tune.", "export", "description", "train.checkpoint_minutes")  # change no result
_DECIDING = ("tlkit", "keras", "tensorflow", "numpy")  # versions, of which a result hangs to the bit
_PAGE = "run.json"
_MOST = 3  # settings that are named


@dataclass(frozen=True)
class KeptRun:
    """What a kept state is of: recipe, data, record, and the versions that it was made with."""

    values: dict[str, Any]  # all of the recipe
    source: str  # its text
    folder: str
    data: str  # the digest
    files: dict[str, str]  # hashes of files that the recipe names
    versions: dict[str, str]
    folds: int = 0
    journal: str = ""

    @classmethod
    def of(cls, recipe: Recipe, data: str, *, folds: int = 0) -> KeptRun:
        """What is to be known of a run of this recipe on this data, or of all its folds."""
        versions = {name: each for name, each in environment.versions().items() if name in _DECIDING}
        folder = str(recipe.folder.absolute())
        return cls(recipe.resolved(), recipe.source, folder, data, _named_hashes(recipe), versions, folds)

    @property
    def key(self) -> str:
        """A hash of all that decides how the run ends, but for versions."""
        parts = [self._deciding, self.folder, self.data, self.files, self.folds]
        text = json.dumps(parts, sort_keys=True, default=str)
        return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()

    @property
    def is_part(self) -> bool:
        """Whether the run is one within another, as a search's winner is."""
        return PARENT in self.values["track"].get("tags", {})

    @property
    def _deciding(self) -> dict[str, Any]:
        return {name: value for name, value in flat(self.values) if not name.startswith(_LATER)}

    def is_of(self, other: KeptRun) -> bool:
        """Whether both are of the same recipe file."""
        return (self.folder, self.values["name"]) == (other.folder, other.values["name"])

    def new_settings(self, now: KeptRun) -> list[str]:
        """What of the settings is otherwise now."""
        before, after = ({**each._deciding, "--folds": each.folds or None} for each in (self, now))
        changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        told = [f"{name} is {_shown(after.get(name))}, was {_shown(before.get(name))}" for name in changed]
        return told[:_MOST] + ([f"{len(told) - _MOST} more settings are others"] if len(told) > _MOST else [])

    def new_inputs(self, now: KeptRun) -> list[str]:
        """What of the data, and of the files that the recipe names, is otherwise now; other settings may ask for it."""
        changed = [name for name in self.files if self.files[name] != now.files.get(name, self.files[name])]
        others = ["the examples are others"] if self.data != now.data and not self.new_settings(now) else []
        return [*(f"{name} has changed" for name in changed), *others]

    def new_versions(self, now: KeptRun) -> list[str]:
        """Which versions are others now."""
        names = (name for name in _DECIDING if self.versions.get(name) != now.versions.get(name))
        return [f"{name} {self.versions.get(name)}, now {now.versions.get(name)}" for name in names]

    def write(self, folder: Path, journal: str) -> None:
        """Keep this page, with the record's name; the recipe may hold secrets, so only its user can read it."""
        write_page(folder / _PAGE, vars(replace(self, journal=journal)))


def read_kept(folder: Path) -> KeptRun | None:
    """What a folder's state is of; None where it says nothing that can be read."""
    page = read_page(folder / _PAGE)
    with contextlib.suppress(TypeError):  # of another version
        return KeptRun(**page) if page else None
    return None


def write_page(path: Path, values: dict[str, Any]) -> None:
    """Plain values in a file, whole or not at all; a full disk has no room for states either, and does without."""
    with contextlib.suppress(OSError):
        write_whole(path, lambda file: file.write(json.dumps(values).encode()))


def read_page(path: Path) -> dict[str, Any]:
    """What `write_page` wrote; nothing where that cannot be read."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _named_hashes(recipe: Recipe) -> dict[str, str]:
    return own_hashes(recipe) | {str(file): _digest(file) for file in _weights(recipe)} | _unlabelled(recipe)


def _unlabelled(recipe: Recipe) -> dict[str, str]:
    """What stands for the pictures without labels: their names, sizes and times."""
    folder = Path((recipe.train.teacher and recipe.train.teacher.unlabelled) or "")
    if not folder.name:
        return {}
    found = {str(each): each.stat() for each in files_below(folder, SUFFIXES)}
    facts = [(name, each.st_size, each.st_mtime_ns) for name, each in found.items()]
    return {str(folder): hashlib.blake2b(repr(facts).encode(), digest_size=16).hexdigest()}


def _weights(recipe: Recipe) -> Iterator[Path]:
    """The files of weights that a recipe names, its own preset's and its teacher's among them."""
    teacher = Path(recipe.train.teacher.run if recipe.train.teacher else "")
    if teacher.is_file():
        yield teacher
    given = Path(recipe.model.weights or "")
    if given.is_file():
        yield given
    preset = own_preset(recipe.model.net, recipe.folder) if recipe.model.net.startswith(HUB_PREFIX) else None
    yield from sorted(each for each in preset.iterdir() if each.is_file()) if preset else ()


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "blake2b").hexdigest()[:32]


def _shown(value: object) -> str:
    text = "not given" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
