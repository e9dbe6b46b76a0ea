"""Signals over time, drawn as lines, and what suits them and sounds."""

from __future__ import annotations

from tlkit.catalog import Entry
from tlkit.kinds.kind import Kind
from tlkit.kinds.previews import draw_lines
from tlkit.kinds.signal.signal_nets import SIGNAL_NETS
from tlkit.kinds.signal.wave_inference import labelled_signals, signals_at

WAVE_STEPS = ("shift", "scale", "stretch", "noise", "time_mask")

SIGNAL = Kind(
    "signal",
    inputs_at=signals_at,
    labelled_at=labelled_signals,
    preparations={
        "standardise": Entry("tlkit.kinds.signal.spectrogram:standardised", "signals at mean 0 and deviation 1")
    },
    augmentations=WAVE_STEPS,
    draw=draw_lines,
    starting_points=SIGNAL_NETS,
    guesses={
        20: "tlkit.kinds.signal.signal_guesses:guess_signals",
        100: "tlkit.kinds.signal.signal_guesses:guess_recordings",
    },
)
