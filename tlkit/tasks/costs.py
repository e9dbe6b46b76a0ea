"""What mistakes cost, as a recipe says it under `predict.costs`, and what answers follow from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tlkit.errors import RecipeError, nearest

Costs = Mapping[str, float | Mapping[str, float]]  # of a class, any mistake about it or each
_MISTAKES = ("miss", "false_alarm")


def cost_matrix(costs: Costs, class_names: Sequence[str]) -> np.ndarray:
    """What it costs to answer each class (columns) for each true one (rows): 1 where nothing is said, right nothing.

    Example:
        >>> cost_matrix({"cat": 5, "dog": {"cow": 2}}, ["cat", "cow", "dog"]).tolist()
        [[0.0, 5.0, 5.0], [1.0, 0.0, 1.0], [1.0, 2.0, 0.0]]
    """
    matrix = np.ones((len(class_names), len(class_names)))
    for true, row in costs.items():
        index = _place(true, class_names)
        for answered, cost in row.items() if isinstance(row, Mapping) else [(None, row)]:
            matrix[index, slice(None) if answered is None else _place(answered, class_names, of=true)] = cost
    np.fill_diagonal(matrix, 0.0)
    return matrix


def costs_of_labels(costs: Costs, class_names: Sequence[str]) -> np.ndarray:
    """What missing each label costs, and answering it wrongly (classes, 2): for all of them, or by class.

    Example:
        >>> costs_of_labels({"miss": 5, "sun": {"false_alarm": 2}}, ["rain", "sun"]).tolist()
        [[5.0, 1.0], [5.0, 2.0]]
    """
    found = np.ones((len(class_names), len(_MISTAKES)))
    for name, cost in costs.items():
        if not isinstance(cost, Mapping):
            found[:, _mistake(name, "")] = cost
    for name, row in costs.items():
        for mistake, cost in row.items() if isinstance(row, Mapping) else ():
            found[_place(name, class_names), _mistake(mistake, f".{name}")] = cost
    return found


def _place(name: str, class_names: Sequence[str], of: str = "") -> int:
    if name not in class_names:
        where = f"predict.costs.{of}" if of else "predict.costs"
        hint = nearest(name, class_names) or f"There are {', '.join(class_names[:10])}."
        raise RecipeError([f"{where}: no class '{name}'. {hint}"])
    return class_names.index(name)


def _mistake(name: str, where: str) -> int:
    if name not in _MISTAKES:
        raise RecipeError(
            [f"predict.costs{where}: expected {' or '.join(_MISTAKES)} for several labels, found '{name}'"]
        )
    return _MISTAKES.index(name)
