"""KerasHub's presets: which one a name means, and how its makers scale, size and pool pictures."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tlkit import catalog
from tlkit.data.files.regular_files import read_bytes, regular
from tlkit.errors import ModelError, nearest
from tlkit.own_files import own_preset
from tlkit.pretrained.available_weights import OFFLINE
from tlkit.quiet import hidden, is_own_process, load_keras

_ASSUMED_SIDE = 224
_CENTRED = (1 / 127.5, -1.0)
_MOST_BYTES = 64 << 20  # of a page of JSON
_OF_TEXT = ("tensorflow", "tensorflow_text")  # KerasHub imports them where it finds them


@dataclass(frozen=True)
class HubPreset:
    """What a model needs to know of a preset beside its weights; plain data, as a `BackboneSpec` is."""

    size: tuple[int, int]
    scale: float | tuple[float, ...]
    offset: float | tuple[float, ...]
    class_token: bool  # whether its class token, the first, stands for the picture
    resize: str = "squeeze"  # how its pictures were brought to size; see `kinds.image.pictures.read_picture`
    shape_name: str = "image_shape"  # what its backbone calls the shape of a picture
    assumed: str = ""  # what of this the preset does not say

    @property
    def identity(self) -> dict[str, object]:
        """All that features depend on, for keys of caches."""
        return {name: value for name, value in asdict(self).items() if name in ("scale", "offset", "class_token")}


def preset_of(net: str, folder: Path) -> HubPreset:
    """The preset that a `hub:NAME` means, or a `hub:./folder` in a recipe's folder or below.

    Example:
        >>> preset_of("hub:vit_base_patch16_224_imagenet", Path()).size  # doctest: +SKIP
        (224, 224)
    """
    place = own_preset(net, folder)
    stamp = max((each.stat().st_mtime_ns for each in _pages(place)), default=0) if place else 0
    return _read(net, place, stamp)


def load_backbone(net: str, folder: Path, image_shape: tuple[int, ...], *, weights: bool) -> Any:
    """A preset's backbone for pictures of this shape, as a plain Keras model of one output."""
    from tlkit.pretrained.hdf5_weights import require_safe_weights

    place = own_preset(net, folder)
    preset, location = preset_of(net, folder), location_of(net, place)
    for each in place.glob("*.h5") if place else ():
        require_safe_weights(each)
    try:
        build = import_keras_hub(net).models.Backbone.from_preset
        with warnings.catch_warnings(action="ignore"):  # of containers within models that hold no weights
            backbone = build(location, load_weights=weights, **{preset.shape_name: image_shape})
    except Exception as error:  # Keras builds whatever layers a preset names, and these raise what they like
        raise ModelError(_refusal(net, image_shape, preset.size, error)) from error
    return _part(backbone, preset.class_token)


def content_of(net: str, folder: Path) -> str:
    """What tells a preset's weights from others: a hash where they lie beside the recipe, else its name."""
    place = own_preset(net, folder)
    if place is None:
        return f"keras_hub {importlib.metadata.version('keras_hub')} {net}"
    digest = hashlib.blake2b(digest_size=16)
    for each in sorted([place / "config.json", *place.glob("*.weights.h5"), *place.glob("*.safetensors")]):
        with regular(each).open("rb") as file:
            digest.update(hashlib.file_digest(file, "blake2b").digest())
    return digest.hexdigest()


def import_keras_hub(where: str) -> Any:
    """KerasHub, loaded without what only texts need."""
    load_keras()
    try:
        with hidden(_OF_TEXT if is_own_process() else ()):
            import keras_hub
    except ImportError as error:
        raise ModelError(f"{where}: needs KerasHub; pip install 'tlkit[hub]' ({error})") from error
    return keras_hub


@functools.lru_cache(maxsize=8)
def _read(net: str, place: Path | None, stamp: int) -> HubPreset:
    hub, location = import_keras_hub(net), location_of(net, place)
    for page in _pages(place):
        _refuse_foreign(page)
    backbone, pooling = _shapes(hub, net, location)
    converter = _converter(hub, net, location)
    own = tuple(backbone.inputs[0].shape[1:3])
    size = converter.image_size if converter else None
    size = tuple(size or (own if None not in own else (_ASSUMED_SIDE, _ASSUMED_SIDE)))
    scale, offset = (converter.scale, converter.offset) if converter else _CENTRED
    token = pooling in ("token", None) and _has_class_token(backbone)
    assumed = "" if converter else f"{net} has no image converter; its pixels are taken to go from -1 to 1"
    named = "image_shape" if hasattr(backbone, "image_shape") else "input_shape"
    resize = "crop" if converter and converter.crop_to_aspect_ratio else "squeeze"
    return HubPreset(size, _plain(scale, 1.0), _plain(offset, 0.0), token, resize, named, assumed)


