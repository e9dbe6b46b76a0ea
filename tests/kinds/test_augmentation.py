"""Augmentation: what a seed gives, and that nothing but image, seed and steps decides it."""

import importlib.util
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tlkit.errors import RecipeError
from tlkit.kinds.augment.affine import Warp
from tlkit.kinds.augment.augmentation_names import MIXES, read_steps
from tlkit.kinds.augment.pipeline import build
from tlkit.kinds.augment.random_draws import Draws, seeds_for
from tlkit.kinds.kind import kind_of

EXAMPLES = {
    "flip": "horizontal",
    "rotation": 0.2,
    "zoom": 0.3,
    "translation": 0.2,
    "contrast": 0.5,
    "brightness": 0.3,
    "rand_augment": {"num_ops": 1, "factor": 0.5},
    "erasing": [1.0, 1.0],
}
ALL = [{name: value} for name, value in EXAMPLES.items()]


def pictures(count=6, *, size=12, channels=3, dtype="uint8"):
    return np.random.default_rng(0).integers(0, 256, (count, size, size, channels)).astype(dtype)


@pytest.fixture(scope="module")
def everything():
    return build(ALL)


def test_the_examples_here_cover_the_table():
    assert set(EXAMPLES) | MIXES == set(kind_of("image").augmentations)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_augmentation_changes_pictures_differently_for_different_seeds(name):
    images = np.repeat(pictures(1), 12, axis=0)
    changed = build([{name: EXAMPLES[name]}]).batch(images, np.arange(12))
    assert changed.shape == images.shape
    assert changed.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 255
    assert len(np.unique(changed, axis=0)) >= 2
    assert np.any(changed != images)


@pytest.mark.parametrize("steps", [*([step] for step in ALL), ALL], ids=[*EXAMPLES, "all"])
def test_a_picture_is_changed_alike_alone_in_a_batch_and_in_any_order(steps):
    images, seeds, augmentation = pictures(), np.arange(6) + 2**40, build(steps)
    together = augmentation.batch(images, seeds)
    alone = augmentation.batch(images[4:5], seeds[4:5])
    backwards = augmentation.batch(images[::-1], seeds[::-1])
    np.testing.assert_array_equal(alone[0], together[4])
    np.testing.assert_array_equal(backwards[::-1], together)


def test_two_builds_of_the_same_steps_agree(everything):
    images, seeds = pictures(), np.arange(6)
    np.testing.assert_array_equal(build(ALL).batch(images, seeds), everything.batch(images, seeds))


def test_a_dataset_gives_what_the_batch_gives_however_parallel(everything):
    images, seeds = pictures(), np.arange(6)
    pairs = tf.data.Dataset.from_tensor_slices((images, seeds))
    first, second = (
        np.stack(list(pairs.map(everything.one, num_parallel_calls=calls).as_numpy_iterator())) for calls in (1, 4)
    )
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, everything.batch(images, seeds), atol=1e-2)


def test_pictures_of_unknown_size_can_be_changed_by_all_but_erasing():
    augmentation, images = build([step for step in ALL if "erasing" not in step]), pictures()
    signature = [tf.TensorSpec([None, None, 3], tf.uint8), tf.TensorSpec([], tf.int64)]
    one = tf.function(augmentation.one, input_signature=signature)
    np.testing.assert_allclose(one(images[0], 0), augmentation.batch(images[:1], np.zeros(1))[0], atol=1e-2)


def test_outside_a_graph_the_pictures_are_the_same(everything):
    changed = everything.batch(pictures(), np.arange(6))
    for seed in (0, 1, 2):
        np.testing.assert_allclose(everything.one(pictures()[seed], seed), changed[seed], atol=1e-2)


@pytest.mark.parametrize("seed", [5, np.int32(5), np.int64(5), tf.constant(5), tf.constant(5, tf.int64)])
def test_a_seed_of_any_integer_type_means_the_same(seed):
    assert Draws(seed).next().numpy().tolist() == [5, 1]


