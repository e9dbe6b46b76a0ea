"""Guesses of data that are files: pictures, views, sounds, recordings, voxels, texts, IDX."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tlkit.data.assembly.class_folders import SUFFIXES, printable
from tlkit.inspection.detection.guess import FEW_EXAMPLES, TEXTS, Guess
from tlkit.inspection.detection.layouts import Layout, find_layout

_LISTENED_TO = 200  # files, for their lengths
_WINDOW = 0.032  # seconds of a spectrum: short enough for speech
_SOUND_NET = {
    "net": "cnn",
    "filters": [32, 64, 64],
    "padding": "same",
    "pooling": {"kind": "max", "size": 2},
    "head": {"pooling": "flatten", "dropout": 0.3},
}


def guess_idx(path: Path, files: list[Path]) -> Guess | None:
    """IDX files, MNIST's format."""
    if not any("idx3-ubyte" in each.name for each in files):
        return None
    training = {"epochs": 5, "batch_size": 128, "learning_rate": 0.003}
    return Guess({"source": "idx"}, {"source": "guessed from *idx3-ubyte*"}, {"net": "resnet20"}, training)


def guess_pictures(path: Path, files: Sequence[Path]) -> Guess | None:
    """Pictures in class folders, or with the class in their names."""
    layout = find_layout(path, files, SUFFIXES, "pictures")
    return None if layout is None else _labelled(layout, Guess({"source": "image_folder"}, {"source": "guessed"}))


def guess_sounds(path: Path, files: Sequence[Path]) -> Guess | None:
    """WAV files in class folders, or with the class in their names."""
    layout = find_layout(path, files, {".wav", ".wave"}, "sounds")
    if layout is None:
        return None
    data, why = _spectrogram(layout.files)
    why["source"] = "guessed: as signals, not spectrograms: `source: signals`"
    training = {"epochs": 30, "batch_size": 16, "learning_rate": 0.003}
    augment = [{"shift": 0.1}, {"time_mask": 0.2}]
    return _labelled(layout, Guess({"source": "sounds", **data}, why, dict(_SOUND_NET), training, augment))


def guess_voxels(path: Path, files: Sequence[Path]) -> Guess | None:
    """Solids: OFF meshes, grids in .npy files, or a .npz file of grids."""
    model, training = {"net": "voxnet"}, {"epochs": 20, "batch_size": 32, "learning_rate": 0.002}
    data = {"source": "voxels", "duplicates": "drop"}
    why = {"source": "guessed: grids of voxels", "duplicates": "copies are left out, in train those of the test"}
    guess = Guess(data, why, model, training)
    if any(each.suffix == ".npz" and _axes(each) in (4, 5) for each in files):
        return guess
    solids = [each for each in files if each.suffix.lower() == ".off"]
    grids = [each for each in files if each.suffix == ".npy"]
    if not solids and not (grids and _axes(grids[0]) in (3, 4)):
        return None
    layout = find_layout(path, files, {".off", ".npy"}, "solids")
    return guess if layout is None else _labelled(layout, guess)


def guess_texts(path: Path, files: Sequence[Path]) -> Guess | None:
    """Text files in class folders, or with the class in their names."""
    layout = find_layout(path, files, {".txt"}, "texts")
    if layout is None:
        return None
    return _labelled(layout, Guess({"source": "text"}, {"source": "guessed"}, {"net": "cnn1d"}, dict(TEXTS)))


def guess_recordings(path: Path, files: Sequence[Path]) -> Guess | None:
    """Recordings, a file each, in class folders or with the class in their names."""
    layout = find_layout(path, files, {".npy", ".csv", ".tsv"}, "recordings")
    if layout is None:
        return None
    model = {"net": "resnet1d", "filters": [32, 64, 64]}
    return _labelled(layout, Guess({"source": "signals"}, {"source": "guessed: a file a signal"}, model))


def guess_views(path: Path, files: Sequence[Path]) -> Guess | None:
    """Pictures in one folder whose names say of what they are a view: every object has the same views."""
    pictures = [each for each in files if each.suffix.lower() in SUFFIXES]
    matches = [match for each in pictures if (match := re.fullmatch(r"(.+?)([_-]+)(\d+)(\.\w+)", each.name))]
    forms = Counter(f"{{object}}{match.group(2)}{{view}}{match.group(4)}" for match in matches)
    form, count = forms.most_common(1)[0] if forms else ("", 0)
    views: dict[str, set[str]] = {}
    for match in matches:
        views.setdefault(match.group(1), set()).add(match.group(3))
    turned = "__" in form or all(each[-1].isdigit() for each in views)
    alike = len(set(map(frozenset, views.values()))) == 1
    if len(views) < 2 or count < 0.9 * len(pictures) or not (turned and alike):
        return None
    data = {"source": "views", "pattern": form, "count": 4, "split_by": "turn", "test": 0.5}
    why = {
        "source": "guessed: objects seen from several sides",
        "pattern": f"guessed: {len(views)} objects by file name, each a class",
        "count": "guessed: views that make one example",
        "split_by": "guessed: trained on one half of each turn, tested on the other, since neighbouring views leak",
    }
    seen = f"{len(pictures)} pictures, {len(views)} objects with {len(next(iter(views.values())))} views each"
    return Guess(data, why, {"net": "multiview", "backbone": "efficientnet-lite0"}, dict(FEW_EXAMPLES), seen=seen)


def _labelled(layout: Layout, guess: Guess) -> Guess:
    """The guess with what the layout tells: where the files lie, and what gives their classes."""
    guess.data["path"] = str(layout.home)
    guess.seen, guess.parts = layout.seen, layout.parts
    if layout.label is not None:
        guess.data["label"] = layout.label
        guess.why["label"] = "guessed: what the brackets find in a path is the class"
        guess.seen += printable("".join(f"; by {each.expression} {each.told()}" for each in layout.others[:2]))
    return guess


def _axes(file: Path) -> int:
    """How many axes the (first) array of a file has; 0 where there is none."""
    import numpy as np

    try:
        loaded = np.load(file, allow_pickle=False, mmap_mode="r")
        return int(loaded.ndim if isinstance(loaded, np.ndarray) else loaded[loaded.files[0]].ndim)
    except (OSError, ValueError, EOFError, IndexError):
        return 0


def _spectrogram(files: Sequence[Path]) -> tuple[dict[str, Any], dict[str, str]]:
    """Length and windows that suit these sounds."""
    import numpy as np

    from tlkit.kinds.signal.signal_files import inspect_recordings

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
