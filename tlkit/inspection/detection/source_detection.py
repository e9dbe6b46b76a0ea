"""What data that lies there seems to be: source, net and fields of a recipe, each with a word on why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tlkit import catalog
from tlkit.data.download.archives import is_archive
from tlkit.inspection.detection.guess import Guess
from tlkit.inspection.detection.guessed_files import (
    guess_idx,
    guess_pictures,
    guess_recordings,
    guess_sounds,
    guess_texts,
    guess_views,
    guess_voxels,
)
from tlkit.inspection.detection.guessed_rows import guess_sequences, guess_signals
from tlkit.inspection.detection.guessed_tables import guess_picture_table, guess_table
from tlkit.inspection.detection.layouts import some_files

_LOOKS = (
    guess_idx, guess_signals, guess_sequences, guess_picture_table, guess_views, guess_pictures, guess_sounds,
    guess_voxels, guess_texts, guess_recordings, guess_table,
)  # fmt: skip


def guesses(path: Path) -> Iterator[Guess]:
    """All that the data at `path` may be, the likeliest first."""
    if is_archive(path):
        yield Guess({"source": "image_folder"}, {"source": "guessed: an archive with one folder a class"})
        return
    files = some_files(path)
    for look in _LOOKS:
        guess = look(path, files)
        if guess is not None and guess.data["source"] in catalog.SOURCES:
            yield guess
