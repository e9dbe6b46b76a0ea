"""Points of a space as trials: what an oracle chooses, less what cannot be built, and from a journal the same again."""

from __future__ import annotations

from typing import Any

from tlkit.compat.tuner_hyperparameters import to_fields
from tlkit.compat.tuner_parts import seed_state, set_seed_state
from tlkit.recipe.space import Domain, changes_of
from tlkit.search.search_journal import SearchError
from tlkit.search.trial import COMPLETED, FAILED, Trial


class Proposer:
    """An oracle of keras-tuner, asked for trials and told what came of them."""

    def __init__(self, oracle: Any, domains: list[Domain], objective: str) -> None:
        self.oracle, self.domains, self.objective = oracle, domains, objective

    def propose(self, worker: str, trials: list[Trial]) -> tuple[Trial, dict[str, object]] | str:
        """The trial behind these, and what its line in the journal needs; else the oracle's word that there is none."""
        chosen = self._feasible(f"{worker}/{len(trials)}")
        if chosen.status != "RUNNING":
            return str(chosen.status)
        note = {"values": chosen.hyperparameters.values, "seed_state": seed_state(self.oracle)}
        return self._as_trial(chosen, worker, trials), note

    def propose_again(self, line: dict[str, Any], trials: list[Trial]) -> Trial:
        """The trial that a line of the journal tells of; a `SearchError` if the oracle now chooses another."""
        chosen = self._feasible(f"{line['worker']}/{len(trials)}", line)
        if chosen.status != "RUNNING" or chosen.hyperparameters.values != line["values"]:
            raise SearchError(
                f"trial {line['trial']} can no longer be told from the journal; was keras-tuner changed? "
                "Begin afresh with --new"
            )
        return self._as_trial(chosen, line["worker"], trials)

    def end(self, trial: Trial) -> None:
        """Tell the oracle how a trial ended."""
        chosen = self.oracle.trials[trial.oracle_id]
        if trial.status == COMPLETED:
            self.oracle.update_trial(trial.oracle_id, {self.objective: trial.score}, step=trial.num_epochs)
        chosen.status = COMPLETED if trial.status == COMPLETED else FAILED
        self.oracle.end_trial(chosen)

    def may_promote(self, trial: Trial) -> bool:
        """Whether Hyperband may yet go on from a trial's weights."""
        rounds = (each for bracket in getattr(self.oracle, "_brackets", []) for each in bracket["rounds"])
        return any(info["id"] == trial.oracle_id for each in rounds for info in each)

    def _feasible(self, name: str, line: dict[str, object] | None = None) -> Any:
        """What the oracle gives, until it is a point that can be built or none."""
        while True:
            chosen = self.oracle.create_trial(name) if line is None else self._pinned(name, line)
            if chosen.status != "RUNNING" or self.oracle.is_feasible(chosen.hyperparameters.values):
                return chosen
            chosen.status = FAILED
            self.oracle.end_trial(chosen)

    def _pinned(self, name: str, line: dict[str, Any]) -> Any:
        """What the oracle gives where a Gaussian process need not be asked again."""
        if not hasattr(self.oracle, "pinned"):
            return self.oracle.create_trial(name)
        self.oracle.pinned = line["values"]
        chosen = self.oracle.create_trial(name)
        self.oracle.pinned = None
        set_seed_state(self.oracle, line["seed_state"])
        return chosen

    def _as_trial(self, chosen: Any, worker: str, trials: list[Trial]) -> Trial:
        values = chosen.hyperparameters.values
        past = values.get("tuner/trial_id")
        since = next((each for each in trials if each.oracle_id == past), None) if past else None
        return Trial(
            number=len(trials),
            changes=changes_of(self.domains, to_fields(self.domains, values)),
            worker=worker,
            oracle_id=chosen.trial_id,
            since=since.number if since else None,
            until=values.get("tuner/epochs"),
            first_epoch=since.num_epochs if since else 0,
            batch_size=since.batch_size if since else None,
        )
