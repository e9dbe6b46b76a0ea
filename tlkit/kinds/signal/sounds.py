"""Class folders of WAV files: raw samples go into the model, which makes a mel spectrogram of them itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tlkit.data.splits import Info, Splits
from tlkit.kinds.signal.recordings import RecordingFormat, gather_recordings
from tlkit.kinds.signal.signal_files import WAVES, read_in_form
from tlkit.tasks.task import require_task

_COVERED = 0.95  # of the files are no longer than an input


def sounds(
    path: str | Path,
    *,
    seconds: float | None = None,
    sample_rate: int | None = None,
    mel_bins: int = 64,
    window: int = 1024,
    hop: int = 256,
    lowest: float = 20.0,
    highest: float | None = None,
    channels: int = 1,
    task: str = "label",
    label: str | None = None,
    group: str | None = None,
    group_folder: int | None = None,
    seed: int = 7,
    val: float = 0.15,
    test: float = 0.15,
    max_bad: float = 0.05,
    on_file: Callable[[int], None] | None = None,
) -> Splits:
    """Splits of a folder of WAV files, one folder a class; train/val/test folders are kept where they are given.

    Every file becomes one channel at `sample_rate` (that of most files where none is given; others are resampled), cut
    or filled with silence at its end to `seconds` (where none are given, what 19 of 20 files are within). The model's
    first part turns samples into `mel_bins` bands by windows of `window` samples every `hop` samples; `channels: 3`
    gives the picture three times, for backbones that were trained on colours.

    Args:
        label: a pattern (regular expression) that finds the class in file names, where folders do not tell it.
        group: a pattern in file names; files with the same find stay in one part.
        group_folder: a level of folders below the class (class = 1) that stays in one part.

    Example:
        >>> sounds("data/chords").info.input_shape  # doctest: +SKIP
        (16000,)
    """
    path = Path(path)
    require_task(task, ["label"], where=path, what="folders give one label a sound")
    found = gather_recordings(
        path, suffixes=WAVES, what="sounds", form=RecordingFormat(None, 1, sample_rate), seconds=seconds,
        covered=_COVERED, read=read_sound, max_bad=max_bad, on_file=on_file, label=label, group=group,
        group_folder=group_folder,
    )  # fmt: skip
    mel = {"mel_bins": mel_bins, "window": window, "hop": hop, "lowest": lowest, "highest": highest}
    info = Info(
        "label", found.shape[:1], "float32", "sound", found.class_names, found.set_aside,
        tags={"data.sample_rate": str(found.form.rate), **found.tags()},
        preparation={"name": "mel_spectrogram", "sample_rate": found.form.rate, **mel, "copies": channels},
        reading={"sample_rate": found.form.rate} | ({"label": label} if label else {}),
    )  # fmt: skip
    return found.assembled(info, val=val, test=test, seed=seed)


def read_sound(path: str | Path, *, length: int, rate: int, channels: int = 1) -> np.ndarray:
    """One WAV file as samples (length,)."""
    return read_in_form(path, length=length, channels=channels, rate=rate)[:, 0]
