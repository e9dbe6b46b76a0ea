"""What Keras's own signatures leave open: tensors of whichever backend runs, and shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

Tensor: TypeAlias = Any  # symbolic, or an array of TensorFlow, JAX, OpenVINO or NumPy
Shape: TypeAlias = Sequence[Any]  # each axis: a number, or None where it is open
