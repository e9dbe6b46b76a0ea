"""Pictures that come as bytes in a table, written into the cache once, so that they are read like any file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tlkit.errors import DataError


def written_pictures(values: Iterable[Any], folder: Path) -> list[Path]:
    """Files with the bytes of a column; of a dictionary, as Hugging Face keeps pictures, its `bytes` or its `path`."""
    paths = []
    for row, value in enumerate(values):
        data = value.get("bytes") if isinstance(value, dict) else value
        if data is None and isinstance(value, dict) and Path(value.get("path") or "").is_file():
            paths.append(Path(value["path"]))
            continue
        if not isinstance(data, bytes | bytearray | memoryview):
            raise DataError(f"table: row {row}: expected the bytes of a picture, found {type(data).__name__}")
        digest = hashlib.blake2b(data, digest_size=8).hexdigest()
        path = folder / f"row{row}-{digest}{_suffix(bytes(data[:4]))}"
        if not path.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        paths.append(path)
    return paths


def _suffix(start: bytes) -> str:
    return {b"\x89PNG": ".png", b"GIF8": ".gif", b"RIFF": ".webp"}.get(start, ".bmp" if start[:2] == b"BM" else ".jpg")
