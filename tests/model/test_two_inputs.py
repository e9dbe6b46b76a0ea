"""Models of an input and columns beside it: how they scale, what they are made into to be explained."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tlkit.errors import ModelError
from tlkit.model.building import BackboneSpec, assemble, build_backbone, with_fixed_columns
from tlkit.model.heads import Head, build_head
from tlkit.model.saving import load_model, save_model

HEAD = Head("softmax", 3, pooling="average", units=(4,), dropout=0.0, beside=((40.0, 10.0), (0.5, 0.25)))


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(7)
    preprocessing, backbone = build_backbone(BackboneSpec("cnn", "none", (8, 8, 3), arguments={"filters": [4]}))
    return assemble(preprocessing, backbone, build_head(backbone.output_shape[1:], HEAD))


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 255, (5, 8, 8, 3), np.uint8)


def test_it_takes_both_by_name_and_raw(model, pictures, tmp_path):
    columns = np.array([[35.0, 1.0]] * 5, np.float32)
    save_model(model, tmp_path / "model.keras", {})
    loaded, _ = load_model(tmp_path / "model.keras")
    plain = keras.saving.load_model(tmp_path / "model.keras")
    expected = model.predict_on_batch((pictures, columns))
    for each in (loaded, plain):
        found = each.predict({"input": pictures, "beside": columns}, verbose=0)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_what_is_unknown_counts_as_the_mean(model, pictures):
    unknown, means = (np.array([row] * 5, np.float32) for row in ([np.nan, np.nan], [40.0, 0.5]))
    other = np.array([[80.0, 1.0]] * 5, np.float32)
    answer = model.predict_on_batch((pictures, unknown))
    np.testing.assert_allclose(answer, model.predict_on_batch((pictures, means)), atol=1e-6)
    assert np.abs(answer - model.predict_on_batch((pictures, other))).max() > 0.01


@pytest.mark.parametrize("values", [[52.0, 1.0], [np.nan, 0.0]])
def test_held_at_values_it_is_a_model_of_the_input_alone(model, pictures, values):
    columns = np.array([values] * 5, np.float32)
    found = with_fixed_columns(model, values).predict_on_batch(pictures)
    np.testing.assert_allclose(found, model.predict_on_batch((pictures, columns)), atol=1e-6)


def test_gradients_reach_the_columns(model, pictures):
    columns = tf.constant([[35.0, 1.0]] * 5)
    with tf.GradientTape() as tape:
        tape.watch(columns)
        total = tf.reduce_sum(model([tf.constant(pictures), columns])[:, 0])
    assert np.abs(tape.gradient(total, columns)).max() > 0


def test_columns_need_pooled_features():
    with pytest.raises(ModelError, match="the head needs pooled features"):
        build_head((4, 4, 8), Head("softmax", 3, pooling="none", beside=((0.0, 1.0),)))
