"""A model asked for more than its outputs, or for other things, in one row an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tlkit.model.known import KnownExamples, with_features, with_unknown

if TYPE_CHECKING:
    import keras

View = Literal["outputs", "unknown", "features"]


def viewed(model: keras.Model, view: View, known: KnownExamples | None = None) -> keras.Model:
    """The model as it is; with the distance to what it has `known` as one number more; or its pooled features alone."""
    import keras

    if view == "outputs":
        return model
    if view == "features":
        whole = with_features(model)
        return keras.Model(whole.inputs, keras.layers.Flatten(dtype="float32")(whole.outputs[1]))
    assert known is not None, "what there is to be unknown"
    whole = with_unknown(model, known)
    outputs, unknown = whole.outputs
    return keras.Model(whole.inputs, keras.ops.concatenate([outputs, keras.ops.expand_dims(unknown, -1)], axis=-1))
