"""The plain Keras script of the same small net on Fashion-MNIST."""

import json
import sys
import time

import keras
import numpy as np
from fashion import load

(train_x, train_y), (test_x, test_y) = load(sys.argv[1])
epochs = int(sys.argv[2])
keras.utils.set_random_seed(7)
net = [keras.Input((28, 28, 1)), keras.layers.Rescaling(1 / 127.5, offset=-1)]
for filters in (32, 64, 128):
    net += [
        keras.layers.Conv2D(filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal"),
        keras.layers.BatchNormalization(),
        keras.layers.ReLU(),
        keras.layers.MaxPooling2D(2),
    ]
model = keras.Sequential([*net, keras.layers.GlobalAveragePooling2D(), keras.layers.Dropout(0.2),
                          keras.layers.Dense(10, activation="softmax")])  # fmt: skip
model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
train_x = train_x[..., None]
count = len(train_x) * 9 // 10
begun = time.monotonic()
model.fit(train_x[:count], train_y[:count], validation_data=(train_x[count:], train_y[count:]), batch_size=64,
          epochs=epochs, verbose=0)  # fmt: skip
seconds = time.monotonic() - begun
accuracy = float((np.argmax(model.predict(test_x[..., None], verbose=0), 1) == test_y).mean())
print(json.dumps({"rate": epochs * count / seconds, "accuracy": accuracy}))
