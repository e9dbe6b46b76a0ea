"""Names and values as MLflow takes them: cut to its limits, without characters that it refuses."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from mlflow.utils.validation import MAX_ENTITY_KEY_LENGTH, MAX_PARAM_VAL_LENGTH, MAX_TAG_VAL_LENGTH

_MAX_RUN_NAME = 250  # the width of the column in MLflow's databases
_REFUSED = re.compile(r"[^/\w.\- :]")


def key(name: str) -> str:
    """A metric's, parameter's or tag's name; MLflow takes slashes, but no empty or dotted parts as of a path."""
    clean = posixpath.normpath(_REFUSED.sub("_", name).strip("/ ") or "_")
    return cut("_" + clean.lstrip("./") if clean.startswith(("..", "/")) or clean == "." else clean, MAX_ENTITY_KEY_LENGTH)


def params(values: Mapping[str, str]) -> dict[str, str]:
    """Parameters within the limits."""
    return {key(name): cut(value, MAX_PARAM_VAL_LENGTH) for name, value in values.items()}


def tags(values: Mapping[str, str]) -> dict[str, str]:
    """Tags within the limits."""
    return {key(name): cut(value, MAX_TAG_VAL_LENGTH) for name, value in values.items()}


def run_name(name: str) -> str:
    """A run's name, of one line."""
    return cut(" ".join(name.split()), _MAX_RUN_NAME)


def cut(text: str, limit: int) -> str:
    """The text, with an ellipsis where it was too long."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
