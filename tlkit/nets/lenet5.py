"""LeNet-5: the first convolutional net in daily use, for handwritten digits."""

from tlkit.nets.stack import stack

HEADS = {
    "lenet5": {
        "pooling": "flatten",
        "units": (120, 84),
        "activation": "tanh",
        "dropout": 0.0,
        "classes": 10,
        "input_shape": (32, 32, 3),
    }
}


def lenet5(
    input_shape,
    *,
    filters=(6, 16),
    kernel=5,
    stride=1,
    padding="valid",
    pooling="average",
    pool_size=2,
    pool_stride=None,
    activation="tanh",
    batch_norm="none",
    dropout=0.0,
    initializer="glorot_uniform",
):
    """LeNet-5 up to its last pooling; the head flattens and adds 120 and 84 units.

    Reference: LeCun et al., 1998, "Gradient-based learning applied to document recognition".

    Example:
        >>> lenet5((32, 32, 3)).output_shape
        (None, 5, 5, 16)
    """
    return stack(
        "lenet5",
        input_shape,
        rank=2,
        filters=filters,
        kernel=kernel,
        stride=stride,
        padding=padding,
        pooling=pooling,
        pool_size=pool_size,
        pool_stride=pool_stride,
        activation=activation,
        batch_norm=batch_norm,
        dropout=dropout,
        initializer=initializer,
    )
