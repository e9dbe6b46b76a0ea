"""A model's graph as formats that begin with TensorFlow's want it: named outputs, any number of examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from tlkit.exporting.exporter import OUTPUTS


def signature(model: keras.Model) -> list[Any]:
    """A `tf.TensorSpec` for each input."""
    import tensorflow as tf

    return [tf.TensorSpec((None, *each.shape[1:]), each.dtype, name=input_name(model, i))
            for i, each in enumerate(model.inputs)]  # fmt: skip


def input_name(model: keras.Model, index: int) -> str:
    """What an input is called in every file."""
    return "inputs" if len(model.inputs) == 1 else ("inputs", "beside")[index]


def serving(model: keras.Model) -> Callable[..., Mapping[str, Any]]:
    """The model as a function of its inputs, with outputs by name."""

    def serve(*given: Any) -> Mapping[str, Any]:
        answers = model(list(given) if len(given) > 1 else given[0], training=False)
        each = answers if isinstance(answers, list | tuple) else [answers]
        return dict(zip(OUTPUTS, each, strict=False))

    return serve


def frozen(model: keras.Model) -> Any:
    """TensorFlow's function of the model with its weights in it as constants; its outputs are in their order."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    serve = tf.function(serving(model), input_signature=signature(model), autograph=False)
    return convert_variables_to_constants_v2(serve.get_concrete_function())
