"""The seconds that there are for trying, and for the run at the end."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from tlkit.errors import RecipeError
from tlkit.search.probing.tried import Candidate

_LEAST = 8.0  # until Keras is loaded and a first net compiled
RUN = 12.0  # seconds of a run beside its features and its training


class TooShort(RecipeError):
    """A budget in which nothing can be tried and run."""


@dataclass
class TimeBudget:
    """The seconds there are, those that a run of the best needs beside `RUN`, and what was left out and why."""

    seconds: float
    since: float = field(default_factory=time.monotonic)
    reserve: float = 0.0
    left_out: list[str] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Seconds."""
        return self.seconds - (time.monotonic() - self.since)

    def room(self, final: float = 0.0) -> float:
        """Seconds for trying, where a run of what is tried takes so many, and the best until now may be run."""
        return self.left - RUN - max(final, self.reserve)

    def allows(
        self, candidate: Candidate, trying: float, final: float, *, examples: int, first: bool, hint: str = ""
    ) -> bool:
        """Whether there is time for so many seconds and for a run; the first is refused where there is not."""
        if trying < self.room(final):
            return True
        if first:
            self._refuse(candidate, trying + max(final, self.reserve), examples, hint)
        self.leave_out(candidate, "no time for it")
        return False

    def refuse_hopeless(self, candidate: Candidate, examples: int) -> None:
        """Refuse a budget that is used up before anything can have been trained."""
        if self.left < RUN + _LEAST:
            self._refuse(candidate, _LEAST, examples)

    def _refuse(self, candidate: Candidate, seconds: float, examples: int, hint: str = "") -> None:
        wanted = self.seconds - self.left + RUN + seconds
        raise TooShort([
            f"--budget {self.seconds:.0f}s: {candidate} alone takes about {wanted:.0f} s for "
            f"{examples} examples. Give {math.ceil(wanted * 1.2)}s or more{hint}"
        ])  # fmt: skip

    def leave_out(self, candidate: Candidate, why: str) -> None:
        """Note what was not tried, or not to its end."""
        self.left_out.append(f"{candidate}: {why}")
