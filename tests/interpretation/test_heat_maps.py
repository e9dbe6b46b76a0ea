"""Heat maps that must point where the answer was made."""

import keras
import numpy as np
import pytest
from keras import layers

import tlkit
from tlkit.errors import DataError, ModelError
from tlkit.interpretation.methods.boxes import box_around, mass_inside, overlap
from tlkit.interpretation.methods.class_activation import SplitModel, class_activation, take_apart
from tlkit.interpretation.methods.faithfulness import likeness, untrained
from tlkit.interpretation.methods.occlusion import cover


def brightness_model(*, nested=False, size=24):
    """Class 1 is a bright spot: one convolution that passes brightness on, pooling, and a dense layer."""
    inputs = keras.Input((size, size, 3))
    x = layers.Conv2D(2, 3, padding="same", activation="relu", name="conv")(inputs)
    if nested:
        backbone = keras.Model(inputs, x, name="base")
        backbone.trainable = False
        inputs = keras.Input((size, size, 3))
        x = backbone(inputs)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    model = keras.Model(inputs, layers.Dense(2, activation="softmax", name="answer")(x))
    kernel = np.zeros((3, 3, 3, 2), np.float32)
    kernel[1, 1, :, 0] = 1 / 3
    conv = model.get_layer("base").get_layer("conv") if nested else model.get_layer("conv")
    conv.set_weights([kernel, np.zeros(2)])
    model.get_layer("answer").set_weights([np.array([[-30.0, 30.0], [0, 0]]), np.array([0.2, -0.2])])
    return model


def spot(size=24):
    picture = np.zeros((size, size, 3), np.float32)
    picture[6:12, 14:20] = 1
    return picture


BOX = (14, 6, 20, 12)


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("method", ["occlusion", "gradcam"])
def test_the_map_lies_on_the_spot_that_made_the_answer(method, nested):
    found = tlkit.explain(brightness_model(nested=nested), spot(), method, class_name="1", patch=4, stride=2)
    inside, outside = mass_inside(found.heat, BOX)
    assert inside > 2 * outside
    assert overlap(found.box, BOX) > 0.3


def test_gradients_and_exact_shares_agree_behind_average_pooling():
    taken = take_apart(brightness_model())
    picture = np.random.default_rng(0).random((2, 24, 24, 3), dtype="float32")

    class ByGradient(SplitModel):
        exact = False

    exact = class_activation(taken, picture, [0, 1])
    slopes = class_activation(ByGradient(taken.layer, taken.front, taken.tail), picture, [0, 1])
    assert taken.exact
    np.testing.assert_allclose(slopes * 24 * 24, np.maximum(exact, 0), rtol=1e-3, atol=1e-4)


def test_every_position_is_covered_whatever_the_stride():
    windows = cover(np.ones((23, 17, 3), np.uint8), axes=2, patch=5, stride=4)
    covered = sum(np.asarray(each)[..., 0] != 1 for each in windows)
    assert covered.min() >= 1


def test_windows_slide_along_signals_cubes_and_whole_views():
    assert len(cover(np.ones((40, 2)), axes=1, patch=8, stride=8)) == 1 + 5
    assert len(cover(np.ones((8, 8, 8, 1)), axes=3, patch=4, stride=4)) == 1 + 8
    assert len(cover(np.ones((6, 8, 8, 1)), axes=1, patch=1, stride=1)) == 1 + 6


@pytest.mark.parametrize("fill", ["grey", "mean", "blur"])
def test_a_fill_keeps_type_and_shape(fill):
    picture = np.random.default_rng(0).integers(0, 255, (20, 20, 3)).astype(np.uint8)
    changed = cover(picture, axes=2, patch=8, fill=fill)[1]
    assert changed.dtype == np.uint8
    assert (changed[:8, :8] != picture[:8, :8]).any()
    assert (changed[8:, 8:] == picture[8:, 8:]).all()


def test_letters_can_be_covered():
    letters = np.array(list("ACGTACGTAC"))[:, None]
    with pytest.raises(DataError, match="say grey"):
        cover(letters, axes=1, patch=2, fill="mean")


