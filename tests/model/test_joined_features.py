"""Several blocks of a backbone joined for the head."""

import numpy as np
import pytest

import tlkit
from tlkit.errors import TlkitError
from tlkit.model.building import build_backbone

PIXELS = np.random.default_rng(0).integers(0, 255, (24, 32, 32, 3)).astype(np.uint8)
SPLITS = tlkit.Splits.from_arrays(PIXELS, [0, 1] * 12, seed=3)


@pytest.mark.slow
def test_blocks_are_joined_at_length_one_and_saved_with_the_model(tmp_path):
    model = tlkit.build("efficientnet-lite0", SPLITS.info, features=["block14", "top"])
    trained = tlkit.fit(model, SPLITS)
    assert trained.builder.parts().backbone.output_shape == (None, 192 + 1280)
    saved = tlkit.load_model(trained.save(tmp_path / "joined.keras"))
    features = saved.model.get_layer("backbone")(saved.model.get_layer("preprocessing")(PIXELS[:4])).numpy()
    np.testing.assert_allclose(np.linalg.norm(features[:, :192], axis=1), 1, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(features[:, 192:], axis=1), 1, atol=1e-3)
    answers = [each.outputs for each in saved.predict(SPLITS.test.load(range(len(SPLITS.test))))]
    np.testing.assert_allclose(answers, tlkit.evaluate(trained).outputs, atol=2e-3)


@pytest.mark.parametrize("pooling", ["average_max", "generalised_mean"])
def test_other_poolings_stand_in_the_saved_file(tmp_path, pooling):
    model = tlkit.build("cnn", SPLITS.info, filters=[4], head={"pooling": pooling})
    trained = tlkit.fit(model, SPLITS, [tlkit.Phase(epochs=1)])
    saved = tlkit.load_model(trained.save(tmp_path / "pooled.keras"))
    answers = [each.outputs for each in saved.predict(SPLITS.test.load(range(len(SPLITS.test))))]
    np.testing.assert_allclose(answers, tlkit.evaluate(trained).outputs, atol=1e-5)


def test_the_last_block_has_a_name_in_every_backbone():
    for net, width in [("efficientnet-lite0", 320), ("MobileNetV2", 320), ("ResNet50", 2048)]:
        backbone = build_backbone(tlkit.build(net, SPLITS.info, weights="none", features=["last"]).backbone)[1]
        assert backbone.output_shape == (None, width)


def test_a_block_that_is_not_there_is_named_with_those_that_are():
    model = tlkit.build("cnn", SPLITS.info, filters=[4, 8], features=["block7"])
    with pytest.raises(TlkitError, match=r"model.features: the backbone has no block 'block7'.*block2"):
        tlkit.fit(model, SPLITS, [tlkit.Phase(epochs=1)])
