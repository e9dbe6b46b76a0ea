"""keras-tuner's oracles, kept to points that can be built and left without files, output and rules of their own."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import scipy.optimize
from keras_tuner import Objective
from keras_tuner.oracles import BayesianOptimizationOracle, GridSearchOracle, HyperbandOracle, RandomSearchOracle
from threadpoolctl import threadpool_limits

from tlkit.compat.tuner_hyperparameters import to_fields, to_hyperparameters
from tlkit.recipe.space import Domain, changes_of

Refusal = Callable[[Mapping[str, Any]], str | None]  # why a point cannot be built; None if it can
_TRIES = 2000  # random points looked at before the space is gone through in order
_LOOKED_AT, _FOLLOWED = 2000, 3  # points at which a Gaussian process is asked, and from which its bound is followed
_SMALL = 20_000  # a space of no more points is gone through


class _WithinSpace:
    """What tlkit asks of every oracle: no files, no output, no end after failures, and feasible points alone."""

    seed: int  # from here on: what keras-tuner's oracle brings
    trials: dict[str, Any]
    _tried_so_far: set[str]
    _compute_values_hash: Callable[[Mapping[str, Any]], str]
    _duplicate: Callable[[Mapping[str, Any]], bool]

    def bind(self, domains: Sequence[Domain], refuse: Refusal) -> None:
        """Say which points there are and which of them to pass over."""
        self.domains, self.refuse = list(domains), refuse
        self.passed_over, self.last_reason = 0, ""
        self.verbose = 0

    def save(self) -> None:
        """The search's own journal is what is kept."""

    def _save_trial(self, trial: Any) -> None:
        """As `save`."""

    def is_feasible(self, values: Mapping[str, Any]) -> bool:
        """Whether a point can be built; counts those that cannot."""
        reason = self.refuse(changes_of(self.domains, to_fields(self.domains, values)))
        if reason:
            self.passed_over, self.last_reason = self.passed_over + 1, reason
        return not reason

    def _random_values(self) -> dict[str, object] | None:
        """A random point that is feasible and new; None where there is none left."""
        for _ in range(_TRIES):
            values = super()._random_values()  # type: ignore[misc]
            if values is None:
                break
            if self.is_feasible(values):
                return values
            self._tried_so_far.add(self._compute_values_hash(values))
        left = [each for each in points(self) if not self._duplicate(each) and self.is_feasible(each)]
        return left[int(np.random.default_rng([self.seed, len(self.trials)]).integers(len(left)))] if left else None


class RandomOracle(_WithinSpace, RandomSearchOracle):
    """Random points."""


class BayesianOracle(_WithinSpace, BayesianOptimizationOracle):
    """Points that a Gaussian process expects most of; a random one where its choice is known or cannot be built.

    keras-tuner follows its bound down from 50 points, one evaluation after the other, which takes seconds a trial for
    ten fields; here many points are looked at in one call, and the best few followed.
    """

    pinned: dict[str, Any] | None = None  # the point that is known to come next, when a search is gone through again

    def populate_space(self, trial_id: str) -> dict[str, object]:
        if self.pinned is not None:
            return {"status": "RUNNING", "values": self.pinned}
        done = sum(each.status == "COMPLETED" for each in self.trials.values())
        if done < max(3 * len(self.hyperparameters.space), 3):
            return self._random_populate_space()
        with threadpool_limits(1):  # some dozen points are too few for threads: four times as fast without
            values = self._vector_to_values(self._promising())
        if self._duplicate(values) or not self.is_feasible(values):
            return self._random_populate_space()
        return {"status": "RUNNING", "values": values}

    def _make_gpr(self) -> Any:
        gpr = super()._make_gpr()
        return gpr.set_params(n_restarts_optimizer=2)

    def _promising(self) -> np.ndarray:
        """The place in the space where the lower confidence bound of the process is lowest."""
        points, scores = (np.nan_to_num(each, posinf=0, neginf=0) for each in self._vectorize_trials())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a field that does not matter has no length scale
            self.gpr.fit(points, scores)
        bounds = self._get_hp_bounds()
        starts = self._random_state.uniform(bounds[:, 0], bounds[:, 1], size=(_LOOKED_AT, len(bounds)))
        best = starts[np.argsort(self._bound(starts))[:_FOLLOWED]]
        ends = [scipy.optimize.minimize(self._bound, start, bounds=bounds, method="L-BFGS-B") for start in best]
        return min(ends, key=lambda end: float(np.squeeze(end.fun))).x

    def _bound(self, points: np.ndarray) -> Any:
        mean, deviation = self.gpr.predict(np.atleast_2d(points), return_std=True)
        low = mean - self.beta * deviation
        return low if points.ndim == 2 else float(low[0])


class BandOracle(_WithinSpace, HyperbandOracle):
    """Hyperband: many short trials, of which the best go on."""


class GridOracle(_WithinSpace, GridSearchOracle):
    """Every point in order; ranges are gone through in ten steps."""

    def populate_space(self, trial_id: str) -> dict[str, object]:
        if not self.start_order:
            return self._first(trial_id)
        return super().populate_space(trial_id)

    def _first(self, trial_id: str) -> dict[str, object]:
        """The parent would give inactive fields a value in the first trial."""
        chosen = super().populate_space(trial_id)
        known = {each.name for each in self.get_space().space}
        fields = changes_of(self.domains, {name: chosen["values"][name] for name in chosen["values"] if name in known})
        return {**chosen, "values": {name: value for name, value in chosen["values"].items() if name in fields}}


def make_oracle(
    tuner: str, domains: Sequence[Domain], refuse: Refusal, *, objective: str, direction: str, seed: int, epochs: int
) -> Any:
    """The oracle of a tuner's name."""
    common = {
        "objective": Objective(objective, direction),
        "hyperparameters": to_hyperparameters(domains),
        "seed": seed + 1,  # keras-tuner takes 0 for none
        "max_consecutive_failed_trials": 1 << 30,
    }
    makers: dict[str, Callable[[], Any]] = {
        "random": lambda: RandomOracle(max_trials=None, **common),
        "bayesian": lambda: BayesianOracle(max_trials=None, **common),
        "grid": lambda: GridOracle(max_trials=None, **common),
        "hyperband": lambda: BandOracle(max_epochs=epochs, hyperband_iterations=1 << 20, **common),
    }
    oracle = makers[tuner]()
    oracle.bind(domains, refuse)
    return oracle


def points(oracle: Any) -> Iterator[dict[str, object]]:
    """Every point of a space that is finite and small; none of any other."""
    space = oracle.hyperparameters.space
    sizes = [len(list(each.values)) if _is_finite(each) else _SMALL + 1 for each in space]
    if int(np.prod(sizes, dtype=float)) > _SMALL:
        return
    seen: set[str] = set()
    for combination in itertools.product(*(list(each.values) for each in space)):
        whole = oracle.hyperparameters.copy()
        whole.values = dict(zip((each.name for each in space), combination, strict=True))
        values = {each.name: whole.values[each.name] for each in space if whole.is_active(each)}
        key = repr(sorted(values.items()))
        if key not in seen:
            seen.add(key)
            yield values


def _is_finite(hyperparameter: Any) -> bool:
    return hasattr(hyperparameter, "ordered") or hyperparameter.__class__.__name__ in ("Boolean", "Int")