def test_large_seeds_use_all_their_bits():
    assert Draws(2**62 + 3).next().numpy().tolist() == [3, -(2**31) + 1]
    assert Draws(2**62 - 1).next().numpy().tolist() == [2**31 - 1, -(2**31)]


def test_bytes_and_floats_of_the_same_picture_are_changed_alike(everything):
    pair = (everything.batch(pictures(dtype=dtype), np.arange(6)) for dtype in ("uint8", "float32"))
    np.testing.assert_array_equal(*pair)


def test_grey_pictures_can_be_changed():
    changed = build([{"rand_augment": {"num_ops": 3}}]).batch(pictures(40, channels=1), np.arange(40))
    assert changed.shape == (40, 12, 12, 1)
    assert np.isfinite(changed).all()


def test_a_global_precision_changes_nothing(everything):
    plain = everything.batch(pictures(), np.arange(6))
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        np.testing.assert_array_equal(build(ALL).batch(pictures(), np.arange(6)), plain)
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs a second backend")
def test_another_backend_of_keras_gives_the_same_pictures(tmp_path, everything):
    code = (
        "import numpy as np, test_augmentation as t; "
        f"np.save({str(tmp_path / 'there.npy')!r}, t.build(t.ALL).batch(t.pictures(), np.arange(6)))"
    )
    environment = os.environ | {
        "KERAS_BACKEND": "jax",
        "PYTHONPATH": os.pathsep.join([os.path.dirname(__file__), *sys.path]),
    }
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    np.testing.assert_array_equal(np.load(tmp_path / "there.npy"), everything.batch(pictures(), np.arange(6)))


def test_no_steps_only_make_floats():
    np.testing.assert_array_equal(build([]).batch(pictures(), np.arange(6)), pictures().astype("float32"))
    np.testing.assert_array_equal(build(None).one(pictures()[0], 0), pictures()[0].astype("float32"))


def test_a_flip_is_the_picture_or_its_mirror_about_as_often():
    images = np.repeat(pictures(1), 200, axis=0)
    changed = build([{"flip": "horizontal"}]).batch(images, seeds_for(map(str, range(200)), seed=0, view=0))
    mirrored = (changed == images[:, :, ::-1]).all(axis=(1, 2, 3))
    assert np.all(mirrored | (changed == images).all(axis=(1, 2, 3)))
    assert 70 < mirrored.sum() < 130


def test_contrast_goes_both_ways():
    images = np.full((40, 8, 8, 3), 100, "uint8")
    images[:, ::2] = 120
    spread = np.ptp(build([{"contrast": 0.5}]).batch(images, np.arange(40)), axis=(1, 2, 3))
    assert 10 <= spread.min() < 18
    assert 22 < spread.max() <= 30.01


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.RandomFlip("horizontal"),
        keras.layers.RandomFlip("vertical"),
        keras.layers.RandomRotation(0.3),
        keras.layers.RandomZoom(0.3, 0.2),
        keras.layers.RandomTranslation(0.3, 0.2),
    ],
    ids=lambda layer: layer.name,
)
def test_a_shared_resampling_does_what_each_layer_does(layer):
    still = keras.layers.RandomRotation(0.0)
    images = tf.cast(pictures(1, size=15)[:, :11], "float32")
    for seed in range(5):
        own = layer.transform_images(images, layer.get_random_transformation(images, seed=Draws(seed)))
        np.testing.assert_allclose(Warp([layer, still])(images, Draws(seed)), own, atol=0.05)


def test_a_shared_resampling_moves_in_the_order_of_the_steps():
    images = tf.cast(np.indices((41, 41)).sum(0)[None, ..., None], "float32")
    layers = [
        keras.layers.RandomFlip("horizontal"),
        keras.layers.RandomRotation((0.05, 0.1)),
        keras.layers.RandomTranslation((0.1, 0.2), (0.1, 0.2)),
        keras.layers.RandomZoom((-0.3, -0.2)),
    ]
    for seed in range(4):
        draws, inturn = Draws(seed), images
        for layer in layers:
            inturn = layer.transform_images(inturn, layer.get_random_transformation(images, seed=draws))
        middle = np.s_[:, 15:26, 15:26]
        np.testing.assert_allclose(Warp(layers)(images, Draws(seed))[middle], inturn[middle], atol=0.3)


