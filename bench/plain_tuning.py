"""The same searches as people write them with keras-tuner: the whole model in build(hp), its own search loop."""

import json
import sys
import time

import keras
import keras_tuner
import numpy as np


class Tuner(keras_tuner.RandomSearch):
    """keras-tuner on TensorFlow imports tensorboard in each trial, which TensorFlow no longer brings: fit and score."""

    def run_trial(self, trial, *args, **kwargs):
        model = self.hypermodel.build(trial.hyperparameters)
        history = model.fit(*args, **kwargs).history
        return {name: values[-1] for name, values in history.items()}


def frozen(folder: str) -> dict:
    """Five trials of five epochs with the frozen backbone inside the model."""
    from tlkit.pretrained.efficientnet_lite import efficientnet_lite0, load_imagenet

    options = {"image_size": (224, 224), "batch_size": 32, "seed": 7}
    train, val = keras.utils.image_dataset_from_directory(
        f"{folder}/train", validation_split=0.15, subset="both", verbose=False, **options
    )

    def build(hp):
        backbone = efficientnet_lite0()
        load_imagenet(backbone)
        backbone.trainable = False
        inputs = keras.Input((224, 224, 3))
        x = backbone(keras.layers.Rescaling(1 / 128, offset=-127 / 128)(inputs), training=False)
        x = keras.layers.GlobalAveragePooling2D()(x)
        units = hp.Choice("units", [0, 64, 128, 256])
        x = keras.layers.Dense(units, activation="relu")(x) if units else x
        x = keras.layers.Dropout(hp.Float("dropout", 0, 0.6))(x)
        model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))
        rate = hp.Float("learning_rate", 1e-4, 1e-1, sampling="log")
        optimizers = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD, "rmsprop": keras.optimizers.RMSprop}
        optimizer = optimizers[hp.Choice("optimizer", list(optimizers))](rate)
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    tuner = Tuner(build, objective="val_accuracy", max_trials=5, directory="plain", seed=7, overwrite=True)
    begun = time.monotonic()
    tuner.search(train.prefetch(2), validation_data=val.prefetch(2), epochs=5, verbose=0)
    return {"seconds": time.monotonic() - begun}


def scratch(folder: str, values: str) -> dict:
    """The values that tlkit tried, one after the other."""
    from fashion import load

    with open(values) as file:
        trials = json.load(file)
    (pictures, labels), _ = load(folder)
    pictures, labels = pictures[:10_000, ..., None], labels[:10_000].astype(int)

    def build(hp):
        given = trials[hp.Int("place", 0, len(trials) - 1)]
        filters = json.loads(given["model.filters"].removeprefix("json:"))
        pool = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}[given["model.pooling.kind"]]
        net = [keras.Input((28, 28, 1)), keras.layers.Rescaling(1 / 127.5, offset=-1)]
        for width in filters:
            net += [
                keras.layers.Conv2D(width, 3, strides=given["model.stride"], padding="same", use_bias=False,
                                    kernel_initializer="he_normal"),
                keras.layers.BatchNormalization(), keras.layers.ReLU(), pool(given["model.pooling.size"]),
            ]  # fmt: skip
        model = keras.Sequential([*net, keras.layers.GlobalAveragePooling2D(), keras.layers.Dropout(0.2),
                                  keras.layers.Dense(10, activation="softmax")])  # fmt: skip
        model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    hyperparameters = keras_tuner.HyperParameters()
    hyperparameters.Int("place", 0, len(trials) - 1)
    oracle = keras_tuner.oracles.GridSearchOracle(
        objective=keras_tuner.Objective("val_accuracy", "max"), max_trials=len(trials), hyperparameters=hyperparameters
    )
    tuner = GridTuner(hypermodel=build, oracle=oracle, directory="plain", overwrite=True)
    held_out = (pictures[9000:], labels[9000:])
    tuner.search(pictures[:9000], labels[:9000], validation_data=held_out, epochs=3, batch_size=64, verbose=0)
    return {"best": max(float(np.max(each.score)) for each in tuner.oracle.get_best_trials(len(trials)))}


class GridTuner(keras_tuner.Tuner):
    """As `Tuner`, with an oracle of its own."""

    run_trial = Tuner.run_trial


if __name__ == "__main__":
    print(json.dumps({"frozen": frozen, "scratch": scratch}[sys.argv[1]](*sys.argv[2:])))
