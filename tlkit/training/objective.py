"""What a search makes better: a metric of the validation split, and whether more of it or less."""

from __future__ import annotations

from tlkit.errors import RecipeError, nearest

_METRICS = {"label": ("loss", "accuracy"), "labels": ("loss", "accuracy"), "number": ("loss", "mae")}
_MORE = ("accuracy",)


def watched(task: str) -> list[str]:
    """The metrics of the validation split that training on a task measures.

    Example:
        >>> watched("number")
        ['val/loss', 'val/mae']
    """
    return [f"val/{name}" for name in _METRICS[task]]


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
    return "max" if objective.removeprefix("val/") in _MORE else "min"
