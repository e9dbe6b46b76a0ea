import keras
import numpy as np

from tlkit.layers.local_response_normalization import LocalResponseNormalization


def by_loops(x, window=5, bias=2.0, alpha=1e-4, beta=0.75):
    result = np.empty_like(x)
    channels = x.shape[-1]
    for channel in range(channels):
        first, last = max(0, channel - window // 2), min(channels, channel + window - window // 2)
        total = sum(x[..., each] ** 2 for each in range(first, last))
        result[..., channel] = x[..., channel] / (bias + alpha * total) ** beta
    return result


def test_it_divides_by_the_squares_of_the_neighbouring_channels():
    x = np.random.default_rng(0).normal(scale=50, size=(2, 3, 3, 9)).astype("float32")
    np.testing.assert_allclose(LocalResponseNormalization()(x), by_loops(x), rtol=1e-4)


def test_its_window_may_be_even_and_its_constants_others():
    x = np.random.default_rng(0).normal(size=(2, 3, 3, 5)).astype("float32")
    layer = LocalResponseNormalization(window=4, bias=1.0, alpha=0.5, beta=0.5)
    np.testing.assert_allclose(layer(x), by_loops(x, 4, 1.0, 0.5, 0.5), rtol=1e-4)


def test_half_precision_does_not_overflow():
    x = np.full((1, 2, 2, 8), 1000.0, "float16")
    result = LocalResponseNormalization(dtype="float16")(x)
    assert keras.backend.standardize_dtype(result.dtype) == "float16"
    expected = by_loops(x.astype("float32"))
    np.testing.assert_allclose(np.asarray(result, "float32"), expected, rtol=2e-3)
