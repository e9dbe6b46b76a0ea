"""The page inside a model file that says what its inputs and outputs mean; read without Keras."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from tlkit.errors import ModelError

_NAME = "tlkit.json"


def add_page(path: Path, facts: dict[str, Any]) -> None:
    """Put the page into a file that Keras has written."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(_NAME, json.dumps(facts))


def read_page(path: Path) -> dict[str, Any]:
    """The facts of a model file; none if it came from elsewhere.

    Example:
        >>> read_page(Path("model.keras"))["class_names"]  # doctest: +SKIP
        ['cats', 'dogs']
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read(_NAME)) if _NAME in archive.namelist() else {}
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise ModelError(f"{path}: not a model that can be loaded ({error})") from error
