"""Pictures: files or pixels, drawn as they are."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tlkit.catalog import Entry
from tlkit.data.duplicates.likeness import near_pictures
from tlkit.errors import DataError
from tlkit.kinds.image.pictures import MAX_PIXELS, input_of, read_picture, resize_of
from tlkit.kinds.image.small_picture_nets import SMALL_PICTURE_NETS
from tlkit.kinds.kind import Inputs, Kind, Scored
from tlkit.kinds.previews import draw_picture
from tlkit.model.metadata import Metadata

_MOST_PIXELS = MAX_PIXELS // 4  # of a picture in a request


def _pictures_at(path: Path, metadata: Metadata) -> Inputs:
    from tlkit.kinds.image.labelled_pictures import pictures_at  # with pandas, which a service has no use for

    return pictures_at(path, metadata)


def _labelled_pictures(path: Path, metadata: Metadata) -> Scored:
    from tlkit.kinds.image.labelled_pictures import labelled_pictures

    return labelled_pictures(path, metadata)


def _decoded(sent: str | bytes, metadata: Metadata) -> np.ndarray:
    height, width, channels = metadata["input_shape"]
    what = "not a picture" if isinstance(sent, bytes) else "not a picture in base64"
    try:
        file = io.BytesIO(sent if isinstance(sent, bytes) else _bytes(sent))
        return read_picture(file, (height, width), channels, resize=resize_of(metadata), most=_MOST_PIXELS)
    except ValueError as error:
        raise DataError(what) from error
    except DataError as error:
        why = str(error).removeprefix(f"{file}: ")
        raise DataError(f"{what} ({why})") from error


def _bytes(text: str) -> bytes:
    return base64.b64decode(text.partition("base64,")[2] or text, validate=True)


def _encoded(pixels: np.ndarray) -> str:
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return base64.b64encode(file.getvalue()).decode("ascii")


def _files(item: Any) -> tuple[str, ...]:
    return (item,) if isinstance(item, str) else ()


IMAGE = Kind(
    "image",
    inputs_at=_pictures_at,
    labelled_at=_labelled_pictures,
    several_labels=True,
    input_of=input_of,
    decoded=_decoded,
    encoded=_encoded,
    augmentations=(
        "flip", "rotation", "zoom", "translation", "contrast", "brightness", "rand_augment", "erasing",
        "mixup", "cutmix",
    ),
    views={"flip": Entry("tlkit.kinds.input_views:second_axis_reversed", "left to right")},
    is_picture=True,
    picture_files=_files,
    starting_points=SMALL_PICTURE_NETS,
    guesses={
        0: "tlkit.kinds.image.image_guesses:guess_archive",
        10: "tlkit.kinds.image.image_guesses:guess_idx",
        40: "tlkit.kinds.image.image_guesses:guess_picture_table",
        60: "tlkit.kinds.image.image_guesses:guess_pictures",
    },
    near=near_pictures,
    draw=draw_picture,
)  # fmt: skip
