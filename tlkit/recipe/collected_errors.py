"""Several things that a user may have got wrong, tried one after the other, so that all is said at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tlkit.errors import RecipeError, TlkitError


class ErrorCollector:
    """Calls functions and holds what they refuse, until `refuse` is asked to say all of it.

    Example:
        >>> found = ErrorCollector()
        >>> found(int, "3")
        3
        >>> found.refuse()
    """

    def __init__(self) -> None:
        self.refused: list[TlkitError] = []

    def __call__(self, function: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """What the function returns, or None where it refuses."""
        try:
            return function(*given, **named)
        except TlkitError as error:
            self.refused.append(error)
            return None

    def refuse(self) -> None:
        """Raise what was refused: a single error as it is, several as one with all their lines."""
        if len(self.refused) == 1:
            raise self.refused[0]
        if self.refused:
            raise RecipeError(dict.fromkeys(line for each in self.refused for line in str(each).splitlines()))
