"""TensorFlow's fused kernels against Keras's own steps."""

import keras
import numpy as np
import pytest

from tlkit.training.compiling import make_optimizer

pytestmark = pytest.mark.contract

CASES = [
    ({"name": "adam"}, lambda: keras.optimizers.Adam(0.01)),
    ({"name": "adam", "clip_norm": 0.1}, lambda: keras.optimizers.Adam(0.01, clipnorm=0.1)),
    ({"name": "adamw", "weight_decay": 0.1}, lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1)),
    ({"name": "sgd"}, lambda: keras.optimizers.SGD(0.01, momentum=0.9)),
    ({"name": "sgd", "momentum": 0.0}, lambda: keras.optimizers.SGD(0.01)),
    ({"name": "sgd", "nesterov": True}, lambda: keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True)),
    ({"name": "rmsprop"}, lambda: keras.optimizers.RMSprop(0.01)),
    ({"name": "rmsprop", "momentum": 0.5}, lambda: keras.optimizers.RMSprop(0.01, momentum=0.5)),
]


def trained(optimizer):
    """Weights and moments behind ten steps."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input((6,))
    model = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Dense(5, activation="tanh")(inputs)))
    model.compile(optimizer=optimizer, loss="mse")
    rng = np.random.default_rng(1)
    for _ in range(10):
        model.train_on_batch(rng.normal(size=(8, 6)).astype("float32"), rng.normal(size=(8, 3)).astype("float32"))
    return [*model.get_weights(), *(np.asarray(each) for each in optimizer.variables)]


@pytest.mark.parametrize(("settings", "plain"), CASES, ids=lambda each: str(each) if isinstance(each, dict) else "")
def test_a_fused_optimizer_does_what_kerass_own_does(settings, plain):
    fused = make_optimizer(learning_rate=0.01, **settings)
    assert "update_step" in vars(fused)
    own = plain()
    assert "update_step" not in vars(own)
    for mine, other in zip(trained(fused), trained(own), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-6)


def test_rows_of_words_are_updated_sparsely_as_ever():
    keras.utils.set_random_seed(3)
    inputs = keras.Input((2,), dtype="int32")
    model = keras.Model(inputs, keras.layers.Flatten()(keras.layers.Embedding(4, 3)(inputs)))
    model.compile(optimizer=make_optimizer(name="adam", learning_rate=0.01), loss="mse")
    before = model.get_weights()[0].copy()
    model.train_on_batch(np.array([[1, 2]]), np.ones((1, 6), "float32"))
    changed = np.any(model.get_weights()[0] != before, axis=1)
    assert changed.tolist() == [False, True, True, False]


def test_a_model_with_a_fused_optimizer_is_saved_as_plain_keras_would(tmp_path):
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    model.compile(optimizer=make_optimizer(name="adam", learning_rate=0.01), loss="mse")
    model.train_on_batch(np.ones((4, 2)), np.ones((4, 1)))
    model.save(tmp_path / "a.keras")
    assert type(keras.saving.load_model(tmp_path / "a.keras").optimizer) is keras.optimizers.Adam
