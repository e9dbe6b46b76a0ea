"""The plain Keras transfer-learning script: a frozen backbone inside the model, five epochs over the pictures."""

import json
import sys

import keras

from tlkit.pretrained.efficientnet_lite import efficientnet_lite0, load_imagenet

folder = sys.argv[1]
options = {"image_size": (224, 224), "batch_size": 32, "seed": 7}
train, val = keras.utils.image_dataset_from_directory(
    f"{folder}/train", validation_split=0.15, subset="both", verbose=False, **options
)
test = keras.utils.image_dataset_from_directory(f"{folder}/test", shuffle=False, verbose=False, **options)

backbone = efficientnet_lite0()
load_imagenet(backbone)
backbone.trainable = False
inputs = keras.Input((224, 224, 3))
x = keras.layers.Rescaling(1 / 128, offset=-127 / 128)(inputs)
x = backbone(x, training=False)
x = keras.layers.GlobalAveragePooling2D()(x)
x = keras.layers.Dropout(0.2)(x)
model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))
model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train.prefetch(2), validation_data=val.prefetch(2), epochs=5, verbose=0)
model.save(sys.argv[2])
print(json.dumps({"accuracy": model.evaluate(test, verbose=0, return_dict=True)["accuracy"]}))
