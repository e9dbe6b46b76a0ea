"""The spectrogram of exported models is that of the layer that it stands for."""

import keras
import numpy as np

from tlkit.exporting.float_copy import float_copy
from tlkit.kinds.signal.spectrogram import mel_spectrogram


def test_it_is_within_rounding_of_the_layer_it_stands_for():
    model = mel_spectrogram((2000,), sample_rate=8000, mel_bins=16, window=256, hop=64)
    sounds = np.random.default_rng(0).normal(size=(3, 2000)).astype(np.float32)
    sounds[1] = 0
    copy = float_copy(model)
    assert not any(isinstance(each, keras.layers.MelSpectrogram) for each in copy.layers)
    assert np.abs(copy.predict_on_batch(sounds) - model.predict_on_batch(sounds)).max() < 1e-4
