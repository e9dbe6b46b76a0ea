"""The head: pooling, the columns beside the input, dense layers and the output of the task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NotRequired, TypedDict

from tlkit.errors import ModelError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, kw_only=True)
class HeadSettings:
    """What of a head can be chosen; the rest follows from the data."""

    pooling: str = "average"
    units: tuple[int, ...] = ()
    activation: str = "relu"
    batch_norm: bool = False
    dropout: float = 0.2
    solver: str = "auto"  # exact: its weights are solved, not trained; auto: where examples are few; or gradient


class HeadOutput(TypedDict):
    """What a task says of a head's end; the fields of `Head` of the same names."""

    output: str
    mean: NotRequired[float | tuple[float, ...]]
    deviation: NotRequired[float | tuple[float, ...]]


@dataclass(frozen=True)
class Head(HeadSettings):
    """What the last part is built from; plain data, like a `BackboneSpec`."""

    output: str  # the last activation: softmax, sigmoid or linear
    num_outputs: int
    mean: float | tuple[float, ...] | None = None  # of targets that are numbers: outputs are brought to their units
    deviation: float | tuple[float, ...] = 1.0
    beside: tuple[tuple[float, float], ...] = ()  # mean and deviation of each table column beside the input


def build_head(shape: Sequence[int], head: Head) -> keras.Model:
    """The last part: pooling, dense layers and the output of the task, in float32.

    Columns beside the input come in behind the pooling, as a second input of raw numbers; NaN stands for the mean.
    """
    try:
        return _built(shape, head)
    except (ValueError, TypeError) as error:
        said = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ModelError(f"model.head: cannot be built on {tuple(shape)}: {said}") from error


def _built(shape: Sequence[int], head: Head) -> keras.Model:
    import keras
    from keras import layers

    inputs = [keras.Input(shape)]
    x = pooled(inputs[0], head.pooling)
    if len(x.shape) != 2:
        raise ModelError(
            f"model.head.pooling: '{head.pooling}' leaves {tuple(x.shape[1:])} of each example, but the head "
            "needs pooled features. Say average, max or flatten"
        )
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
    x = layers.Dense(head.num_outputs, activation=head.output, dtype="float32", name="output")(x)
    if head.mean is not None:
        x = layers.Rescaling(head.deviation, offset=head.mean, dtype="float32", name="units")(x)
    return keras.Model(inputs if head.beside else inputs[0], x, name="head")


def joined_model(
    inputs: keras.KerasTensor,
    backbone: Callable[[keras.KerasTensor], keras.KerasTensor],
    head: keras.Model,
    *,
    name: str,
) -> keras.Model:
    """A backbone and a head as one model, which takes the columns beside the input where the head does."""
    import keras

    if len(head.inputs) == 1:
        return keras.Model(inputs, head(backbone(inputs)), name=name)
    columns = keras.Input(head.inputs[1].shape[1:], name="beside")
    return keras.Model([inputs, columns], head([backbone(inputs), columns]), name=name)


def held_head(head: keras.Model, values: Sequence[float]) -> keras.Model:
    """A head of features and columns as one of features alone, with the columns standing at these values."""
    import keras
    import numpy as np

    from tlkit.layers.appended import Appended

    scaled = head.get_layer("scale_columns")(np.asarray([values], np.float32))
    constants = np.nan_to_num(keras.ops.convert_to_numpy(scaled)[0]).tolist()
    inputs = keras.Input(head.inputs[0].shape[1:])
    x = inputs
    for layer in head.layers:
        if layer.name == "join":
            x = Appended(constants, name="join")(x)
        elif layer.name != "scale_columns" and not isinstance(layer, keras.layers.InputLayer):
            x = layer(x)
    return keras.Model(inputs, x, name="head")


def _joined(x: keras.KerasTensor, columns: keras.KerasTensor, head: Head) -> keras.KerasTensor:
    """Pooled features with the columns behind them, these at mean 0 and deviation 1."""
    import keras
    from keras import layers

    from tlkit.model.scaled_columns import scaling

    means, deviations = zip(*head.beside, strict=True)
    scaled = scaling(means, deviations, name="scale_columns")(columns)
    return layers.Concatenate(name="join")([x, keras.ops.nan_to_num(scaled)])


def pooled(x: keras.KerasTensor, pooling: str, *, name: str = "pooling") -> keras.KerasTensor:
    """The head's pooling by name, for inputs with any number of axes."""
    from keras import layers, ops

    rank = len(x.shape) - 2
    if rank == 0 or pooling == "none":
        return x
    if pooling == "flatten":
        return layers.Flatten(name="flatten")(x)
    if pooling == "average_max":
        return layers.Concatenate(name=name)([pooled(x, each, name=f"{name}_{each}") for each in ("average", "max")])
    if pooling == "generalised_mean":  # of cubes; what is below zero counts as zero
        return ops.power(pooled(ops.power(ops.relu(x), 3), "average", name=name) + 1e-6, 1 / 3)
    kind = {"average": "GlobalAveragePooling", "max": "GlobalMaxPooling"}[pooling]
    return getattr(layers, f"{kind}{rank}D")(name=name)(x)
