"""Model files from anywhere: Keras opens them only after a look at what they name and hold."""

from __future__ import annotations

import functools
import importlib
import io
import json
import pkgutil
import re
import zipfile
from collections import Counter
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import keras

import tlkit.layers
from tlkit import catalog
from tlkit.compat.keras_saving import unpacked_aside
from tlkit.data.files.regular_files import regular
from tlkit.errors import ModelError
from tlkit.pretrained.hdf5_weights import EXPANSION, FREE, refuse_unsafe_weights
from tlkit.pretrained.hub_presets import import_keras_hub
from tlkit.pretrained.named_classes import KERAS_HUB, modules_named, refuse_code

_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_MOST_TEXT = 64 << 20  # bytes of a page of JSON
_MEMBERS = 1000


def open_model(path: Path) -> keras.Model:
    """The model in a `.keras` file, not compiled; one that could run code or reach other files is refused."""
    try:
        _refuse_unsafe_model(path)
        with unpacked_aside():
            return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras builds whatever layers a file names, and these raise what they like
        raise _refused(path, error) from error


def _refused(path: Path, error: Exception) -> ModelError:
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    return error if isinstance(error, ModelError) else ModelError(f"{path}: not a model that can be loaded ({said})")


def _refuse_unsafe_model(path: Path) -> None:
    with zipfile.ZipFile(regular(path)) as archive:
        _refuse_unsafe_members(archive.infolist(), path.stat().st_size)
        config = json.loads(archive.read(_CONFIG))
        if isinstance(config, dict):
            config["compile_config"] = None  # of the whole model; it is not read
        _refuse_unknown(config, path)
        refuse_unsafe_weights(io.BytesIO(archive.read(_WEIGHTS)))


def _refuse_unsafe_members(members: list[zipfile.ZipInfo], size: int) -> None:
    names = Counter(each.filename for each in members)
    if len(members) > _MEMBERS or sum(each.file_size for each in members) > max(FREE, EXPANSION * size):
        raise ValueError("it unpacks to more than a model can be")
    for each in members:
        if names[each.filename] > 1 or not _stays_inside(each.filename) or (each.external_attr >> 28) == 0xA:  # a link
            raise ValueError(f"its member {each.filename!r} is a link, stands there twice or leads out of the file")
        if each.filename == _CONFIG and each.file_size > _MOST_TEXT:
            raise ValueError(f"its {_CONFIG} has {each.file_size:,} bytes")


def _stays_inside(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return bool(parts) and ".." not in parts and parts[0] != "/" and not PureWindowsPath(name).anchor


def _refuse_unknown(config: Any, path: Path) -> None:
    """Refuse what names a class or function that is not known, once those who may be named are loaded."""
    register_layers()
    for module in modules_named(config):
        package = module.partition(".")[0]
        if package == KERAS_HUB:
            import_keras_hub(str(path))
        elif package in _brought():
            importlib.import_module(module)
    refuse_code(config)


def _brought() -> set[str]:
    """Installed packages that bring nets, backbones or kinds of data, whose layers a model may have."""
    lines = [each for table in (catalog.NETS, catalog.BACKBONES, catalog.KINDS) for each in table.values()]
    return {re.split("[.:]", each.target)[0] for each in lines if each.origin != "tlkit"}


@functools.cache
def register_layers() -> None:
    """Importing a layer's module is what makes Keras know it."""
    for module in pkgutil.iter_modules(tlkit.layers.__path__, "tlkit.layers."):
        importlib.import_module(module.name)
