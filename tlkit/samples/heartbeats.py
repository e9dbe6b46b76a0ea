"""Drawn heartbeats: four seconds of one electrode as a sum of bumps, sound or with one of three faults of rhythm."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

LABELS = ("normal", "premature", "pause", "fibrillation")
RATE, SECONDS = 100, 4

# the waves of one beat: seconds from its peak, height, width; P comes from the atria, QRS and T from the ventricles
_P = ((-0.17, 0.13, 0.024),)
_QRS = ((-0.032, -0.12, 0.010), (0.0, 1.0, 0.012), (0.034, -0.22, 0.011))
_T = ((0.24, 0.28, 0.045),)
_WIDE = ((-0.03, 0.75, 0.035), (0.06, -0.35, 0.045))  # a beat that the ventricles began themselves

Waves = tuple[tuple[float, float, float], ...]
Beat = tuple[float, Waves, float]  # when it has its peak, its waves, and how long after the one before it


def draw(folder: Path, *, count: int = 600, seed: int = 7, on_picture: Callable[[int], None] | None = None) -> None:
    """Write `heartbeats.csv` into a folder: a row for each signal, its class in the first column.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> draw(folder, count=4)
        >>> len((folder / "heartbeats.csv").read_text().splitlines())
        5
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "heartbeats.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["rhythm", *range(RATE * SECONDS)])
        for index in range(count):
            values, label = draw_one(index, seed=seed)
            writer.writerow([label, *(f"{value:.3f}" for value in values)])
            if on_picture is not None:
                on_picture(index)


def draw_one(index: int, *, seed: int = 7) -> tuple[np.ndarray, str]:
    """One signal of the set in millivolts, and its class.

    Reference: McSharry et al., 2003, "A dynamical model for generating synthetic electrocardiogram signals".

    Example:
        >>> values, label = draw_one(0)
        >>> values.shape, label
        ((400,), 'normal')
    """
    rng, label = np.random.default_rng([seed, index]), LABELS[index % len(LABELS)]
    times = np.arange(RATE * SECONDS) / RATE
    values = np.zeros_like(times)
    for peak, waves, pace in _RHYTHMS[label](rng):
        values += _beat(times - peak, waves, pace, rng)
    if label == "fibrillation":
        values += rng.uniform(0.02, 0.07) * np.sin(2 * np.pi * rng.uniform(4, 8) * times + rng.uniform(0, 6.3))
    return rng.uniform(0.5, 1.6) * values + _disturbances(times, rng), label


def draw_pulse(pace: float, seconds: int, rng: np.random.Generator) -> np.ndarray:
    """A sound heartbeat with this many seconds from beat to beat.

    Example:
        >>> draw_pulse(0.8, 4, np.random.default_rng(0)).shape
        (400,)
    """
    times = np.arange(RATE * seconds) / RATE
    paces = pace * np.clip(rng.normal(1, 0.03, 2 * int(seconds / pace) + 3), 0.9, 1.1)
    values = np.zeros_like(times)
    for peak, each in _timed(paces, rng):
        values += _beat(times - peak, _P + _QRS + _T, each, rng)
    return rng.uniform(0.5, 1.6) * values + _disturbances(times, rng)


def _beat(times: np.ndarray, waves: Waves, pace: float, rng: np.random.Generator) -> np.ndarray:
    """One beat around its peak; with a quick pulse P and T move closer to it."""
    values = np.zeros_like(times)
    for place, height, width in waves:
        height, width = height * rng.normal(1, 0.08), width * rng.normal(1, 0.05)
        values += height * np.exp(-0.5 * ((times - place * np.sqrt(pace)) / width) ** 2)
    return values


def _disturbances(times: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What the electrode adds: a slow drift with the breath, the hum of the mains, and noise of muscles."""
    breath = rng.uniform(0, 0.25) * np.sin(2 * np.pi * rng.uniform(0.15, 0.4) * times + rng.uniform(0, 6.3))
    mains = rng.uniform(0, 0.03) * np.sin(2 * np.pi * 49.3 * times)
    return breath + mains + rng.uniform(0.01, 0.1) * rng.normal(size=len(times))


def _paces(rng: np.random.Generator, spread: float, mean: float | None = None) -> np.ndarray:
    """Seconds from beat to beat, enough of them to fill the signal."""
    mean = mean or rng.uniform(0.6, 1.0)
    return np.clip(mean * rng.normal(1, spread, 14), 0.35, 1.8)


def _normal(rng: np.random.Generator) -> list[Beat]:
    paces = _paces(rng, rng.uniform(0.01, 0.05))
    return [(peak, _P + _QRS + _T, pace) for peak, pace in _timed(paces, rng)]


def _premature(rng: np.random.Generator) -> list[Beat]:
    """One beat too early, from the atria (narrow) or the ventricles (wide, no P), and a rest to make up for it."""
    paces = _paces(rng, rng.uniform(0.01, 0.05))
    early, share = _middle_beat(paces), rng.uniform(0.5, 0.8)
    paces[early], paces[early + 1] = paces[early] * share, paces[early + 1] * (2 - share * rng.uniform(0.9, 1))
    waves = _WIDE + _T if rng.random() < 0.4 else _P + _QRS + _T
    beats = _timed(paces, rng)
    return [(peak, waves if index == early else _P + _QRS + _T, pace) for index, (peak, pace) in enumerate(beats)]


def _pause(rng: np.random.Generator) -> list[Beat]:
    """One beat that does not come, sometimes with its P wave left standing alone."""
    paces = _paces(rng, rng.uniform(0.01, 0.05))
    late = _middle_beat(paces)
    lonely, gap = rng.random() < 0.5, rng.uniform(1.5, 2.1)
    expected = paces[late]
    paces[late] *= gap
    beats: list[Beat] = [(peak, _P + _QRS + _T, pace) for peak, pace in _timed(paces, rng)]
    missed = beats[late - 1][0] + expected
    return [*beats, (missed, _P, expected)] if lonely else beats


def _fibrillation(rng: np.random.Generator) -> list[Beat]:
    """Beats at random without P waves, over a tremor of the atria."""
    paces = _paces(rng, rng.uniform(0.1, 0.27), rng.uniform(0.5, 0.9))
    return [(peak, _QRS + _T, pace) for peak, pace in _timed(paces, rng)]


_RHYTHMS = {"normal": _normal, "premature": _premature, "pause": _pause, "fibrillation": _fibrillation}


def _timed(paces: np.ndarray, rng: np.random.Generator) -> list[tuple[float, float]]:
    """When each beat has its peak, and how long after the one before it."""
    start = rng.uniform(-paces[0], 0)
    return list(zip(start + np.cumsum(paces), paces, strict=True))


def _middle_beat(paces: np.ndarray) -> int:
    """A beat near the middle of the signal, counted from 0."""
    return int(np.searchsorted(np.cumsum(paces), SECONDS / 2 + paces[0] / 2))