def test_unlike_fillings_are_resampled_one_by_one():
    steps = [{"rotation": {"factor": 0.2, "fill_mode": "constant"}}, {"zoom": 0.2}]
    assert build(steps).batch(pictures(), np.arange(6)).shape == (6, 12, 12, 3)


def test_mixup_and_cutmix_move_targets_as_they_mix_pictures():
    images = np.zeros((8, 40, 40, 1), "float32")
    images[:4] = 200
    targets = np.eye(2, dtype="float32")[[0] * 4 + [1] * 4]
    for name in sorted(MIXES):
        pairs = [build([{name: 1.0}]).mix(images, targets, seed) for seed in range(5)]
        mixed, shares = (np.concatenate(each) for each in zip(*pairs, strict=True))
        np.testing.assert_allclose(np.mean(mixed, axis=(1, 2, 3)) / 200, shares[:, 0], atol=0.06)
        np.testing.assert_allclose(np.sum(shares, axis=1), 1, atol=1e-6)
        assert np.any((shares > 0.01) & (shares < 0.99))


def test_a_mix_is_a_function_of_batch_and_seed():
    images, targets = pictures(), np.eye(6, dtype="float32")
    steps = [{"mixup": 0.2}, {"cutmix": 1.0}]
    first, again, other = (build(steps).mix(images, targets, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    np.testing.assert_allclose(tf.function(build(steps).mix)(images, targets, 1)[0], first[0], atol=1e-2)
    assert np.any(first[0] != other[0])


def test_a_batch_gets_one_of_several_mixes():
    images, targets = np.zeros((2, 4, 4, 1)), np.eye(2)
    images[0] = 100
    augmentation = build([{"cutmix": 1.0}, {"mixup": 1.0}])
    mixed = [np.unique(augmentation.mix(images, targets, seed)[0]) for seed in range(30)]
    blended = [np.any((values > 0) & (values < 100)) for values in mixed]
    assert any(blended)
    assert not all(blended)


def test_mixes_says_whether_there_is_any_and_without_one_nothing_is_mixed():
    assert build([{"cutmix": 1.0}]).mixes
    assert not build([{"flip": "horizontal"}]).mixes
    images, targets = build([]).mix(pictures(), np.eye(6), 0)
    np.testing.assert_array_equal(images, pictures())
    np.testing.assert_array_equal(targets, np.eye(6))


def test_mixing_refuses_targets_that_are_no_matrix():
    with pytest.raises(ValueError, match=r"received \(6,\)"):
        build([{"mixup": 0.2}]).mix(pictures(), np.arange(6), 0)


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """A folder for files of one's own, the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_own_function_gets_picture_seed_and_arguments(beside):
    (beside / "mine.py").write_text(
        "import tensorflow as tf\n"
        "def shade(image, seed, *, most=10):\n"
        "    return image * 0 + tf.random.stateless_uniform([], seed, 0, most)\n"
    )
    augmentation = build([{"mine.py:shade": {"most": 50}}], folder=beside)
    values = augmentation.batch(pictures(), np.arange(6))[:, 0, 0, 0]
    assert len(set(values)) == 6
    assert 10 < max(values) <= 50
    assert build([{"mine.py:shade": None}], folder=beside).batch(pictures(), np.arange(6)).max() <= 10


def test_all_misspelt_names_are_refused_at_once_with_the_nearest():
    with pytest.raises(RecipeError) as caught:
        build([{"rotatoin": 0.1}, {"flip": "horizontal"}, {"zom": 0.2}])
    assert caught.value.problems == [
        "augment[0]: unknown augmentation 'rotatoin'. Did you mean 'rotation'?",
        "augment[2]: unknown augmentation 'zom'. Did you mean 'zoom'?",
    ]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"rotation": {"facter": 0.1}}, r"augment\[0\]: rotation: unknown argument 'facter'. Did you mean 'factor'\?"),
        ({"rotation": {"seed": 1}}, "unknown argument 'seed'"),
        ({"rotation": 7}, r"augment\[0\]: rotation: .*in the range"),
        ({"zoom": None}, r"augment\[0\]: zoom: .*height_factor"),
        ({"flip": "sideways"}, r"augment\[0\]: flip: .*sideways"),
        ("flip", "expected one name with its value"),
        ({"flip": "horizontal", "zoom": 0.1}, "expected one name with its value"),
        ({"mine.py:shade": 3}, "expected a mapping of the arguments"),
        ({"mine.py:shade": {}}, "no such file"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused(step, told, tmp_path):
    with pytest.raises(RecipeError, match=told):
        build([step], folder=tmp_path)


def test_an_own_function_refuses_unknown_arguments(beside):
    (beside / "mine.py").write_text("def shade(image, seed, *, most=10):\n    return image\n")
    with pytest.raises(RecipeError, match=r"unknown argument 'mots'\. Did you mean 'most'"):
        build([{"mine.py:shade": {"mots": 3}}], folder=beside)


def test_steps_are_read_without_keras():
    module = "tlkit.kinds.augment.augmentation_names"
    code = f"import sys, {module}; sys.exit(bool({{'keras', 'numpy', 'tensorflow'}} & set(sys.modules)))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0


def test_a_single_value_means_the_main_argument():
    steps = read_steps([{"translation": 0.1}, {"mixup": 0.2}, {"flip": None}])
    assert [step.arguments for step in steps] == [{"height_factor": 0.1, "width_factor": 0.1}, {"alpha": 0.2}, {}]


def test_seeds_depend_on_id_view_and_recipe_seed_and_stay_the_same():
    seeds = seeds_for(["a", "b"], seed=0, view=0)
    assert seeds.tolist() == [4408071414745896774, 8617390136691721539]
    assert seeds.dtype == np.int64
    others = [*seeds_for(["a"], seed=0, view=1), *seeds_for(["a"], seed=1, view=0), *seeds]
    assert len(set(others)) == 4
    assert min(others) >= 0


def test_the_fingerprint_follows_steps_and_own_files_but_not_mixes(beside):
    own = beside / "mine.py"
    own.write_text("def shade(image, seed):\n    return image\n")
    prints = [build([{"mine.py:shade": None}], folder=beside).fingerprint]
    own.write_text("def shade(image, seed):\n    return image + 1\n")
    prints += [build([{"mine.py:shade": None}], folder=beside).fingerprint]
    prints += [build(steps).fingerprint for steps in ([{"zoom": 0.1}], [{"zoom": 0.2}], [])]
    assert len(set(prints)) == 5
    assert build([{"zoom": {"height_factor": 0.1}}, {"mixup": 0.2}]).fingerprint == build([{"zoom": 0.1}]).fingerprint


def test_a_step_is_tried_on_a_piece_of_a_large_example_and_on_the_whole_where_a_piece_is_too_small(beside):
    (beside / "own.py").write_text(
        "import tensorflow as tf\n"
        "def within(picture, seed, *, low, high):\n"
        "    values = tf.reduce_sum(tf.ones_like(picture))\n"
        "    tf.debugging.assert_greater(values, low)\n"
        "    tf.debugging.assert_less(values, high)\n"
        "    return picture\n"
    )
    for low, high in ((0.0, 1e6), (2e6, 4e6)):
        build([{"own.py:within": {"low": low, "high": high}}], folder=beside, shape=(1000, 1000, 3))
    with pytest.raises(RecipeError, match=r"fails on an example of shape \(1000, 1000, 3\)"):
        build([{"own.py:within": {"low": 4e6, "high": 5e6}}], folder=beside, shape=(1000, 1000, 3))
