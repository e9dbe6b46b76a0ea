"""The multi-view net: one backbone looks at every view of an object, and the views are pooled into one answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from tlkit import catalog
from tlkit.errors import ModelError
from tlkit.layers.views import PerView, ViewPooling

HEADS = {
    "multiview": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 10,
        "input_shape": (12, 32, 32, 1),
    },
}
_BUILDERS = {"pretrained": catalog.Entry("tlkit.pretrained.backbones:build_pretrained", "a backbone with weights")}


def multiview(
    input_shape: Sequence[int | None],
    *,
    backbone: str | Callable[..., keras.Model] = "cnn",
    options: Mapping[str, Any] | None = None,
    weights: str = "imagenet",
    pooling: str = "max",
) -> keras.Model:
    """One shared backbone over (views, height, width, channels), pooled over the views by "max" or "average".

    Args:
        backbone: a net's or pretrained backbone's catalog name, or a function `(input_shape, **options)`.
        options: the net's or function's own arguments.
        weights: for a pretrained backbone: imagenet, none or a file. Its views are to be scaled as it wants them; a
            recipe's model sees to that.

    Reference: Su et al., 2015, "Multi-view convolutional neural networks for 3D shape recognition".

    Example:
        >>> multiview((12, 32, 32, 1), options={"filters": [8, 16]}).output_shape
        (None, 8, 8, 16)
    """
    if len(input_shape) < 3:
        shape = tuple(input_shape)
        raise ModelError(f"multiview: takes input of shape (views, height, width, channels). Received: {shape}.")
    if pooling not in ("max", "average"):
        raise ModelError(f"pooling: views are pooled by 'max' or 'average'. Received: {pooling!r}.")
    shared = _build(backbone, tuple(input_shape[1:]), options or {}, weights)
    inputs = keras.Input(input_shape, name="input")
    x = PerView(shared, name="views1_backbone")(inputs)
    outputs = ViewPooling(pooling, name="views2_pool")(x)
    return keras.Model(inputs, outputs, name="multiview")


def _build(
    backbone: str | Callable[..., keras.Model],
    view_shape: Sequence[int | None],
    options: Mapping[str, Any],
    weights: str,
) -> keras.Model:
    if callable(backbone):
        return backbone(view_shape, **options)
    if not isinstance(backbone, str):
        raise ModelError(f"backbone: expected the name of a net or of a pretrained backbone. Received: {backbone!r}.")
    if backbone not in catalog.NETS and catalog.entry(backbone, catalog.BACKBONES):
        return _pretrained(backbone, view_shape, weights)
    return catalog.resolve(backbone, catalog.NETS, kind="net")(view_shape, **options)


def _pretrained(name: str, view_shape: Sequence[int | None], weights: str) -> keras.Model:
    """A backbone with weights; found by its path, because nets import nothing from their neighbours."""
    if view_shape[-1] != 3:
        raise ModelError(f"multiview: {name} takes 3 colour channels. Received: {view_shape[-1]}.")
    return catalog.resolve("pretrained", _BUILDERS, kind="backbone")(name, view_shape, weights)
