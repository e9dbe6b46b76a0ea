"""Other views of prepared inputs, for a model's answer to be the mean over; the first axis is that of examples."""

from keras import ops

from tlkit.compat.tensors import Tensor


def first_axis_reversed(inputs: Tensor) -> Tensor:
    """Voxels (x, y, z, channels) left to right.

    Example:
        >>> ops.convert_to_numpy(first_axis_reversed(ops.array([[1, 2], [3, 4]]))).tolist()
        [[2, 1], [4, 3]]
    """
    return ops.flip(inputs, axis=1)


def second_axis_reversed(inputs: Tensor) -> Tensor:
    """Pictures (height, width, channels) left to right."""
    return ops.flip(inputs, axis=2)


def both_axes_reversed(inputs: Tensor) -> Tensor:
    """Letters (place, letter), with A, C, G and T in this order: the other strand, read from its own beginning."""
    return ops.flip(inputs, axis=(1, 2))
