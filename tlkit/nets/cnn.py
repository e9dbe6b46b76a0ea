"""The plain convolutional net: the one to begin with, and the one to tune."""

from tlkit.nets.stack import stack

HEADS = {
    "cnn": {
        "pooling": "average",
        "units": (),
        "activation": "relu",
        "dropout": 0.0,
        "classes": 10,
        "input_shape": (32, 32, 3),
    }
}


def cnn(
    input_shape,
    *,
    filters=(32, 64, 128),
    kernel=3,
    stride=1,
    padding="same",
    pooling="max",
    pool_size=2,
    pool_stride=None,
    activation="relu",
    batch_norm="before",
    dropout=0.0,
    initializer="he_normal",
):
    """Stages of convolution, BatchNorm, activation and pooling; kernel and stride are one number, or one a stage.

    Reference: the layout of VGG with one convolution a stage (Simonyan and Zisserman, 2014), BatchNorm as in Ioffe and
    Szegedy, 2015.

    Example:
        >>> cnn((32, 32, 3), filters=[16, 32], kernel=[5, 3]).output_shape
        (None, 8, 8, 32)
    """
    return stack(
        "cnn",
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
