"""How a head on frozen features is trained where validation is too small to say when to stop or which epoch to keep.

Below 50 examples a class it is solved from all examples, validation's among them, its penalty chosen by folds
(docs/heads.md has the figures); a head that cannot be solved is trained for 500 steps and the last epoch kept. Both
rules were chosen on draws of training parts; `python bench/few.py` measures what they come to (docs/scores.md).

200 steps are too few for ten classes, 1000 add nothing. 80 is no optimum: with more in validation, early stopping costs
less than draws differ by, and saves time. What trains more than a head is left alone: there an epoch is dear.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tlkit.data.splits import Splits
from tlkit.training.phase import PhasePlan

ENOUGH = 80  # validation examples
_FEW = 50  # examples for each output
_STEPS = 500
_STEPS_AN_EPOCH = 8
_LEAST_BATCH = 4


def adapted(phase: PhasePlan, num_train: int, num_val: int) -> dict[str, Any]:
    """What of a head's phase is to be changed for so few examples; nothing where validation can choose or is not asked.

    A phase without early stopping has a length of its own and is left as it is.

    Example:
        >>> from tlkit.training.phase import Stopping
        >>> phase = PhasePlan("none", epochs=20, batch_size=64, learning_rate=1e-3, early_stopping=Stopping(patience=4))
        >>> adapted(phase, 40, 7)
        {'epochs': 63, 'batch_size': 5, 'early_stopping': None, 'keep': 'last', 'from_zero': True}
        >>> adapted(phase, 40, 80)
        {}
    """
    if phase.early_stopping is None or num_val >= ENOUGH:
        return {}
    batch = min(phase.batch_size, max(_LEAST_BATCH, num_train // _STEPS_AN_EPOCH))
    epochs = max(phase.epochs, -(-_STEPS // -(-num_train // batch)))
    return {"epochs": epochs, "batch_size": batch, "early_stopping": None, "keep": "last", "from_zero": True}


def line_of(before: PhasePlan, after: PhasePlan, num_val: int) -> str:
    """What is changed and why, with the fields that are overruled, in a line."""
    patience = before.early_stopping.patience if before.early_stopping else 0
    given = f"epochs {before.epochs}, batch_size {before.batch_size}, patience {patience}"
    return (
        f"{num_val} validation examples cannot tell when to stop: {after.epochs} epochs in batches of "
        f"{after.batch_size}, the last kept, in place of {given} (train.few_examples)"
    )


def few_enough_to_solve(phases: Sequence[PhasePlan], splits: Splits) -> bool:
    """Whether a head that is all there is to train, for as long as validation says, is better solved."""
    examples = len(splits.train) + len(splits.val)
    return len(phases) == 1 and phases[0].early_stopping is not None and examples < _FEW * splits.info.num_outputs


def solved_line(splits: Splits) -> str:
    """That the head is solved and why, in a line."""
    return (
        f"{len(splits.train) + len(splits.val)} examples: the head is solved from train and val together, its penalty "
        "chosen by folds, in place of trained (model.head.solver: gradient trains it)"
    )
