"""`predict.py` of a bundle, which needs only the format's runtime, NumPy and, for pictures, Pillow."""

from __future__ import annotations

from pathlib import Path

from tlkit.exporting.exporter import Format
from tlkit.kinds.image.pictures import RESIZES
from tlkit.kinds.kind import kind_in
from tlkit.model.metadata import Metadata

_HERE = Path(__file__).parent
_PICTURE = f"import math\n\nfrom PIL import Image, ImageOps\n\nSHARES = {RESIZES!r}\n"


def predict_script(format: Format, file: str, metadata: Metadata) -> str:
    """The script for a file of the bundle."""
    takes, usage, reading, imports = _reader(metadata)
    values = {
        "TAKES": takes, "USAGE": usage, "PILLOW": ", Pillow" if imports == _PICTURE else "",
        "PACKAGES": format.runtime, "RUNTIME": imports + format.script, "READING": _text(reading), "FILE": file,
    }  # fmt: skip
    script = _text("predict")
    for name, value in values.items():
        script = script.replace(f"@{name}@", value)
    return script


def _reader(metadata: Metadata) -> tuple[str, str, str, str]:
    """What it takes in words, how that is given, the part that reads it, and what that imports."""
    kind = kind_in(metadata)
    if kind.is_picture and not metadata.get("beside"):
        return "pictures", "PICTURE...", "read_picture", _PICTURE
    if metadata["input_dtype"] == "string":
        return "texts", "FILE.txt...", "read_text", "import re\n"
    return "arrays of raw inputs", "INPUTS.npy...", "read_arrays", ""


def _text(name: str) -> str:
    return (_HERE / f"{name}.py.txt").read_text(encoding="utf-8")
