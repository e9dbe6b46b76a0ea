"""Samples that tlkit draws itself, for machines with no data and no network."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from tlkit import catalog
from tlkit.errors import DataError
from tlkit.progress import progress

MARK = "DRAWN.txt"
_TEXT = "Everything in this folder was drawn by tlkit (sample '{name}'). Delete the folder to use data of your own.\n"


def draw_sample(name: str, path: Path, **options: Any) -> None:
    """Draw a sample into `path`, whole or not at all."""
    draw = catalog.resolve(name, catalog.SAMPLES, kind="sample")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        working = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}); needed to draw the sample '{name}'") from error
    try:
        with progress(f"Drawing {name}", options.get("count", _count(name))) as bar:
            draw(working, on_picture=bar, **options)
        (working / MARK).write_text(_TEXT.format(name=name))
        _move_in(working, path)
    except OSError as error:
        raise DataError(f"{path}: the sample '{name}' cannot be drawn there ({error.strerror})") from error
    finally:
        shutil.rmtree(working, ignore_errors=True)


def _count(name: str) -> int | None:
    """How many examples a sample has unless told otherwise, where it says so."""
    return (catalog.arguments(name, catalog.SAMPLES, kind="sample") or {}).get("count")


def _move_in(working: Path, path: Path) -> None:
    """Rename into place; a README that stood there stays, and a run that was quicker wins."""
    if path.is_dir():
        for each in path.iterdir():
            shutil.copy2(each, working / each.name)
        shutil.rmtree(path)
    try:
        working.chmod(0o755)
        working.rename(path)
    except OSError:
        if not (path / MARK).is_file():
            raise
