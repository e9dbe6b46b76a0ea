"""How much each field mattered in a search: scikit-learn's forest and its permutation importance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tlkit.recipe.space import Domain
from tlkit.search.trial import Trial

_FEWEST = 6  # trials below which nothing can be said


def field_importance(domains: Sequence[Domain], trials: Sequence[Trial]) -> dict[str, float]:
    """The share of each field in what a forest can tell of the score; empty for too few trials or equal scores."""
    scores = np.array([each.score for each in trials], float)
    if len(trials) < _FEWEST or np.ptp(scores) == 0:
        return {}
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import permutation_importance

    points = np.stack([[placed(domain, each) for domain in domains] for each in trials])
    points = np.nan_to_num(points, nan=-0.5)  # a field that does not matter lies apart from all its values
    forest = RandomForestRegressor(n_estimators=100, min_samples_leaf=2, random_state=0).fit(points, scores)
    drops = permutation_importance(forest, points, scores, n_repeats=10, random_state=0).importances_mean
    shares = np.maximum(drops, 0)
    total = float(shares.sum()) or 1.0
    found = {domain.path: float(share) / total for domain, share in zip(domains, shares, strict=True)}
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def placed(domain: Domain, trial: Trial) -> float:
    """Where a trial's value lies in its domain, from 0 to 1; NaN where the field did not matter."""
    if domain.path not in trial.changes:
        return float("nan")
    value = trial.changes[domain.path]
    if domain.kind == "choice":
        return domain.values.index(value) / max(1, len(domain.values) - 1)
    low, high = (float(each) for each in domain.values)
    if domain.kind == "log":
        return float(np.log(value / low) / np.log(high / low))
    return (value - low) / (high - low)
