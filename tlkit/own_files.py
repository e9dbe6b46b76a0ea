"""Python files and presets of one's own, beside a recipe: where they are, whether they may run, their functions."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import importlib.abc
import importlib.util
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

import click

from tlkit.errors import NotFoundError, TlkitError, TrustError, nearest
from tlkit.paths import cache_root, recipes_folder

HUB_PREFIX = "hub:"
_TRUSTED = "TLKIT_TRUSTED"  # hashes of the files that this process and those it starts may run
_trusting = ContextVar("trusting", default=False)
_OWN_MODULE = "tlkit_own_"
_OWN = re.compile(r"[^:\0]+\.py:[^\W\d]\w*")
_PUBLISHED = re.compile(r"\w[\w.-]*|(kaggle|hf|gs|modelscope)://.+")


def own_file(name: str, folder: Path) -> Path | None:
    """The file of a `file.py:function` in a recipe's folder or below; None for a name of another form.

    Example:
        >>> own_file("leaf_net.py:build", Path("recipes"))
        PosixPath('recipes/leaf_net.py')
    """
    if not _OWN.fullmatch(name):
        return None
    file = Path(name.rpartition(":")[0])
    if ".." in file.parts:
        raise NotFoundError(f"{file}: is not beside the recipe. Copy it into {folder.resolve()} and name it from there")
    return _beside(folder / file, folder)


def own_preset(name: str, folder: Path) -> Path | None:
    """The folder of a `hub:./preset` in a recipe's folder or below; None for a preset that is published under a name.

    A published one that lies in the folder of TLKIT_WEIGHTS is taken from there.

    Example:
        >>> own_preset("hub:resnet_18_imagenet", Path("recipes")) is None
        True
    """
    if published := _PUBLISHED.fullmatch(bare := name.removeprefix(HUB_PREFIX)):
        kept = None if published[1] else weights_folder()
        return kept / bare if kept and os.path.isfile(kept / bare / "config.json") else None
    path = _beside(folder / bare, folder)
    if not os.path.isfile(path / "config.json"):
        raise NotFoundError(f"{path}: expected a KerasHub preset, a folder with a config.json")
    return path


def weights_folder() -> Path | None:
    """The folder of weights that TLKIT_WEIGHTS names, for machines without a network; None where it names none.

    `tlkit fetch` fills it: files of weights as their makers call them, and a folder for each KerasHub preset.
    """
    given = os.environ.get("TLKIT_WEIGHTS")
    if not given:
        return None
    if not os.path.isdir(given):
        raise NotFoundError(f"TLKIT_WEIGHTS: {given}: no such folder. `tlkit fetch NAME --to FOLDER` fills one")
    return Path(given)


def _beside(path: Path, folder: Path) -> Path:
    try:
        beside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError) as error:
        raise NotFoundError(f"{path}: cannot be read ({error})") from error
    if not beside:
        raise NotFoundError(f"{path}: is not beside the recipe. Copy it into {folder.resolve()} and name it from there")
    return path


def own_files_named(values: Any, folder: Path) -> Iterator[Path]:
    """The files of every `file.py:function` that stands anywhere in a recipe's values."""
    file = folder / values.rpartition(":")[0] if isinstance(values, str) and _OWN.fullmatch(values) else folder
    if os.path.isfile(file):
        yield file
    inside = [*values, *values.values()] if isinstance(values, Mapping) else values if isinstance(values, list) else ()
    for each in inside:
        yield from own_files_named(each, folder)


@contextlib.contextmanager
def trusting(given: bool = True) -> Iterator[None]:
    """Within it, where `given`, files that nobody has trusted yet are, and it is remembered."""
    token = _trusting.set(given or _trusting.get())
    try:
        yield
    finally:
        _trusting.reset(token)


def require_trust(files: Iterable[Path]) -> None:
    """Let files run that lie in the working folder, come with tlkit, or that someone trusts as they are now; else asks.

    With each file stand those beside it, which it may import.
    """
    concerned = {each.resolve() for file in files if not _is_inside(file) for each in (file, *file.parent.glob("*.py"))}
    digests = {path: _digest(path) for path in sorted(concerned)}
    new = [path for path, digest in digests.items() if not _is_trusted(digest)]
    if new and not _trusting.get() and not _says_yes(new):
        names = ", ".join(map(_shown, new))
        raise TrustError(f"{names}: Python from outside the working folder, which runs with all your rights, is not "
                         "trusted yet. Read it, then say --trust (from Python: trust=True)")  # fmt: skip
    _remember(digests.values())


def _is_inside(path: Path) -> bool:
    return any(path.resolve().is_relative_to(folder.resolve()) for folder in (Path.cwd(), recipes_folder()))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest()


def _is_trusted(digest: str) -> bool:
    return digest in os.environ.get(_TRUSTED, "").split() or (cache_root() / "trusted" / digest).is_file()


def _remember(digests: Iterable[str]) -> None:
    for digest in digests:
        os.environ[_TRUSTED] = " ".join({*os.environ.get(_TRUSTED, "").split(), digest})
        with contextlib.suppress(OSError):  # where nothing can be kept, the next run asks again
            (cache_root() / "trusted").mkdir(parents=True, exist_ok=True)
            (cache_root() / "trusted" / digest).touch()


def _says_yes(files: list[Path]) -> bool:
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    click.echo("This recipe runs Python from outside the working folder. It can do all that you can: read and delete "
               "your files, use the network. Read it first:", err=True)  # fmt: skip
    for each in files:
        click.echo(f"  {_shown(each)}", err=True)
    return click.confirm("Run it, now and whenever it is unchanged?", default=False, err=True)


def _shown(path: Path) -> str:
    """A path without what a terminal would obey."""
    return "".join(each if each.isprintable() else "?" for each in str(path))


class _OwnSource(SourceFileLoader):
    """Runs the text of a file, if it may run, and never what lies compiled beside it."""

    def get_code(self, fullname: str) -> CodeType:
        require_trust([Path(self.path)])
        code: CodeType = self.source_to_code(self.get_data(self.path), self.path)
        return code


def file_of(module: str) -> str:
    """The file of one's own that a module is; of any other, its name."""
    own = re.fullmatch(rf"{_OWN_MODULE}((?:[0-9a-f]{{2}})+)", module)
    return bytes.fromhex(own[1]).decode(errors="replace") if own else module


class _OwnFiles(importlib.abc.MetaPathFinder):
    """Finds a file of one's own by its module's name, which holds its path: a worker unpickles functions by that."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        file = file_of(fullname)
        if file == fullname:
            return None
        return importlib.util.spec_from_file_location(fullname, file, loader=_OwnSource(fullname, file))


sys.meta_path.append(_OwnFiles())


@functools.cache
def _from_file_cached(path: Path, stamp: int) -> Any:
    name = _OWN_MODULE + str(path).encode().hex()
    sys.modules.pop(name, None)
    try:
        return importlib.import_module(name)
    except TlkitError:
        raise
    except Exception as error:
        lines = [each.lineno for each in traceback.extract_tb(error.__traceback__) if each.filename == str(path)]
        raise NotFoundError(f"{path}:{lines[-1] if lines else 1}: {type(error).__name__}: {error}") from error


def function_in(path: Path, function: str) -> Callable[..., Any]:
    module = _from_file_cached(path.resolve(), path.stat().st_mtime_ns)
    found: object = getattr(module, function, None)
    if not callable(found):
        raise NotFoundError(f"{path}: no function '{function}'. {nearest(function, vars(module))}".rstrip())
    return found
