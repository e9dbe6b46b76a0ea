"""Python files and presets of one's own, beside a recipe: where they are, and the functions in them."""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import importlib.util
import os
import re
import sys
import traceback
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from tlkit.errors import NotFoundError, nearest

HUB_PREFIX = "hub:"
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
    return _beside(folder / name.rpartition(":")[0], folder)


def own_preset(name: str, folder: Path) -> Path | None:
    """The folder of a `hub:./preset` in a recipe's folder or below; None for a preset that is published under a name.

    Example:
        >>> own_preset("hub:resnet_18_imagenet", Path("recipes")) is None
        True
    """
    if _PUBLISHED.fullmatch(name.removeprefix(HUB_PREFIX)):
        return None
    path = _beside(folder / name.removeprefix(HUB_PREFIX), folder)
    if not os.path.isfile(path / "config.json"):
        raise NotFoundError(f"{path}: expected a KerasHub preset, a folder with a config.json")
    return path


def _beside(path: Path, folder: Path) -> Path:
    try:
        beside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError) as error:
        raise NotFoundError(f"{path}: cannot be read ({error})") from error
    if not beside:
        raise NotFoundError(f"{path}: is not beside the recipe. Copy it into {folder.resolve()} and name it from there")
    return path


class _OwnFiles(importlib.abc.MetaPathFinder):
    """Finds a file of one's own by its module's name, which holds its path: a worker unpickles functions by that."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if not fullname.startswith(_OWN_MODULE):
            return None
        file = bytes.fromhex(fullname.removeprefix(_OWN_MODULE)).decode()
        return importlib.util.spec_from_file_location(fullname, file)


sys.meta_path.append(_OwnFiles())


@functools.cache
def _from_file_cached(path: Path, stamp: int) -> Any:
    name = _OWN_MODULE + str(path).encode().hex()
    sys.modules.pop(name, None)
    try:
        return importlib.import_module(name)
    except Exception as error:
        lines = [each.lineno for each in traceback.extract_tb(error.__traceback__) if each.filename == str(path)]
        raise NotFoundError(f"{path}:{lines[-1] if lines else 1}: {type(error).__name__}: {error}") from error


def function_in(path: Path, function: str) -> Callable[..., Any]:
    module = _from_file_cached(path.resolve(), path.stat().st_mtime_ns)
    found: object = getattr(module, function, None)
    if not callable(found):
        raise NotFoundError(f"{path}: no function '{function}'. {nearest(function, vars(module))}".rstrip())
    return found
