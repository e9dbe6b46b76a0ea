"""The first part of models of signals and sounds."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from tlkit.errors import ModelError
from tlkit.layers.standardise_signal import StandardiseSignal

_QUIET, _LOUD = 1e-8, 1000.0  # powers below -80 dB are silence; Keras's own limit looks at the whole batch, so far off


def standardised(input_shape: Sequence[int]) -> keras.Model:
    """Signals with each channel of each example at mean 0 and deviation 1.

    Example:
        >>> standardised((140, 1)).output_shape
        (None, 140, 1)
    """
    inputs = keras.Input(input_shape, dtype="float32")
    return keras.Model(inputs, StandardiseSignal(dtype="float32", name="standardise")(inputs), name="preprocessing")


def mel_spectrogram(
    input_shape: Sequence[int],
    *,
    sample_rate: int,
    mel_bins: int = 64,
    window: int = 1024,
    hop: int = 256,
    lowest: float = 20.0,
    highest: float | None = None,
    copies: int = 1,
) -> keras.Model:
    """Samples (time,) as a picture (mel bins, frames, copies) of loudness, about -1.5 at silence and 1.5 at full level.

    Example:
        >>> mel_spectrogram((16000,), sample_rate=16000).output_shape
        (None, 64, 63, 1)
    """
    _check(input_shape, sample_rate, window, hop, lowest, highest)
    inputs = keras.Input(input_shape, dtype="float32")
    decibels = keras.layers.MelSpectrogram(
        fft_length=window, sequence_stride=hop, sampling_rate=sample_rate, num_mel_bins=mel_bins,
        min_freq=lowest, max_freq=highest, min_power=_QUIET, top_db=_LOUD, dtype="float32", name="mel",
    )(inputs)  # fmt: skip
    x = keras.layers.Rescaling(1 / 40, offset=0.5, dtype="float32", name="loudness")(decibels)
    x = keras.layers.Reshape((*x.shape[1:], 1), dtype="float32", name="picture")(x)
    x = keras.layers.Concatenate(dtype="float32", name="copies")([x] * copies) if copies > 1 else x
    return keras.Model(inputs, x, name="preprocessing")


def _check(
    input_shape: Sequence[int], sample_rate: int, window: int, hop: int, lowest: float, highest: float | None
) -> None:
    top = highest if highest is not None else sample_rate / 2
    if len(input_shape) != 1 or input_shape[0] < window:
        raise ModelError(f"data: {input_shape[0]} samples are fewer than a window of {window}. Lower data.window")
    if min(window, hop) < 1 or not 0 <= lowest < top <= sample_rate / 2:
        raise ModelError(
            f"data: expected 0 <= lowest < highest <= {sample_rate / 2:g} Hz and a hop and window of at least 1, "
            f"found lowest {lowest:g}, highest {top:g}, hop {hop}, window {window}"
        )
