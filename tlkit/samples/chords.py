"""Drawn sound: single notes and chords of three, each a WAV file of one second."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np

RATE, SECONDS = 8000, 1.0
CHORDS = {"note": (0,), "major": (0, 4, 7), "minor": (0, 3, 7), "diminished": (0, 3, 6)}  # in half tones
_LOWEST, _HALF_TONE = 262.0, 2 ** (1 / 12)


def draw(folder: Path, *, count: int = 600, seed: int = 7, on_picture: Callable[[int], None] | None = None) -> None:
    """Write a folder for each class with WAV files in it.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> draw(folder, count=4)
        >>> sorted(path.parent.name for path in folder.rglob("*.wav"))
        ['diminished', 'major', 'minor', 'note']
    """
    for index in range(count):
        samples, label = draw_one(index, seed=seed)
        path = folder / label / f"{index // len(CHORDS) + 1:04d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, samples)
        if on_picture is not None:
            on_picture(index)


def draw_one(index: int, *, seed: int = 7) -> tuple[np.ndarray, str]:
    """One sound of the set, from -1 to 1, and its class.

    Example:
        >>> samples, label = draw_one(1)
        >>> samples.shape, label
        ((8000,), 'major')
    """
    rng, label = np.random.default_rng([seed, index]), tuple(CHORDS)[index % len(CHORDS)]
    root = _LOWEST * _HALF_TONE ** rng.uniform(0, 10)
    turned = rng.integers(3)  # the lowest tones of a chord may stand an octave higher
    steps = [step + 12 * (number < turned) for number, step in enumerate(CHORDS[label])]
    timbre = rng.uniform(0.05, 0.9) ** np.arange(1, 7)
    times = np.arange(int(RATE * SECONDS)) / RATE
    tones = [_tone(times, root * _HALF_TONE ** (step + rng.normal(0, 0.16)), timbre, rng) for step in steps]
    sound = np.sum(tones, axis=0)
    sound = sound / np.abs(sound).max() * rng.uniform(0.1, 0.8)
    return (sound + rng.uniform(0.0, 0.12) * rng.normal(size=len(times))).clip(-1, 1), label


def _tone(times: np.ndarray, pitch: float, timbre: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A plucked or blown tone: harmonics that begin at a moment, swell and fade, a little unsteady."""
    waver = rng.uniform(0, 0.004) * np.sin(2 * np.pi * rng.uniform(4, 7) * times) / 5
    phases = rng.uniform(0, 2 * np.pi, len(timbre))
    harmonics = (
        strength * np.sin(2 * np.pi * pitch * number * (times + waver) + phase)
        for number, (strength, phase) in enumerate(zip(timbre, phases, strict=True), start=1)
        if pitch * number < RATE / 2
    )
    since = np.maximum(times - rng.uniform(0, 0.15), 0)
    swell = 1 - np.exp(-since / rng.uniform(0.004, 0.06))
    return rng.uniform(0.35, 1.0) * swell * np.exp(-since / rng.uniform(0.2, 1.5)) * sum(harmonics)


def _write(path: Path, samples: np.ndarray) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.rint(samples * 32767).astype("<i2").tobytes())
