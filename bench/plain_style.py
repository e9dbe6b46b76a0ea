"""Style transfer as a tutorial writes it: pixels as the weight, Adam, a compiled step; same backbone and layers.

python bench/plain_style.py CONTENT STYLE SIZE STEPS; the last line is JSON.
"""

import json
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from tlkit.pretrained.backbones import build_pretrained
from tlkit.style.style_features import LAYERS


def read(path, size):
    """Float pixels with the longer side at `size`."""
    picture = Image.open(path).convert("RGB")
    share = size / max(picture.size)
    return np.asarray(picture.resize([round(each * share) for each in picture.size]), np.float32)[None]


def gram(x):
    """Gram matrices of features."""
    return tf.einsum("bijc,bijd->bcd", x, x) / tf.cast(tf.shape(x)[1] * tf.shape(x)[2], tf.float32)


def main(content_path, style_path, size, steps):
    """Paint and say how long it took."""
    begun = time.monotonic()
    layers, net = LAYERS["efficientnet-lite0"], build_pretrained("efficientnet-lite0", (None, None, 3), "imagenet")
    features = keras.Model(net.input, [net.get_layer(each).output for each in (*layers.style, *layers.content)])
    content, style = read(content_path, int(size)), read(style_path, int(size))
    count = len(layers.style)
    wanted_style = [gram(each) for each in features((style - 127) / 128)[:count]]
    wanted_content = features((content - 127) / 128)[count:]
    canvas, optimizer = tf.Variable(content), keras.optimizers.Adam(3.0)
    optimizer.build([canvas])

    def share(found, wanted):
        return tf.reduce_sum((found - wanted) ** 2) / tf.reduce_sum(wanted**2)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            found = features((canvas - 127) / 128)
            manner = sum(share(gram(f), w) for f, w in zip(found[:count], wanted_style, strict=True)) / count
            matter = sum(share(f, w) for f, w in zip(found[count:], wanted_content, strict=True)) / (len(found) - count)
            loss = matter + 15 * manner + 1e-4 * tf.reduce_mean(tf.image.total_variation(canvas)) / canvas.shape[1]
        optimizer.apply([tape.gradient(loss, canvas)], [canvas])
        canvas.assign(tf.clip_by_value(canvas, 0, 255))
        return manner, matter

    for _ in range(int(steps)):
        manner, matter = step()
        float(manner)
    seconds = time.monotonic() - begun
    print(json.dumps({"seconds": seconds, "style": float(manner), "content": float(matter)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