def location_of(net: str, place: Path | None) -> str:
    """What KerasHub calls a preset; a bare name is one of its own, and never a folder."""
    name = net.removeprefix(catalog.HUB_PREFIX)
    known = import_keras_hub(net).models.Backbone.presets
    if place is None and "://" not in name and name not in known:
        hint = nearest(name, known) or f"A folder beside the recipe is named {catalog.HUB_PREFIX}./folder"
        raise ModelError(f"{net}: KerasHub has no preset of this name. {hint}")
    return str(place or name)


def _shapes(hub: Any, net: str, location: str) -> tuple[Any, str | None]:
    """The backbone without values, and how KerasHub's classifier pools it; None where it has no classifier."""
    from tlkit.compat.unallocated import unallocated

    with unallocated():
        try:
            backbone = hub.models.Backbone.from_preset(location, load_weights=False)
        except Exception as error:
            raise ModelError(f"{net}: cannot be had ({_first(error)}). {OFFLINE}") from error
        if len(backbone.inputs) != 1 or len(backbone.inputs[0].shape) != 4:
            names = ", ".join(each.name for each in backbone.inputs)
            raise ModelError(f"{net}: takes {names}; expected a backbone that takes pictures")
        try:
            classifier = hub.models.ImageClassifier.from_preset(
                location, load_weights=False, num_classes=1, preprocessor=None
            )
        except ValueError:  # KerasHub has none for this family
            return backbone, None
    return backbone, str(classifier.pooling)


def _converter(hub: Any, net: str, location: str) -> Any:
    """The preset's image converter; None where it has none."""
    try:
        converter = hub.layers.ImageConverter.from_preset(location)
    except (ValueError, OSError):
        return None
    if not isinstance(converter, hub.layers.ImageConverter):
        raise ModelError(f"{net}: expected an image converter, found {type(converter).__name__}")
    return converter


def _has_class_token(backbone: Any) -> bool:
    """Whether more tokens come out than there are patches; the class token is the first of those."""
    shape: Any = getattr(backbone.output, "shape", ())
    patch = getattr(backbone, "patch_size", None)
    if len(shape) != 3 or patch is None:
        return False
    height, width = (patch, patch) if isinstance(patch, int) else patch
    _, rows, columns, _ = backbone.inputs[0].shape
    return bool(shape[1] > (rows // height) * (columns // width))


def _part(backbone: Any, class_token: bool) -> Any:
    """A model of one input and one output; a plain one where Keras can save all its layers."""
    import keras

    from tlkit.layers.preset_backbone import PresetBackbone, output_of

    if all(type(each).__module__.startswith("keras.") for each in backbone.layers):
        return keras.Model(backbone.inputs[0], output_of(backbone, class_token=class_token))
    return PresetBackbone(backbone, class_token=class_token)


def _refusal(net: str, shape: tuple[int, ...], size: tuple[int, int], error: Exception) -> str:
    if shape[:2] == size:
        return f"{net}: cannot be had ({_first(error)}). {OFFLINE}"
    said = _first(error).partition(". ")[0]
    return (
        f"{net}: made for {size[0]} x {size[1]} pixels, cannot take {shape[0]} x {shape[1]} ({said}). "
        "Leave data.image_size out"
    )


def _pages(place: Path | None) -> Iterator[Path]:
    return iter(sorted(place.glob("*.json")) if place else ())


def _refuse_foreign(page: Path) -> None:
    """A preset is a description: it names classes of Keras and KerasHub, and nothing else is imported for it."""
    from tlkit.pretrained.named_classes import KERAS_HUB, modules_named, refuse_code

    try:
        description = json.loads(read_bytes(page, _MOST_BYTES))
        foreign = sorted(each for each in modules_named(description) if each.partition(".")[0] != KERAS_HUB)
        if not foreign:
            refuse_code(description)
    except (ValueError, OSError, RecursionError) as error:
        raise ModelError(f"{page}: cannot be read ({_first(error)})") from error
    if foreign:
        raise ModelError(f"{page}: names the module '{foreign[0]}'; a preset holds classes of keras and keras_hub only")


def _plain(given: Any, otherwise: float) -> float | tuple[float, ...]:
    if given is None:
        return otherwise
    return tuple(map(float, given)) if isinstance(given, list | tuple) else float(given)


def _first(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
