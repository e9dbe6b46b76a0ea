"""How far what is seen now has moved from what was learned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_LEAST = 1e-3  # of a share: what was never seen weighs something
SOME, MUCH = 0.1, 0.25  # of a stability index, as those read it who use it


def stability_index(before: np.ndarray, now: np.ndarray, count: int) -> float:
    """The population stability index of shares, less what chance makes of it among so many examples.

    It is 0 where nothing moved; above 0.25 much did.

    Example:
        >>> round(stability_index(np.array([0.5, 0.5]), np.array([0.7, 0.3]), 1000), 3)
        0.168
    """
    early, late = (np.maximum(each / each.sum(), _LEAST) for each in (before, now))
    found = float(((late - early) * np.log(late / early)).sum())
    return max(0.0, found - (len(early) - 1) / count)


def shares_between(values: np.ndarray, quantiles: Sequence[float]) -> np.ndarray:
    """Shares of values between the inner ones of these quantiles, which are as far apart in shares.

    Example:
        >>> shares_between(np.array([1.0, 2.0, 9.0, 9.0]), [0, 1.5, 3]).tolist()
        [0.25, 0.75]
    """
    bins = np.searchsorted(np.asarray(quantiles)[1:-1], values)
    return np.bincount(bins, minlength=len(quantiles) - 1) / len(values)


def drift_word(index: float) -> str:
    """A stability index in words."""
    return "much" if index > MUCH else "some" if index > SOME else "none"
