"""A run on its way to the store: a folder with a journal of operations, the artifacts and what was sent already."""

from __future__ import annotations

import contextlib
import errno
import faulthandler
import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypedDict, cast

from tlkit.errors import TrackingError
from tlkit.locks import Lock, take
from tlkit.redaction import HIDDEN, redacted, redacted_values
from tlkit.tracking.addresses import address_of

Operation = dict[str, Any]
_noted: Path | None = None  # where this process's crash would be written down


class Sent(TypedDict, total=False):
    """What the store has acknowledged: the run, and how much of its journal."""

    run_id: str | None
    offset: int


@dataclass(frozen=True)
class Outbox:
    """One such folder; all that is known about the run is in its files, so any process can take over."""

    folder: Path

    @property
    def artifacts(self) -> Path:
        """Whatever lies here becomes an artifact of the run."""
        return self.folder / "artifacts"

    @property
    def journal(self) -> Path:
        """One JSON object per line, only ever appended to."""
        return self.folder / "journal.jsonl"

    def append(self, operation: Operation) -> None:
        """Add one operation in a single write, so that two writers never mix their lines."""
        line = _line(operation)
        with translated(self.folder.parent.parent), self.journal.open("ab+", buffering=0) as file:
            if _torn(file):
                line = b"\n" + line
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def read(self, offset: int = 0) -> tuple[list[Operation], int]:
        """The complete operations behind the byte `offset`, and the offset behind them."""
        with self.journal.open("rb") as file:
            file.seek(offset)
            text = file.read()
        end = text.rfind(b"\n") + 1
        return list(_parsed(text[:end])), offset + end

    def opening(self) -> Operation:
        """The first operation, which creates the run."""
        with self.journal.open("rb") as file:
            first = next(_parsed(file.readline()), {})
        if first.get("op") != "create":
            raise TrackingError(f"{near(self.journal)}: does not begin with the creation of a run. Remove the folder.")
        return self._brought_along({**first, "uri": _whole(first["uri"])})

    def _brought_along(self, opening: Operation) -> Operation:
        """The opening of a folder that was copied or moved with its project, whose database is beside it."""
        old, here = Path(opening["root"]), self.folder.absolute().parent.parent
        if opening["uri"] != address_of(old / "mlflow.db") or self.folder.parent == _fallback() or old == here:
            return opening
        return {**opening, "root": str(here), "uri": address_of(here / "mlflow.db")}

    def sent(self) -> Sent:
        """What the store has acknowledged; empty before the first attempt."""
        try:
            return cast(Sent, json.loads((self.folder / "sent.json").read_text()))
        except FileNotFoundError:
            return {}
        except ValueError:  # torn by a power cut: the run, which may be there, is looked for by its mark
            return {"run_id": None, "offset": 0}

    def acknowledge(self, run_id: str | None, offset: int) -> None:
        """Note, atomically, that the store has everything before `offset`."""
        scratch = self.folder / "sent.json.new"
        scratch.write_text(json.dumps({"run_id": run_id, "offset": offset}))
        scratch.replace(self.folder / "sent.json")

    def as_writer(self) -> Lock | None:
        """The lock of the one process that has something to say here; None while another holds it."""
        return take(self.folder / "lock")

    def as_sender(self) -> Lock | None:
        """The lock of the one process that sends what is said here; None while another holds it."""
        return take(self.folder / "sender.lock")

    @contextlib.contextmanager
    def left_alone(self) -> Iterator[bool]:
        """Whether nobody writes here or sends; nobody can until this is left."""
        with contextlib.ExitStack() as stack:
            yield all(
                _entered(each, stack) for each in (self.as_writer, self.as_sender)
            )  # the second only if the first

    def note_crashes(self) -> None:
        """Have the interpreter write down here what kills this process from within, as an abort for want of memory.

        It writes into one file alone: runs that are open at once, as a fold's and that of all folds, share it.
        """
        global _noted
        (self.folder / "kills").write_text(str(_kernel_kills()))
        if _noted is not None and _noted.exists():
            with contextlib.suppress(OSError):  # a file system without links: the first run alone will say it
                os.link(_noted, self._crash)
            return
        _noted = self._crash
        faulthandler.enable(_noted.open("ab"), all_threads=False)

    def crash(self) -> str:
        """What killed the process, in words; empty where nothing did, or somebody from outside."""
        said = self._crash.read_text(errors="replace") if self._crash.exists() else ""
        cause = said.partition("\n")[0].removeprefix("Fatal Python error: ")
        if cause:
            return f"{cause}: the process ended itself, as TensorFlow does when memory runs out"
        with contextlib.suppress(OSError, ValueError):  # a folder of before that was noted
            if _kernel_kills() > int((self.folder / "kills").read_text()):
                return "Killed: the kernel ended a process for want of memory meanwhile, most likely this one"
        return ""

    @property
    def _crash(self) -> Path:
        return self.folder / "crash.log"

    def remove(self) -> None:
        """Forget the folder, once everything is in the store; the journal goes first, so that nobody sends it again."""
        self.journal.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def _kernel_kills() -> int:
    """How many processes Linux has ended for want of memory since the machine started; 0 where nothing tells."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


def create(root: Path, operations: list[Operation]) -> tuple[Outbox, Lock]:
    """A new folder under `root/pending` with its first operations, and its writer's lock."""
    with translated(root):
        pending = Outbox(_home(root) / _name())
        try:
            return pending, _fill(pending, operations)
        except BaseException:
            pending.remove()
            raise


