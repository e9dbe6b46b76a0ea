"""What is kept of a run until it is done, so that the same command goes on with it after a kill."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tlkit.commands.running.kept_run import KeptRun, read_kept, read_page, write_page
from tlkit.engines.feature_cache import CacheError
from tlkit.errors import EngineError, RecipeError, TlkitError, TrackingError, disk_full
from tlkit.locks import is_held, take
from tlkit.paths import temporary_name
from tlkit.report.result import Result
from tlkit.stopping import nothing_left_to_stop, stop_if_asked
from tlkit.tracking import lookup, store
from tlkit.tracking.addresses import database
from tlkit.tracking.records import MARK
from tlkit.training.checkpoints.state_file import StateFile

if TYPE_CHECKING:
    from tlkit.training.checkpoints.checkpoint import Checkpoint

_RESULT = "result.json"
_RECENT = 100  # runs among which one that was cut off is looked for


class Unfinished:
    """What is kept of one run in a folder of its own: what it is of, its state, and the runs within it."""

    def __init__(self, folder: Path, about: KeptRun) -> None:
        self.folder, self.about = folder, about

    @property
    def journal(self) -> str:
        """The record of the run that was cut off; empty where there is none."""
        page = read_kept(self.folder)
        return page.journal if page is not None else ""

    def note(self, journal: str) -> None:
        """Say what the state is of, before there is one."""
        self.about.write(self.folder, journal)

    def checkpoint(self, minutes: float, member: int = 1) -> Checkpoint:
        """What a member's training goes on from, and keeps its states by: within an epoch, every few minutes."""
        from tlkit.training.checkpoints.checkpoint import Checkpoint

        folder = self.folder if member == 1 else self.part(f"member{member}").folder
        return Checkpoint(_state_file(folder).path, whole=True, minutes=minutes)

    def part(self, number: int | str) -> Unfinished:
        """What is kept of a run within this one, such as a fold, for as long as this one is."""
        folder = self.folder / str(number)
        folder.mkdir(exist_ok=True)
        return Unfinished(folder, self.about)

    @property
    def result(self) -> Result | None:
        """What a part that is done came to."""
        page = read_page(self.folder / _RESULT)
        return Result.of_page(page) if page else None

    def finish(self, result: Result) -> Result:
        """Note what a part came to, which then needs its states no longer."""
        write_page(self.folder / _RESULT, result.as_page())
        _state_file(self.folder).remove()
        for member in self.folder.glob("member*/"):
            shutil.rmtree(member, ignore_errors=True)
        return result


def part_in(folder: Path, about: KeptRun) -> Unfinished:
    """What is kept in a folder of a run within a search, or nothing yet where that is of another run or version."""
    before = read_kept(folder)
    if before is None or before.key != about.key or before.new_versions(about):
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return Unfinished(folder, about)


@contextlib.contextmanager
def unfinished(
    about: KeptRun, root: Path, *, fresh: bool, say: Callable[[str], None], journal: str = ""
) -> Iterator[Unfinished]:
    """What is kept of such a run that was cut off, or nothing yet; it goes when the run is done.

    Of several alike, one's record may be told by its `journal`. What was made with other versions is refused; `fresh`
    throws it away. Where another process runs the same, this run has a folder of its own. A run of other settings or
    data that was cut off is told of.
    """
    stop_if_asked()
    with contextlib.ExitStack() as stack:
        home = _home(root)
        if home.parent != root.absolute():  # it is not looked for again
            stack.callback(shutil.rmtree, home, ignore_errors=True)
        folder = _taken(home, about.key, stack, journal)
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        elif not folder.exists():
            _tell_of_another(about, root, say)
        folder.mkdir(exist_ok=True)
        _refuse_other_versions(folder, about)
        try:
            yield Unfinished(folder, about)
        except TlkitError as error:
            if not _may_end_otherwise(error):
                shutil.rmtree(folder, ignore_errors=True)
            raise
        nothing_left_to_stop()
        shutil.rmtree(folder, ignore_errors=True)


def _may_end_otherwise(error: BaseException | None) -> bool:
    """Whether a run that failed may come to another end than this, for it was something about it that failed."""
    if disk_full(error):
        return True
    while error is not None and not isinstance(error, (OSError, CacheError, EngineError, TrackingError)):
        error = error.__cause__
    return error is not None


def left_over(root: Path) -> Iterator[KeptRun]:
    """What is known of every run that can go on and that nobody goes on with now."""
    for folder in sorted((root / "unfinished").glob("*/")):
        page, lock = read_kept(folder), _lock_of(folder)
        if page is not None and _has_states(folder) and not (lock.exists() and is_held(lock)):
            yield page


def _tell_of_another(about: KeptRun, root: Path, say: Callable[[str], None]) -> None:
    """Name what is otherwise than in the newest run of the same recipe that was cut off."""
    others = [each for each in left_over(root) if each.is_of(about) and not (each.is_part or about.is_part)]
    if not others:
        return
    other = max(others, key=lambda each: each.journal)
    inputs = other.new_inputs(about)
    changed = "; ".join(other.new_settings(about) + inputs)
    once = ", once that is as it was" if inputs else ""
    say(f"note      a run of this recipe was cut off, but {changed}: this is a new run. "
        f"`tlkit resume {_name(other.journal, root)}` goes on with that one{once}")  # fmt: skip


def _name(journal: str, root: Path) -> str:
    """By what a run is resumed; to look for it in a store elsewhere would take long."""
    runs = lookup.recent(root, _RECENT) if database(store.uri(root)) else []
    return next((run.id[:8] for run in runs if run.tags.get(MARK) == journal), "RUN")


def _has_states(folder: Path) -> bool:
    """Whether there is anything to go on from, of a run or of one within it."""
    within = [each for each in folder.iterdir() if each.is_dir()]
    return _state_file(folder).exists or any((each / _RESULT).exists() or _has_states(each) for each in within)


def _home(root: Path) -> Path:
    """The folder of all unfinished runs; where it cannot be made, one that nobody will find again."""
    home = root.absolute() / "unfinished"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            return home
    except OSError:
        return Path(tempfile.mkdtemp(prefix=f"{temporary_name('unfinished')}-"))


def _taken(home: Path, key: str, stack: contextlib.ExitStack, journal: str) -> Path:
    """A folder for a key that no other process has, best of a run that was cut off; held until the stack is left."""
    there = sorted(home.glob(f"{key}.*/"))
    wanted = [each for each in there if journal and (page := read_kept(each)) and page.journal == journal]
    new = (home / f"{key}.{number}" for number in itertools.count())
    for folder in itertools.chain(wanted, there, new):
        with contextlib.suppress(PermissionError):  # another user's
            if lock := take(_lock_of(folder), passing=True):
                stack.enter_context(lock)
                break
    return folder


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _refuse_other_versions(folder: Path, now: KeptRun) -> None:
    before = read_kept(folder)
    changed = before.new_versions(now) if before is not None and _has_states(folder) else []
    if changed:
        began = f"this run was cut off, and began with {'; '.join(changed)}: it would not end as it was to"
        raise RecipeError([f"{began}. `tlkit run --fresh` starts over"])


def _state_file(folder: Path) -> StateFile:
    return StateFile(folder / "state.npz", pairs=True)
