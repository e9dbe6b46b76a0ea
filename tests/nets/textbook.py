"""The paper's whole model for a test: a net with the head that its module names, and its multiply-adds."""

import importlib
import math

import keras
from keras import layers

from tlkit import catalog
from tlkit.model.layer_table import layer_rows, totals


def heads_of(name):
    """The HEADS entry of a catalog name."""
    module = catalog.NETS[name].target.partition(":")[0]
    return importlib.import_module(module).HEADS[name]


def whole(name, *, input_shape=None, classes=None, **sizes):
    """A net under its own head."""
    head = heads_of(name)
    net = catalog.resolve(name, catalog.NETS, kind="net")(input_shape or head["input_shape"], **sizes)
    x = _pooled(net.output, head["pooling"])
    for number, units in enumerate(head["units"]):
        x = layers.Dense(units, activation=head["activation"], kernel_initializer="zeros", name=f"head_dense{number}")(
            x
        )
        x = layers.Dropout(head["dropout"])(x)
    return keras.Model(net.input, layers.Dense(classes or head["classes"], activation="softmax", name="classes")(x))


def _pooled(x, pooling):
    if pooling == "flatten":
        return layers.Flatten()(x)
    averages = {3: layers.GlobalAveragePooling1D, 4: layers.GlobalAveragePooling2D}
    return averages[len(x.shape)]()(x) if pooling == "average" else x


def trainable(model):
    """The number of trainable parameters."""
    return sum(math.prod(each.shape) for each in model.trainable_weights)


def multiply_adds(model):
    """The multiply-adds that `tlkit summary` would show."""
    return totals(layer_rows(model)).multiply_adds
