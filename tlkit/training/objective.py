"""What a search makes better: a metric of the validation split, and whether more of it or less."""

from __future__ import annotations

from tlkit.errors import RecipeError, nearest
from tlkit.tasks.task import task_of


def watched(task: str) -> dict[str, str]:
    """The metrics of the validation split that training on a task measures, each with `min` or `max` as its end.

    Example:
        >>> watched("number")
        {'val/loss': 'min', 'val/mae': 'min'}
    """
    return {f"val/{name}": end for name, end in task_of(task).watched.items()}


def direction_of(objective: str, task: str) -> str:
    """`max` or `min`; a `RecipeError` for what training on this task does not measure.

    Example:
        >>> direction_of("val/loss", "label")
        'min'
    """
    known = watched(task)
    if objective not in known:
        hint = nearest(objective, known) or f"There are {' and '.join(known)}."
        raise RecipeError([f"tune.objective: no metric '{objective}' for this data. {hint}"])
    return known[objective]
