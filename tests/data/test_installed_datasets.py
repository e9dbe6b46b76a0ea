"""Data sets of Hugging Face and of TensorFlow Datasets, where those are installed."""

import numpy as np
import pytest
from picture_faults import draw_scene

from tlkit import Splits
from tlkit.errors import DataError


def pictures(count=24):
    """Scenes and their labels."""
    return [draw_scene(seed, width=64, height=56) for seed in range(count)], [seed % 2 for seed in range(count)]


@pytest.mark.parametrize("bytes_inside", [True, False])
def test_a_hugging_face_dataset_in_one_line(tmp_path, monkeypatch, bytes_inside):
    datasets = pytest.importorskip("datasets", reason="Hugging Face datasets is not installed")
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path / "cache"))
    drawn, labels = pictures()
    if not bytes_inside:  # as `load_dataset("imagefolder")` gives them
        for place, picture in enumerate(drawn):
            picture.save(tmp_path / f"{place}.png")
        drawn = [str(tmp_path / f"{place}.png") for place in range(len(drawn))]
    kinds = datasets.Features({"image": datasets.Image(), "labels": datasets.ClassLabel(names=["hill", "lake"])})
    dataset = datasets.Dataset.from_dict({"image": drawn, "labels": labels}, features=kinds)
    splits = Splits.from_frame(dataset.to_pandas(), image="image", label="labels", image_size=(56, 64))
    assert sum(splits.counts().values()) == 24
    rows = np.concatenate([part.load(range(len(part))) for part in splits.parts().values()])
    wanted = {np.asarray(picture).tobytes() for picture in pictures()[0]}
    assert {row.tobytes() for row in rows} == wanted


def test_a_tensorflow_dataset_in_one_line(tmp_path):
    tfds = pytest.importorskip("tensorflow_datasets", reason="TensorFlow Datasets is not installed")

    class Scenes(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            kinds = {"image": tfds.features.Image(shape=(56, 64, 3)), "label": tfds.features.ClassLabel(num_classes=2)}
            return tfds.core.DatasetInfo(
                builder=self, features=tfds.features.FeaturesDict(kinds), supervised_keys=("image", "label")
            )

        def _split_generators(self, dl_manager):
            return {"train": self._generate_examples()}

        def _generate_examples(self):
            for place, (picture, label) in enumerate(zip(*pictures(), strict=True)):
                yield place, {"image": np.asarray(picture), "label": label}

    builder = Scenes(data_dir=tmp_path)
    builder.download_and_prepare()
    splits = Splits.from_dataset(builder.as_dataset(split="train", as_supervised=True))
    assert sum(splits.counts().values()) == 24
    assert splits.info.input_shape == (56, 64, 3)
    rows = np.concatenate([part.load(range(len(part))) for part in splits.parts().values()])
    assert {row.tobytes() for row in rows} == {np.asarray(picture).tobytes() for picture in pictures()[0]}


def test_pictures_of_several_sizes_say_how_to_bring_them_to_one():
    import tensorflow as tf

    def examples():
        yield np.zeros((8, 8, 3), np.uint8), 0
        yield np.zeros((8, 9, 3), np.uint8), 1

    kinds = (tf.TensorSpec((None, None, 3), tf.uint8), tf.TensorSpec((), tf.int64))
    with pytest.raises(DataError, match=r"one shape, found \(8, 8, 3\) and \(8, 9, 3\).*tf.image.resize"):
        Splits.from_dataset(tf.data.Dataset.from_generator(examples, output_signature=kinds))
