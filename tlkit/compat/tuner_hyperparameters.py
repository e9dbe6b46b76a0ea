"""Domains of a recipe's search space as keras-tuner's hyperparameters, and its values back as recipe fields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from keras_tuner import HyperParameters
from keras_tuner.engine import hyperparameters as kinds

from tlkit.compat.tuner_parts import Parent
from tlkit.recipe.space import Domain

_TEXT = "json:"  # before choices that keras-tuner cannot hold, such as lists


def to_hyperparameters(domains: Iterable[Domain]) -> HyperParameters:
    """The space as keras-tuner sees it."""
    known = {each.path: each for each in domains}
    space = HyperParameters()
    for each in known.values():
        conditions = [
            Parent(path, [_held(known[path], value) for value in allowed]) for path, allowed in each.when.items()
        ]
        space.merge([_hyperparameter(each, conditions)])
    return space


def to_fields(domains: Iterable[Domain], values: Mapping[str, Any]) -> dict[str, object]:
    """keras-tuner's values as values of recipe fields."""
    return {each.path: _given(values[each.path]) for each in domains if each.path in values}


def _hyperparameter(domain: Domain, conditions: list[Parent]) -> Any:
    if domain.kind == "choice":
        choices = [_held(domain, value) for value in domain.values]
        return kinds.Choice(domain.path, choices, ordered=_plain(domain) and not isinstance(choices[0], str),
                            conditions=conditions)  # fmt: skip
    build = kinds.Int if domain.whole else kinds.Float
    sampling = "log" if domain.kind == "log" else "linear"
    return build(domain.path, domain.values[0], domain.values[1], sampling=sampling, conditions=conditions)


def _plain(domain: Domain) -> bool:
    """Whether keras-tuner can hold the choices as they are; it makes 0 and 1 of false and true."""
    types = {type(value) for value in domain.values}
    return len(types) == 1 and types <= {int, float, str}


def _held(domain: Domain, value: Any) -> Any:
    return value if domain.kind != "choice" or _plain(domain) else _TEXT + json.dumps(value)


def _given(value: Any) -> Any:
    return json.loads(value.removeprefix(_TEXT)) if isinstance(value, str) and value.startswith(_TEXT) else value
