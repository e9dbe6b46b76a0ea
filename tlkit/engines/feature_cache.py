"""The cache of frozen features: content-addressed shards, written whole or not at all, oldest thrown out first."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tlkit import locks
from tlkit.engines.hardware import allow_many_files
from tlkit.errors import TlkitError
from tlkit.paths import MEMORY_DISK, cache_root, temporary_name

_LIMIT_GB = 10.0
_IN_MEMORY = 512 << 20
_MANY = 50  # shards
_FULL = (errno.ENOSPC, errno.EDQUOT, None)  # None: what NumPy says of a write that was cut short


class CacheError(TlkitError):
    """The cache of features cannot be written or read."""


def cache_limit() -> int:
    """How many bytes the cache may take: TLKIT_CACHE_GB, 10 by default."""
    text = os.environ.get("TLKIT_CACHE_GB", str(_LIMIT_GB))
    try:
        return int(float(text) * 2**30)
    except ValueError as error:
        raise CacheError(f"TLKIT_CACHE_GB: expected a number of gigabytes, found '{text}'") from error


@dataclass(frozen=True)
class FeatureRows:
    """Features in the order they were asked for, in memory where small and on disk where large."""

    shards: tuple[np.ndarray, ...]
    positions: np.ndarray  # (examples, 2): shard and row

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.positions), *self.shards[0].shape[1:])

    def __len__(self) -> int:
        return len(self.positions)

    def load(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """The features of these examples as one float32 batch."""
        wanted = self.positions[np.asarray(indices, int)]
        batch = np.empty((len(wanted), *self.shape[1:]), np.float32)
        for shard in np.unique(wanted[:, 0]):
            inside = wanted[:, 0] == shard
            batch[inside] = self.shards[shard][wanted[inside, 1]]
        return batch

    def rows_at(self, epoch: int) -> np.ndarray:
        """Which row of `table` stands for each example: the same one in every epoch."""
        return self.positions[:, 1]

    def table(self) -> np.ndarray | None:
        """All rows as one array, where they are in memory."""
        return self.shards[0] if len(self.shards) == 1 and not isinstance(self.shards[0], np.memmap) else None

    def gathered(self) -> FeatureRows:
        """The same rows copied into memory if they are few enough to stay there."""
        kind = np.result_type(*(each.dtype for each in self.shards))  # one shard may hold values too large for float16
        if kind.itemsize * int(np.prod(self.shape)) > _IN_MEMORY:
            return self
        whole = np.empty(self.shape, kind)
        for start in range(0, len(self), 1024):
            whole[start : start + 1024] = self.load(range(start, min(start + 1024, len(self))))
        return FeatureRows((whole,), np.stack([np.zeros(len(self), int), np.arange(len(self))], axis=1))


class FeatureStore:
    """The features of one frozen part; many processes may write and read at once.

    What a full cache cannot take goes into folders of this store's own, on other disks, until `drop_overflow`.
    """

    def __init__(self, identity: Mapping[str, Any], root: Path | None = None) -> None:
        text = json.dumps(identity, sort_keys=True, default=str)
        self.key = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
        self.root = root or cache_root()
        self.folder = self.root / "features" / self.key
        self.about = text
        name = temporary_name("features")
        self.overflow = [Path(each) / name for each in (tempfile.gettempdir(), MEMORY_DISK)]

    def hold(self) -> locks.Lock | None:
        """Keep others from throwing these features out until what is returned is released."""
        with contextlib.suppress(OSError):  # a full disk: nothing can be kept
            return locks.join(_holders(self.folder))
        return None

    def drop_overflow(self) -> bool:
        """Remove what lies outside the cache, if anything does; rows that were taken from there stay readable."""
        used = [each for each in self.overflow if each.is_dir()]
        for each in used:
            shutil.rmtree(each, ignore_errors=True)
        return bool(used)

    def have(self, ids: Sequence[str]) -> set[str]:
        """Which of these examples are there."""
        known = self._index()
        return {each for each in ids if each in known}

    def put(self, ids: Sequence[str], features: np.ndarray) -> None:
        """Write features as one new shard."""
        with np.errstate(over="ignore"):
            kept = features.astype(np.float16)
        if not np.isfinite(kept).all():
            kept = features.astype(np.float32)
        shard = np.empty(len(ids), [("id", "S40"), ("x", kept.dtype, kept.shape[1:])])
        shard["id"], shard["x"] = [each.encode() for each in ids], kept
        refused: list[OSError] = []
        for folder in (self.folder, *self.overflow):
            try:
                return self._write(folder, shard)
            except OSError as error:
                refused.append(error)
                if error.errno not in _FULL:
                    break
        self.drop_overflow()
        raise CacheError(
            f"{self.root}: features cannot be written ({refused[0].strerror or refused[0]}). Free some room "
            "(tlkit cache --clear) or set TLKIT_CACHE to another folder"
        ) from refused[0]

    def _write(self, folder: Path, shard: np.ndarray) -> None:
        temporary = folder / f".{uuid.uuid4().hex}.tmp"
        try:
            self._prepare(folder)
            with temporary.open("wb") as file:
                np.save(file, shard)
            temporary.replace(folder / f"{uuid.uuid4().hex}.npy")
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise

    def get(self, ids: Sequence[str]) -> FeatureRows:
        """The features of these examples; all of them must be there."""
        arrays = self._arrays()
        index = _indexed(arrays)
        lost = sum(each not in index for each in ids)
        if lost:
            raise CacheError(
                f"{self.root}: {lost} of {len(ids)} features were thrown out meanwhile. "
                "Run again, or raise TLKIT_CACHE_GB"
            )
        names = {path: number for number, path in enumerate(arrays)}
        positions = np.array([(names[index[each][0]], index[each][1]) for each in ids], int).reshape(-1, 2)
        for path in {index[each][0] for each in ids}:
            with contextlib.suppress(OSError):  # still mapped here, thrown out by another run; or another user's
                os.utime(path)
        return FeatureRows(tuple(array["x"] for array in arrays.values()), positions)

    def _prepare(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "about.json").write_text(self.about)

    def _index(self) -> dict[str, tuple[Path, int]]:
        return _indexed(self._arrays())

    def _arrays(self) -> dict[Path, np.ndarray]:
        found, paths = {}, sorted(path for folder in (self.folder, *self.overflow) for path in folder.glob("*.npy"))
        if len(paths) > _MANY:
            allow_many_files()  # each stays open
        for path in paths:
            try:
                found[path] = np.load(path, mmap_mode="r", allow_pickle=False)
            except FileNotFoundError:
                continue  # another run made room meanwhile
            except (ValueError, EOFError):
                path.unlink(missing_ok=True)  # cut short by a failing disk: computed again
            except OSError as error:
                raise CacheError(f"{path}: cannot be read ({error.strerror or error})") from error
        return found


def _indexed(arrays: Mapping[Path, np.ndarray]) -> dict[str, tuple[Path, int]]:
    return {id_.decode(): (path, row) for path, array in arrays.items() for row, id_ in enumerate(array["id"])}


def make_room(root: Path | None = None, limit: int | None = None, spare: Path | None = None) -> int:
    """Throw out the shards that were used longest ago until the cache fits, sparing what is in use; the bytes freed."""
    limit = cache_limit() if limit is None else limit
    shards = sorted(_sizes(root or cache_root()), key=lambda each: each[2])
    total, freed = sum(size for _, size, _ in shards), 0
    for path, size, _ in shards:
        if total - freed <= limit:
            break
        if spare is None or spare not in path.parents:
            with locks.alone(_holders(path.parent)) as alone:
                if alone:
                    path.unlink(missing_ok=True)
                    freed += size
    return freed


def clear(root: Path | None = None) -> tuple[int, int]:
    """Empty the cache of what no run uses; the bytes freed, and how many frozen parts were left."""
    freed = left = 0
    for folder in ((root or cache_root()) / "features").glob("*"):
        with locks.alone(_holders(folder)) as alone:
            if alone:
                freed += sum(size for path, size, _ in _sizes(root or cache_root()) if folder in path.parents)
                shutil.rmtree(folder, ignore_errors=True)
            else:
                left += 1
    return freed, left


def _holders(folder: Path) -> Path:
    """The locks of whoever uses a frozen part's features; outside their folder, which may be removed."""
    return folder.parent.parent / "holders" / folder.name


def contents(root: Path | None = None) -> list[dict[str, Any]]:
    """One entry for each frozen part that has features here."""
    entries = []
    for folder in sorted(((root or cache_root()) / "features").glob("*")):
        files = [(path, size, used) for path, size, used in _sizes(root or cache_root()) if folder in path.parents]
        facts = _facts(folder / "about.json")
        rows = sum(_num_rows(path) for path, _, _ in files)
        entries.append({"key": folder.name, "examples": rows, "bytes": sum(size for _, size, _ in files), **facts})
    return entries


def _facts(about: Path) -> dict[str, object]:
    try:
        return dict(json.loads(about.read_text()))
    except (OSError, ValueError):
        return {}  # cut short by a full disk, or thrown out meanwhile


def _num_rows(path: Path) -> int:
    try:
        return len(np.load(path, mmap_mode="r", allow_pickle=False))
    except (ValueError, EOFError, OSError):
        return 0  # torn, or thrown out meanwhile


def _sizes(root: Path) -> list[tuple[Path, int, float]]:
    found = []
    for path in (root / "features").glob("*/*.npy"):
        try:
            found.append((path, path.stat().st_size, path.stat().st_mtime))
        except FileNotFoundError:
            continue
    return found
