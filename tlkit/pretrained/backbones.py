"""Backbones by name, with their weights and the preprocessing that these were trained with."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
from keras import layers

from tlkit import catalog
from tlkit.errors import ModelError
from tlkit.layers.reverse_channels import ReverseChannels
from tlkit.own_files import weights_folder
from tlkit.pretrained import efficientnet_lite
from tlkit.pretrained.available_weights import OFFLINE, kept_file, require_weights
from tlkit.pretrained.hdf5_weights import require_safe_weights
from tlkit.pretrained.hub_presets import HubPreset, load_backbone
from tlkit.pretrained.model_files import open_model

Scaling = Callable[[keras.KerasTensor], keras.KerasTensor]  # raw pixels to what a backbone wants


def build_pretrained(name: str, input_shape: Sequence[int | None], weights: str) -> keras.Model:
    """A headless backbone with `weights`: imagenet, none, or a file.

    Example:
        >>> build_pretrained("MobileNetV2", (96, 96, 3), "none").output_shape
        (None, 3, 3, 1280)
    """
    line = catalog.entry(name, catalog.BACKBONES)
    build = catalog.resolve(name, catalog.BACKBONES, kind="backbone")
    lite = line is not None and line.scaling == "lite"
    if line is not None and line.origin != "tlkit":
        backbone = build(input_shape, weights if weights == "imagenet" else "none")
    else:
        backbone = build(input_shape) if lite else _application(build, name, input_shape, weights)
    if lite and weights == "imagenet":
        efficientnet_lite.load_imagenet(backbone)
    if weights not in ("imagenet", "none"):
        load_weights_file(backbone, weights)
    return backbone


def build_complete(name: str, input_shape: Sequence[int] | None, classes: int) -> keras.Model:
    """A backbone with the head of its paper and fresh weights, for looking at its sizes; no shape: its own.

    Example:
        >>> build_complete("MobileNetV2", None, 1000).count_params()
        3538984
    """
    line = catalog.entry(name, catalog.BACKBONES)
    build = catalog.resolve(name, catalog.BACKBONES, kind="backbone")
    assert line is not None, "found by the same table"
    shape = tuple(input_shape or (line.size, line.size, 3))
    if line.scaling == "lite":
        backbone = build(shape)
        x = layers.GlobalAveragePooling2D(name="pooling")(backbone.output)
        x = layers.Dropout(0.2, name="dropout")(x)
        return keras.Model(backbone.input, layers.Dense(classes, activation="softmax", name="output")(x), name=name)
    try:
        return build(weights=None, classes=classes, input_shape=shape)
    except ValueError as error:
        raise ModelError(f"{name}: {str(error).splitlines()[0]}") from error


def preset_backbone(net: str, folder: Path, input_shape: Sequence[int], weights: str) -> keras.Model:
    """A headless backbone of KerasHub, with the preset's own weights for `imagenet`."""
    backbone = load_backbone(net, folder, tuple(input_shape), weights=weights == "imagenet")
    if weights not in ("imagenet", "none"):
        load_weights_file(backbone, weights)
    return backbone


def preprocessing(scaling: str | HubPreset, input_shape: Sequence[int | None], *, channels: int) -> keras.Model:
    """The first part of a model: raw pixels to what a backbone with so many input channels was trained on."""
    inputs = keras.Input(input_shape, dtype="uint8")
    x = scaled(inputs if input_shape[-1] == channels else _tripled(inputs), scaling)
    return keras.Model(inputs, x, name="preprocessing")


def scaled(x: keras.KerasTensor, scaling: str | HubPreset) -> keras.KerasTensor:
    """Pixels from 0 to 255 as a backbone with this scaling wants them."""
    if isinstance(scaling, HubPreset):
        return _rescaled(scaling.scale, scaling.offset)(x)
    return _SCALINGS[scaling](x)


def _tripled(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Concatenate(name="grey_to_colour", dtype="float32")([x, x, x])


def load_weights_file(backbone: keras.Model, weights: str) -> None:
    """Weights from a `.weights.h5` or `.keras` file into a backbone of the same shape."""
    require_weights(None, weights)
    try:
        if weights.endswith(".keras"):
            backbone.set_weights(_backbone_of(open_model(Path(weights))).get_weights())
        else:
            require_safe_weights(Path(weights))
            with warnings.catch_warnings(action="ignore"):  # a line for each layer of which the error tells
                backbone.load_weights(weights)
    except ModelError:
        raise
    except Exception as error:  # HDF5 and zip files of other kinds
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"{weights}: does not fit {backbone.name} ({said})") from error


def _backbone_of(model: keras.Model) -> keras.Model:
    return model.get_layer("backbone") if any(each.name == "backbone" for each in model.layers) else model


def _application(
    build: Callable[..., keras.Model], name: str, input_shape: Sequence[int | None], weights: str
) -> keras.Model:
    extra = {"include_preprocessing": True} if "include_preprocessing" in inspect.signature(build).parameters else {}
    kept = kept_file(name) if weights == "imagenet" and weights_folder() else None
    asked = None if weights != "imagenet" or kept else "imagenet"
    try:
        backbone = build(weights=asked, include_top=False, input_shape=(*input_shape[:2], 3), **extra)
    except Exception as error:
        if "URL fetch failure" in str(error) or isinstance(error, OSError):
            raise ModelError(f"{name}: its ImageNet weights cannot be downloaded here. {OFFLINE}") from error
        if isinstance(error, ValueError):
            raise ModelError(f"{name}: {str(error).splitlines()[0]}") from error
        raise
    if kept:
        load_weights_file(backbone, str(kept))
    return backbone


def _rescaled(scale: float | tuple[float, ...], offset: float | tuple[float, ...]) -> Scaling:
    return lambda x: layers.Rescaling(scale, offset=offset, dtype="float32", name="scale")(x)


def _normalised(mean: Sequence[float], deviation: Sequence[float], *, reverse: bool) -> Scaling:
    def apply(x: keras.KerasTensor) -> keras.KerasTensor:
        x = layers.Rescaling(1.0, dtype="float32", name="to_float")(x)
        x = ReverseChannels(dtype="float32", name="bgr")(x) if reverse else x
        variance = [each**2 for each in deviation]
        return layers.Normalization(mean=mean, variance=variance, dtype="float32", name="standardise")(x)

    return apply


_SCALINGS = {
    "lite": _rescaled(1 / 128, -127 / 128),
    "caffe": _normalised((103.939, 116.779, 123.68), (1.0, 1.0, 1.0), reverse=True),
    "torch": _normalised((123.675, 116.28, 103.53), (58.395, 57.12, 57.375), reverse=False),
    "none": _rescaled(1.0, 0.0),
    "centred": _rescaled(1 / 127.5, -1.0),
}
