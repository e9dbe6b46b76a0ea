"""How far a picture is from the content of one and the manner of others; each loss is 1 where nothing is alike."""

from __future__ import annotations

from keras import ops

from tlkit.compat.tensors import Tensor


def gram(features: Tensor) -> Tensor:
    """How often each two filters speak together, wherever they do: (batch, h, w, c) -> (batch, c, c).

    Its gradient takes one product in place of two equal ones: what follows must treat rows and columns alike.

    Reference: Gatys et al., 2016, "Image style transfer using convolutional neural networks".
    """
    shape = ops.shape(features)
    flat = ops.reshape(features, (shape[0], shape[1] * shape[2], features.shape[-1]))
    half = ops.matmul(ops.transpose(flat, (0, 2, 1)), ops.stop_gradient(flat)) / ops.cast(
        shape[1] * shape[2], "float32"
    )
    return 2 * half - ops.stop_gradient(half)


def content_loss(features: Tensor, wanted: Tensor) -> Tensor:
    """The squared difference of features, as a share of what they are."""
    return ops.mean(ops.square(features - wanted)) / (ops.mean(ops.square(wanted)) + 1e-8)


def style_loss(features: Tensor, wanted: Tensor) -> Tensor:
    """The squared difference of Gram matrices, as a share of what they are."""
    return ops.sum(ops.square(gram(features) - wanted)) / (ops.sum(ops.square(wanted)) + 1e-8)


def variation(pixels: Tensor) -> Tensor:
    """Total variation: how much neighbours differ, in shares of the range of pixels, a little rounded at zero."""
    down = (pixels[:, 1:] - pixels[:, :-1]) / 255
    right = (pixels[:, :, 1:] - pixels[:, :, :-1]) / 255
    return ops.mean(ops.sqrt(ops.square(down) + 1e-4)) + ops.mean(ops.sqrt(ops.square(right) + 1e-4))
