"""Solids as grids of 0 and 1, drawn from three sides."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tlkit.catalog import Entry
from tlkit.kinds.kind import Kind
from tlkit.kinds.previews import SIDE, scaled
from tlkit.kinds.voxels.voxel_nets import VOXEL_NETS
from tlkit.kinds.voxels.voxels import input_of, inputs_at, labelled_voxels


def _drawn(values: np.ndarray) -> Image.Image | None:
    """A body seen along each of its three axes; the nearer, the darker where more of it lies behind each other."""
    body = values.reshape((*values.shape[:3], -1)).astype(float).max(-1) if values.ndim >= 3 else None
    if body is None or not body.size:
        return None
    side = SIDE
    sheet = Image.new("L", (side, side), 255)
    half = side // 2 - 1
    for index, axis in enumerate((0, 1, 2)):
        shadow = Image.fromarray(255 - scaled(body.mean(axis))).resize((half, half), Image.Resampling.NEAREST)
        sheet.paste(shadow, (index % 2 * (half + 2), index // 2 * (half + 2)))
    return sheet


VOXELS = Kind(
    "voxels",
    inputs_at=inputs_at,
    labelled_at=labelled_voxels,
    input_of=input_of,
    preparations={"occupancy": Entry("tlkit.kinds.voxels.signed_cells:occupancy", "voxels of 0 and 1 as -1 and 1")},
    augmentations=("turn", "mirror", "jolt"),
    views={"mirror": Entry("tlkit.kinds.input_views:first_axis_reversed", "left to right")},
    draw=_drawn,
    starting_points=VOXEL_NETS,
    guesses={80: "tlkit.kinds.voxels.solid_files:guess_voxels"},
    grey=0.0,
)
