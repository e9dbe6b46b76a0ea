"""How a head on frozen features is trained where validation is too small to say when to stop or which epoch to keep.

The rule was chosen on draws of training parts of photographs (2 classes) and Fashion-MNIST (10), with a copy of the
head in NumPy on frozen features of EfficientNet-Lite0; accuracy in %, 5 to 12 draws a figure, a standard error of 0.2
to 0.8. A logistic probe on the same features, its strength by cross-validation, had about 97.5, 78, 98 and 84:

    examples a class, data                        10 photos  10 fashion  50 photos  50 fashion
    the schema's defaults: 20 epochs, batch 32       91.4      73.5       96.6       82.7
    batch 64, patience 4, at most 20 epochs          95.4      77.2       97.1       83.2
    the same patience within 500 steps               96.0      78.3       97.3       83.3
    500 steps, batches of an eighth, the last kept   96.0      78.3       97.4       83.9
    the same, the output's weights begun at zero     96.3      78.5       97.7       84.0

200 steps are too few for ten classes, 1000 add nothing; a penalty on the weights would add 0.4 at ten photographs and
nothing elsewhere. 80 is no optimum: with more in validation, early stopping costs less than draws differ by, and saves
time. What trains more than a head is left alone: there an epoch is dear. `python bench/few.py` measures what tlkit
itself makes of it (docs/scores.md).
"""

from __future__ import annotations

from typing import Any

from tlkit.training.phase import PhasePlan

ENOUGH = 80  # validation examples
_STEPS = 500
_STEPS_AN_EPOCH = 8
_LEAST_BATCH = 4


def adapted(phase: PhasePlan, num_train: int, num_val: int) -> dict[str, Any]:
    """What of a head's phase is to be changed for so few examples; nothing where validation can choose or is not asked.

    A phase without early stopping has a length of its own and is left as it is.

    Example:
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
