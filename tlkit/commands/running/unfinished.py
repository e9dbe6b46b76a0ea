"""What is kept of a run until it is done, so that the same command goes on with it after a kill."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import yaml

from tlkit.errors import RecipeError, TlkitError, disk_full
from tlkit.locks import Lock, take
from tlkit.recipe.schema import Recipe
from tlkit.report import environment
from tlkit.training.state_file import StateFile

if TYPE_CHECKING:
    from tlkit.training.checkpoint import Checkpoint

_NOWHERE = "tlkit-unfinished-"  # the beginning of a folder's name that is not looked for again
_LATER: Any = {"track": True, "tune": True, "description": True, "train": {"checkpoint_minutes"}}  # change no result
_DECIDING = ("tlkit", "keras", "tensorflow", "numpy")  # versions, of which a result hangs to the bit


@dataclass(frozen=True)
class KeptRun:
    """What a kept state is of: recipe, record, and the versions that it was made with."""

    recipe: str  # all of it, as YAML
    folder: str
    data: str  # the digest
    journal: str
    versions: dict[str, str]


class Unfinished:
    """The folder of one run's state, held until the run ends: kept if it was cut off, removed if it came to its end."""

    def __init__(self, folder: Path, lock: Lock) -> None:
        self.folder, self._lock = folder, lock

    def __enter__(self) -> Unfinished:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        mistaken = isinstance(error, TlkitError) and not disk_full(error)  # and would come to the same again
        if kind is None or mistaken:
            shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()
        if self.folder.parent.name.startswith(_NOWHERE):
            shutil.rmtree(self.folder.parent, ignore_errors=True)

    @property
    def journal(self) -> str:
        """The record of the run that was cut off; empty where there is none."""
        page = read_page(self.folder)
        return page.journal if page is not None else ""

    def note(self, recipe: Recipe, data: str, journal: str) -> None:
        """Say what the state is of, before there is one."""
        versions = {name: each for name, each in environment.versions().items() if name in _DECIDING}
        text = yaml.safe_dump(recipe.resolved(), sort_keys=False, allow_unicode=True)
        page = KeptRun(text, str(recipe.folder.absolute()), data, journal, versions)
        scratch = self.folder / "run.json.new"
        with contextlib.suppress(OSError):  # a full disk has no room for states either, and a run can do without
            scratch.write_text(json.dumps(vars(page)), encoding="utf-8")
            scratch.replace(self.folder / "run.json")

    def checkpoint(self, minutes: float) -> Checkpoint:
        """What training goes on from, and keeps its states by: within an epoch, every few minutes."""
        from tlkit.training.checkpoint import Checkpoint

        return Checkpoint(_state_file(self.folder).path, whole=True, minutes=minutes)


def unfinished(recipe: Recipe, data: str, root: Path, *, fresh: bool) -> Unfinished:
    """The folder for this recipe on this data: with the state of a run that was cut off, or an empty one.

    One that was made with other versions is refused; `fresh` throws it away. Where another process runs the same, this
    run has a folder of its own.
    """
    home, key, number = _home(root), _key(recipe, data), 0
    while (lock := take(home / f"{key}.{number}.lock", passing=True)) is None:
        number += 1
    folder = home / f"{key}.{number}"
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    try:
        _refuse_other_versions(folder)
    except TlkitError:
        lock.release()
        raise
    return Unfinished(folder, lock)


def _home(root: Path) -> Path:
    """The folder of all unfinished runs; where it cannot be made, one that nobody will find again."""
    home = root.absolute() / "unfinished"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            return home
    except OSError:
        return Path(tempfile.mkdtemp(prefix=_NOWHERE))


def left_over(root: Path) -> Iterator[KeptRun]:
    """What is known of every run that can go on and that nobody goes on with now."""
    for folder in sorted((root / "unfinished").glob("*/")):
        page = read_page(folder)
        if page is not None and _state_file(folder).exists:
            yield page


def read_page(folder: Path) -> KeptRun | None:
    """What a folder's state is of; None where it says nothing that can be read."""
    try:
        return KeptRun(**json.loads((folder / "run.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _refuse_other_versions(folder: Path) -> None:
    page, now = read_page(folder), environment.versions()
    if page is None or not _state_file(folder).exists:
        return
    changed = [f"{name} {page.versions.get(name)}, now {now.get(name)}" for name in _DECIDING
               if page.versions.get(name) != now.get(name)]  # fmt: skip
    if changed:
        began = f"this run was cut off, and began with {'; '.join(changed)}: it would not end as it was to"
        raise RecipeError([f"{began}. `tlkit run --fresh` starts over"])


def _state_file(folder: Path) -> StateFile:
    return StateFile(folder / "state.npz", pairs=True)


def _key(recipe: Recipe, data: str) -> str:
    values = recipe.model_dump(mode="json", exclude=_LATER)
    text = json.dumps([values, data, str(recipe.folder.absolute())], sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()