def waiting(root: Path) -> list[Outbox]:
    """All folders with something to send, oldest first."""
    homes = [home for home in (root / "pending", _fallback()) if home.is_dir()]
    journals = [journal for home in homes for journal in home.glob("[!.]*/journal.jsonl")]
    return [Outbox(journal.parent) for journal in sorted(journals, key=lambda each: each.parent.name)]


@contextlib.contextmanager
def translated(place: Path) -> Iterator[None]:
    """Turn what the file system refuses into one line for the user."""
    try:
        yield
    except OSError as error:
        reason = (os.strerror(error.errno) if error.errno else str(error)).lower()
        mend = "Mend the permissions or set MLFLOW_TRACKING_URI."
        if "space" in reason or "quota" in reason:
            mend = "Make room there."
        raise TrackingError(f"{near(place)}: cannot be written ({reason}). {mend}") from error


def near(place: Path) -> Path:
    """A path as the user would write it, relative where it is below the current folder."""
    return place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place


def _fill(pending: Outbox, operations: list[Operation]) -> Lock:
    """The journal comes last, for others know the folder by it."""
    pending.artifacts.mkdir(parents=True)
    lock = pending.as_writer()
    assert lock is not None, "nobody else knows the folder yet"
    draft = pending.folder / "journal.new"
    draft.write_bytes(b"".join(map(_line, operations)))
    draft.replace(pending.journal)
    return lock


def _entered(take_one: Callable[[], Lock | None], stack: contextlib.ExitStack) -> bool:
    try:
        lock = take_one()
    except (FileNotFoundError, PermissionError):  # sent in the meantime, or another user's
        return False
    return lock is not None and bool(stack.enter_context(lock))


def _line(operation: Operation) -> bytes:
    """What it says of others' secrets, the store's password among them, is not written down."""
    return json.dumps(redacted_values(operation)).encode() + b"\n"


def _whole(address: str) -> str:
    """The store's address with its password, which is in the environment alone."""
    given = os.environ.get("MLFLOW_TRACKING_URI", "").strip()
    if HIDDEN not in address or redacted(given) == address:
        return given if HIDDEN in address else address
    raise TrackingError(f"{address}: its password is not kept. Set MLFLOW_TRACKING_URI to that address, with it.")


def _name() -> str:
    """Names sort by the moment of their making, so that a run within another is sent after it."""
    moment, micro = divmod(time.time_ns() // 1000, 1_000_000)
    return f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(moment))}-{micro:05x}{secrets.randbelow(4096):03x}"


def _home(root: Path) -> Path:
    """Where new folders go: under `root`, or the user's cache if only a store elsewhere can be written."""
    home = root.absolute() / "pending"
    try:
        home.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=home).close()
        return home
    except OSError:
        if not os.environ.get("MLFLOW_TRACKING_URI"):
            raise
    _fallback().mkdir(parents=True, exist_ok=True)
    return _fallback()


def _fallback() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tlkit" / "pending"


def _torn(file: BinaryIO) -> bool:
    """Whether a full disk cut off the last line; readers skip it once a new line follows."""
    if file.seek(0, os.SEEK_END) == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def _parsed(text: bytes) -> Iterator[Operation]:
    for line in text.splitlines():
        with contextlib.suppress(ValueError):
            operation = json.loads(line)
            if isinstance(operation, dict):
                yield operation
