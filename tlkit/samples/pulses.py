"""Drawn heartbeats with age and sex beside them: whether a pulse is too slow or too quick only the age can tell."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tlkit.samples.heartbeats import RATE, draw_pulse

LABELS = ("slow", "normal", "quick")
_SHARES = {"slow": (0.66, 0.74), "normal": (0.95, 1.05), "quick": (1.35, 1.5)}  # of the usual pulse
_SECONDS, _STEP = 8, 2  # of the signal, and between the samples that are kept
_UNKNOWN = 0.03  # share of ages that nobody wrote down


def draw(folder: Path, *, count: int = 600, seed: int = 7, on_picture: Callable[[int], None] | None = None) -> None:
    """Write `pulses.csv` into a folder: a row for each signal, after its class, age and sex.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> draw(folder, count=4)
        >>> (folder / "pulses.csv").read_text()[:18]
        'pulse,age,sex,0,1,'
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "pulses.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["pulse", "age", "sex", *range(RATE * _SECONDS // _STEP)])
        for index in range(count):
            rng = np.random.default_rng([seed, index])
            label, age, sex = LABELS[index % len(LABELS)], 20 * rng.random() ** 1.5, ("female", "male")[rng.integers(2)]
            pace = 60 / (usual_pulse(age, sex) * rng.uniform(*_SHARES[label]))
            values = draw_pulse(pace, _SECONDS, rng)[::_STEP]
            told = "" if rng.random() < _UNKNOWN else f"{age:.1f}"
            writer.writerow([label, told, sex, *(f"{value:.3f}" for value in values)])
            if on_picture is not None:
                on_picture(index)


def usual_pulse(age: float, sex: str) -> float:
    """Beats a minute at rest: about 145 in the newborn, 70 at twenty, a few more in women.

    Example:
        >>> round(usual_pulse(0, "male")), round(usual_pulse(20, "female"))
        (145, 71)
    """
    return 60 + 85 * float(np.exp(-age / 8)) + (4 if sex == "female" else 0)
