"""Guesses of data that are signals and sounds: a table with a signal a row, WAV files, recordings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tlkit.kinds.detection.guess import Guess
from tlkit.kinds.detection.layouts import find_layout, first_lines, labelled_guess
from tlkit.kinds.signal.signal_files import inspect_recordings

_LISTENED_TO = 200  # files, for their lengths
_WINDOW = 0.032  # seconds of a spectrum: short enough for speech
_SOUND_NET = {
    "net": "cnn",
    "filters": [32, 64, 64],
    "padding": "same",
    "pooling": {"kind": "max", "size": 2},
    "head": {"pooling": "flatten", "dropout": 0.3},
}


def guess_signals(path: Path, files: Sequence[Path]) -> Guess | None:
    """A table with a signal a row."""
    tables = [each for each in files if each.suffix.lower() in (".tsv", ".csv", ".txt")]
    if not tables or len(tables) > 4 or not all(_is_numbers(each) for each in tables):
        return None
    why = {"source": "guessed: a row of numbers a signal", "label": "guessed: the class is the first column"}
    model = {"net": "resnet1d", "filters": [32, 64, 64]}
    return Guess({"source": "signals", "label": "first"}, why, model)


def _is_numbers(file: Path) -> bool:
    cells = re.split(r"[\t,; ]+", first_lines(file, 1))
    return len(cells) > 16 and all(re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", each, re.I) for each in cells)


def guess_recordings(path: Path, files: Sequence[Path]) -> Guess | None:
    """Recordings, a file each, in class folders or with the class in their names."""
    layout = find_layout(path, files, {".npy", ".csv", ".tsv"}, "recordings")
    if layout is None:
        return None
    model = {"net": "resnet1d", "filters": [32, 64, 64]}
    return labelled_guess(layout, Guess({"source": "signals"}, {"source": "guessed: a file a signal"}, model))


def guess_sounds(path: Path, files: Sequence[Path]) -> Guess | None:
    """WAV files in class folders, or with the class in their names."""
    layout = find_layout(path, files, {".wav", ".wave"}, "sounds")
    if layout is None:
        return None
    data, why = _spectrogram(layout.files)
    why["source"] = "guessed: as signals, not spectrograms: `source: signals`"
    training = {"epochs": 30, "batch_size": 16, "learning_rate": 0.003}
    augment = [{"shift": 0.1}, {"time_mask": 0.2}]
    return labelled_guess(layout, Guess({"source": "sounds", **data}, why, dict(_SOUND_NET), training, augment))


def _spectrogram(files: Sequence[Path]) -> tuple[dict[str, object], dict[str, str]]:
    """Length and windows that suit these sounds."""
    found = inspect_recordings(list(files[:: max(1, len(files) // _LISTENED_TO)]), None)
    lengths = [each.length / each.rate for each in found if each.rate]
    if not lengths:
        return {}, {}
    rate = Counter(each.rate for each in found if each.rate).most_common(1)[0][0]
    usual = float(np.ceil(100 * np.quantile(lengths, 0.95, method="higher")) / 100)
    window = 2 ** round(np.log2(min(_WINDOW, usual / 8) * rate))
    data = {"seconds": usual, "mel_bins": 40, "window": window, "hop": window // 2}
    why = {
        "seconds": f"19 of 20 are within it, the longest of {len(lengths)} lasts {max(lengths):.2f}; the rest is cut",
        "mel_bins": "bands of pitch",
        "window": f"samples of a spectrum, {1000 * window / rate:.0f} ms; longer for music",
    }
    return data, why
