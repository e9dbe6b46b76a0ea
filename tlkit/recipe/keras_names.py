"""Words of Keras that a recipe may use, known without importing it; a test holds them to the installed Keras."""

from __future__ import annotations

ACTIVATIONS = (
    "relu", "gelu", "tanh", "sigmoid", "linear", "elu", "selu", "silu", "leaky_relu", "relu6", "softmax", "celu",
    "softplus", "softsign", "squareplus", "soft_shrink", "sparse_plus", "glu", "tanh_shrink", "threshold",
    "sparse_sigmoid", "exponential", "hard_sigmoid", "hard_silu", "hard_tanh", "hard_shrink", "mish", "log_softmax",
    "log_sigmoid", "sparsemax", "swish", "hard_swish",
)  # fmt: skip
INITIALIZERS = (
    "he_normal", "he_uniform", "glorot_normal", "glorot_uniform", "lecun_normal", "lecun_uniform", "orthogonal",
    "random_normal", "random_uniform", "truncated_normal", "variance_scaling", "zeros", "ones", "constant", "identity",
    "normal", "uniform", "zero", "one",
)  # fmt: skip
