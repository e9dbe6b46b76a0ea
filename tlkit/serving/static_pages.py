"""Pages and what belongs to them, handed out of the package."""

from __future__ import annotations

import functools
from importlib.resources import files

from fastapi import Response
from starlette.exceptions import HTTPException

_TYPES = {"css": "text/css", "html": "text/html; charset=utf-8", "js": "text/javascript"}
GUARDED = {  # pages run our own scripts alone, and show pictures that they were given
    "content-security-policy": "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@functools.cache
def static_page(name: str, places: tuple[tuple[str, str], ...]) -> Response:
    """A file of the first of these (package, folder) that has it."""
    for package, folder in places:
        found = next((each for each in (files(package) / folder).iterdir() if each.name == name), None)
        kind = _TYPES.get(name.rpartition(".")[2])
        if found is not None and kind is not None:
            return Response(found.read_bytes(), media_type=kind, headers=GUARDED)
    raise HTTPException(404, "no such page here")
