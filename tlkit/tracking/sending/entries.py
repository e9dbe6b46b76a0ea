"""Names and values as MLflow takes them: cut to its limits, without characters that it refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tlkit.compat.mlflow_parts import MAX_ENTITY_KEY_LENGTH, MAX_PARAM_VAL_LENGTH, MAX_TAG_VAL_LENGTH

_MAX_RUN_NAME = 250  # the width of the column in MLflow's databases
_REFUSED = re.compile(r"[^/\w.\- :]")


def key(name: str) -> str:
    """A metric's, parameter's or tag's name; slashes group, but no part may be empty or dots alone as in a path."""
    parts = [part for part in _REFUSED.sub("_", name).split("/") if part not in ("", ".", "..")]
    return cut("/".join(parts) or "_", MAX_ENTITY_KEY_LENGTH)


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
    """The text, with dots where it was too long."""
    return text if len(text) <= limit else text[: limit - 3] + "..."
