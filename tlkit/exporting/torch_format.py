"""PyTorch's exported program (.pt2), which PyTorch runs without Keras."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

_BATCH, _LENGTH = 2, 64  # of the inputs that the program is traced with; the last where any length may be


class Torch:
    """An exported program, one file; the model is converted by Keras on PyTorch."""

    backend = "torch"
    stem = "model"
    runtime = "torch"
    packages = {"torch": "'tlkit[torch]'"}  # noqa: RUF012
    script = """
import torch
def opened(path):
    run = torch.export.load(path).module()
    def answers(*inputs):
        with torch.inference_mode():
            return [each.numpy() for each in run(*map(torch.from_numpy, inputs))]
    return answers
"""

    def convert(self, model: keras.Model, path: Path) -> Path:
        """Write the file."""
        import torch

        free = torch.export.Dim.DYNAMIC  # refused, not fixed in silence, where the program holds for one size alone
        sizes = [{axis: free for axis, side in enumerate(each.shape) if side is None} for each in model.inputs]
        with torch.no_grad():
            program = torch.export.export(
                _serving(model), tuple(map(_example, model.inputs)), dynamic_shapes=(tuple(sizes),), strict=False
            )
        file = path.with_name(f"{path.name}.pt2")
        torch.export.save(program, file)
        return file

    def run(self, path: Path, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """The outputs of the file."""
        return self.opened(path, 0).outputs(inputs)[0]

    def opened(self, path: Path, threads: int) -> TorchSession:
        """The program, loaded."""
        import torch

        torch.set_num_threads(threads or os.cpu_count() or 1)
        return TorchSession(torch.export.load(path).module())


@dataclass(frozen=True)
class TorchSession:
    """A program that is loaded."""

    program: Any

    def outputs(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Every output for a batch of each input."""
        import torch

        with torch.inference_mode():
            return [each.numpy() for each in self.program(*(torch.from_numpy(np.array(each)) for each in inputs))]


def _serving(model: keras.Model) -> Any:
    """The model as PyTorch's module, with a tuple of outputs."""
    import torch

    class Serving(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: Any) -> tuple[Any, ...]:
            found = self.model(list(inputs) if len(inputs) > 1 else inputs[0], training=False)
            return tuple(found) if isinstance(found, list | tuple) else (found,)

    return Serving().eval()


def _example(given: Any) -> Any:
    import torch

    return torch.from_numpy(np.zeros((_BATCH, *(side or _LENGTH for side in given.shape[1:])), given.dtype))
