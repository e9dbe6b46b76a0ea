"""Sounds, drawn as spectrograms."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tlkit.catalog import Entry
from tlkit.kinds.kind import Kind
from tlkit.kinds.previews import SIDE, draw_lines, scaled
from tlkit.kinds.signal.signal_kind import WAVE_STEPS
from tlkit.kinds.signal.signal_nets import SOUND_NETS
from tlkit.kinds.signal.wave_inference import labelled_sounds, sounds_at


def _drawn(values: np.ndarray) -> Image.Image | None:
    """Time to the right, pitch upwards, loudness dark, of the mean of all channels."""
    wave = values.reshape(len(values), -1).astype(float).mean(1)
    size, step = 256, max(64, len(wave) // SIDE)
    if len(wave) < 2 * size:
        return draw_lines(values)
    starts = np.arange(0, len(wave) - size, step)
    windows = np.stack([wave[start : start + size] for start in starts]) * np.hanning(size)
    power = np.log10(np.abs(np.fft.rfft(windows, axis=1)) ** 2 + 1e-10).T[::-1]
    top = power.max()
    dark = 255 - scaled(np.maximum(power, top - 8))
    return Image.fromarray(dark).resize((SIDE, SIDE), Image.Resampling.BILINEAR)


SOUND = Kind(
    "sound",
    inputs_at=sounds_at,
    labelled_at=labelled_sounds,
    preparations={
        "mel_spectrogram": Entry("tlkit.kinds.signal.spectrogram:mel_spectrogram", "sound as a picture of loudness")
    },
    augmentations=WAVE_STEPS,
    draw=_drawn,
    starting_points=SOUND_NETS,
    guesses={70: "tlkit.kinds.signal.signal_guesses:guess_sounds"},
)
