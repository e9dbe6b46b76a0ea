"""Pictures brought to the size of thumbnails."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tlkit.kinds.image.pictures import opened, picture_array


def thumbnail_of_file(path: str | Path, side: int) -> Image.Image:
    """The picture in a file, decoded no larger than is needed."""
    with opened(path) as picture:
        picture.draft("RGB", (2 * side, 2 * side))
        return fitted(Image.fromarray(picture_array(picture, _sides(picture, side))), side)


def _sides(picture: Image.Image, side: int) -> tuple[int, int]:
    scale = min(1.0, 2 * side / max(picture.size))
    return max(1, round(picture.height * scale)), max(1, round(picture.width * scale))


def fitted(picture: Image.Image, side: int) -> Image.Image:
    """A picture in colours, brought to at most this side."""
    picture = picture.convert("RGB")
    picture.thumbnail((side, side))
    return picture
