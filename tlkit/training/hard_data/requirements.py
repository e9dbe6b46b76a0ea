"""What hard data are to be learned from with cannot be done with any data, nor with any phases."""

from __future__ import annotations

from tlkit.errors import RecipeError


def refuse_classless(imbalance: str, output: str) -> None:
    """There must be one class an example to balance; weights do nothing elsewhere, as they always did."""
    if output != "softmax" and imbalance not in ("none", "weights"):
        raise RecipeError([f"train.imbalance: {imbalance} needs one class an example (data.task: label). Leave it out"])


def refuse_unclean(label_noise: str, imbalance: str, output: str, *, alone: bool) -> None:
    """Wrong labels need one class an example, a loss of their own, and to be found a backbone that is frozen first."""
    faults = {
        "needs one class an example (data.task: label). Leave it out": output != "softmax",
        f"and train.imbalance: {imbalance} are two losses. Take one": label_noise == "robust"
        and imbalance in ("logit_adjusted", "focal"),
        "asks a head on frozen features which labels are in doubt, and here more is trained from the start "
        "(train.unfreeze). Begin with the head alone (train.phases), or say robust": label_noise == "leave_out"
        and not alone,
    }
    wrong = next((each for each, holds in faults.items() if holds), "")
    if label_noise != "none" and wrong:
        raise RecipeError([f"train.label_noise: {label_noise} {wrong}"])
