"""Whether weights are here or can be had, told without Keras and before anything is built or recorded."""

from __future__ import annotations

import functools
import os
import re
import urllib.error
import urllib.request
from pathlib import Path

from tlkit import catalog
from tlkit.errors import ModelError
from tlkit.own_files import weights_folder
from tlkit.pretrained.wheels import weights_file, wheel_is_here

OFFLINE = (
    "efficientnet-lite0 works offline; so does a file (model.weights in a recipe, --weights of tlkit stylize), "
    "and what `tlkit fetch` has put into the folder that TLKIT_WEIGHTS names"
)
_STORE = "https://storage.googleapis.com/tensorflow/keras-applications/"
_PATIENCE = 3  # seconds
_BEGINNINGS = {".keras": b"PK", ".h5": b"\x89HDF", ".hdf5": b"\x89HDF"}


def require_weights(backbone: str | None, weights: str) -> None:
    """Raise a `ModelError` where the weights of a net, or of a backbone of the catalog, can be had from nowhere."""
    line = catalog.entry(backbone or "", catalog.BACKBONES)
    if weights not in ("imagenet", "none"):
        _require_file(weights)
    elif line is not None and line.origin != "tlkit":
        return  # who brings it brings its weights
    elif weights == "imagenet" and line is not None and line.scaling == "lite":
        weights_file(f"lite{str(backbone)[-1]}")
    elif weights == "imagenet" and line is not None and not kept_file(str(backbone)) and not _store_answers():
        raise ModelError(f"{backbone}: its ImageNet weights cannot be downloaded here. {OFFLINE}")


def are_here(backbone: str) -> bool:
    """Whether the ImageNet weights of a backbone of the catalog are on this machine.

    Example:
        >>> are_here("efficientnet-lite0")
        True
    """
    line = catalog.BACKBONES[backbone]
    if line.fault or line.origin != "tlkit":
        return not line.fault  # who brings it brings its weights
    if line.scaling == "lite":
        return wheel_is_here(f"lite{backbone[-1]}")
    return kept_file(backbone) is not None


def kept_file(backbone: str) -> Path | None:
    """The weights of one of Keras's backbones, in the folder of TLKIT_WEIGHTS or from an earlier download of Keras's.

    Example:
        >>> kept_file("ResNet50").name  # doctest: +SKIP
        'resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5'
    """
    downloads = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"
    named = re.compile(rf"(weights)?{_plain(backbone)}(weights|notop|10|224).*h5")
    for folder in filter(None, (weights_folder(), downloads)):
        for each in sorted(folder.glob("*.h5")):
            if "notop" in _plain(each.name) and named.fullmatch(_plain(each.name)):
                return each
    return None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _require_file(weights: str) -> None:
    if not os.path.isfile(weights):
        raise ModelError(f"weights: expected imagenet, none or a file, found '{weights}', which does not exist")
    beginning = _BEGINNINGS.get(Path(weights).suffix.lower())
    if beginning is None:
        raise ModelError(f"{weights}: expected a .keras or .weights.h5 file")
    with open(weights, "rb") as file:
        if file.read(len(beginning)) != beginning:
            raise ModelError(f"{weights}: is no {Path(weights).suffix} file inside; save the weights again with Keras")


@functools.cache
def _store_answers() -> bool:
    """Whether the place that Keras downloads from can be reached, asked once and not for long."""
    try:
        urllib.request.urlopen(urllib.request.Request(_STORE, method="HEAD"), timeout=_PATIENCE)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