def test_codes_are_covered_by_what_stands_for_nothing():
    codes = np.arange(12, dtype=np.uint8)
    assert cover(codes, axes=1, patch=4, grey=15)[1].tolist()[:5] == [15, 15, 15, 15, 4]
    with pytest.raises(DataError, match="say grey"):
        cover(codes, axes=1, patch=4, fill="blur", grey=15)


def test_a_patch_larger_than_the_picture_is_refused():
    with pytest.raises(DataError, match="larger than the input, 24 x 24"):
        tlkit.explain(brightness_model(), spot(), patch=25)


def test_an_unknown_layer_names_the_nearest():
    with pytest.raises(ModelError, match="Did you mean 'conv'"):
        tlkit.explain(brightness_model(), spot(), "gradcam", layer="conw")


def test_an_unknown_class_or_method_names_what_there_is():
    with pytest.raises(DataError, match="It knows 0, 1"):
        tlkit.explain(brightness_model(), spot(), class_name="cat")
    with pytest.raises(DataError, match="gradcam"):
        tlkit.explain(brightness_model(), spot(), "grad-cam")


def test_a_box_holds_the_largest_region():
    heat = np.zeros((10, 10))
    heat[1, 1], heat[4:8, 3:9] = 5, 3
    assert box_around(heat) == (3, 4, 9, 8)
    assert overlap((0, 0, 2, 2), (1, 0, 3, 2)) == pytest.approx(1 / 3)


def test_a_map_that_is_warm_everywhere_has_a_box_around_its_hot_part():
    heat = np.full((10, 12), 0.3)
    heat[2:6, 3:9] = 1
    assert box_around(heat) == (3, 2, 9, 6)
    assert box_around(np.ones((4, 5))) == (0, 0, 5, 4)


def test_a_region_that_winds_is_one():
    heat = np.zeros((30, 31))
    heat[::4, 1:-1], heat[2::8, 1], heat[2::8, -2] = 1, 0, 0
    for row in range(0, 28, 4):
        heat[row : row + 5, 1 if row % 8 else -2] = 1
    heat[2, 10:20] = 1  # lies between two of its turns, and apart
    assert box_around(heat) == (1, 0, 30, 29)
    assert overlap(box_around(np.eye(5)), (0, 0, 5, 5)) == 1 / 25  # corners do not touch


def test_a_good_map_deletes_faster_than_chance():
    found = tlkit.explain(brightness_model(), spot(), "gradcam", class_name="1", trust=True)
    assert found.numbers["deletion"] < found.numbers["deletion_by_chance"]
    assert found.numbers["insertion"] > found.numbers["insertion_by_chance"]
    assert found.numbers["better_than_chance"] > 0.1
    assert found.numbers["untrained_likeness"] < 1


def test_an_untrained_copy_has_other_weights_and_leaves_the_model_alone():
    model = brightness_model(nested=True)
    before = model.get_weights()
    copy = untrained(model)
    assert all(np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))
    assert not np.allclose(copy.get_weights()[0], before[0])
    heat = np.random.default_rng(0).random((4, 4))
    assert likeness(heat, heat) == pytest.approx(1)
    assert likeness(heat, -heat) == pytest.approx(-1)


def test_pooling_over_the_whole_picture_forgives_a_shift_and_flattening_does_not():
    steady = tlkit.explain(brightness_model(), spot(), "invariance", class_name="1").numbers
    keras.utils.set_random_seed(1)
    inputs = keras.Input((24, 24, 3))
    x = layers.Flatten()(layers.Conv2D(2, 3, padding="same", name="conv")(inputs))
    answer = layers.Dense(2, activation="softmax", kernel_initializer=keras.initializers.RandomNormal(stddev=1.0))
    flat = tlkit.explain(keras.Model(inputs, answer(x)), spot(), "invariance", class_name="1").numbers
    assert steady["steady_shift"] > 0.98
    assert flat["steady_shift"] < steady["steady_shift"] - 0.05
    assert steady["follows_shift"] > 0.99


def test_the_exciting_picture_excites():
    model = brightness_model()
    found = tlkit.explain(model, spot(), "filters", layer="conv", filters=(0,))
    assert found.arrays["exciting"][0].mean() > 0.9  # the filter passes brightness on
    assert found.numbers["excited_0"] > 0.3
    with pytest.raises(ModelError, match="filters 0 to 1"):
        tlkit.explain(model, spot(), "filters", layer="conv", filters=(7,))
