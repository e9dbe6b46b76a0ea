"""A disk that is full before a run is recorded: the trained model goes where there is room."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tlkit.errors import ModelError, TlkitError, TrackingError, disk_full
from tlkit.tracking.outbox import near
from tlkit.training.model_builder import ModelBuilder

_log = logging.getLogger(__name__)


def without_room(builder: ModelBuilder, name: str, folder: Path) -> TlkitError:
    """Save the model beside its record, or else in a folder of its own; what is to be said of both."""
    for left in folder.glob(".*"):  # half-written
        left.unlink(missing_ok=True)
    for place in _places(folder):
        try:
            builder.save(place, name)
        except (ModelError, OSError) as refused:
            if not disk_full(refused):
                raise
        else:
            return TrackingError(_told(folder, f"What was trained is kept: {near(place / 'model.keras')}."))
    return TrackingError(_told(folder, "There was no room for the model anywhere else either."))


def save_stopped(builder: ModelBuilder, name: str, folder: Path) -> None:
    """Save the best weights of a run that is stopped; a full disk keeps that from nothing but them."""
    try:
        builder.save(folder, name)
    except (ModelError, OSError) as refused:
        if not disk_full(refused):
            raise
        _log.warning("%s", without_room(builder, name, folder))


def _places(folder: Path) -> Iterator[Path]:
    yield folder
    for home in (Path.cwd(), Path(tempfile.gettempdir())):
        place = home / f"{folder.parent.name}-model"
        try:
            place.mkdir(exist_ok=True)
        except OSError:
            continue
        yield place


def _told(folder: Path, kept: str) -> str:
    place = near(folder.parents[2])
    return f"{place}: no space left on the device. {kept} Make room, then `tlkit sync` sends the record"
