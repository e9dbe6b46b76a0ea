"""A mel spectrogram without a Fourier transform, which most formats of export lack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="tlkit")
class MelByConvolution(keras.layers.Layer):
    """Samples (time,) as decibels (mel bins, frames): a strided convolution with windowed waves, squared and summed.

    It takes what `keras.layers.MelSpectrogram` takes, and is within rounding of it; frequencies outside the mel bands
    are left out.
    """

    def __init__(self, mel: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mel = dict(mel)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """The waves and the bands, as constants."""
        layer, size = keras.layers.MelSpectrogram(**self.mel), self.mel["fft_length"]
        bins = size // 2 + 1
        bands = ops.convert_to_numpy(layer.linear_to_mel_weight_matrix(
            layer.num_mel_bins, bins, layer.sampling_rate, layer.min_freq, layer.max_freq
        ))  # fmt: skip
        used = np.flatnonzero(bands.any(axis=1))
        angles = 2 * np.pi * np.outer(np.arange(size), used) / size
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
        waves = np.concatenate([np.cos(angles), np.sin(angles)], axis=1) * hann[:, None]
        self._waves = waves[:, None].astype(np.float32)  # (window, 1, 2 frequencies)
        self._bands = np.concatenate([bands[used], bands[used]]).astype(np.float32)
        self._places = np.pad(np.arange(input_shape[1] or 0), size // 2, mode="reflect")  # mirrored at both ends
        self.built = True

    def call(self, samples: Any) -> Any:
        """The power of each band in decibels; the scope is what exporters know these steps by."""
        with keras.name_scope("mel_by_convolution"):
            x = ops.take(samples, self._places, axis=1)
            waves = ops.conv(ops.expand_dims(x, -1), self._waves, strides=self.mel["sequence_stride"], padding="valid")
            power = ops.matmul(ops.square(waves), self._bands)
            decibels = 10 / np.log(10) * ops.log(ops.maximum(power, self.mel["min_power"]))
            return ops.transpose(decibels, (0, 2, 1))

    def get_config(self) -> Mapping[str, Any]:
        """What it is made from."""
        return {**super().get_config(), "mel": self.mel}
