"""Fields of fine-tuning that could not do anything where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tlkit.errors import RecipeError
from tlkit.model.building import BackboneSpec
from tlkit.training.phase import PhasePlan


def refuse_idle_fields(phases: Sequence[PhasePlan], spec: BackboneSpec) -> None:
    """Every such field, all of them at once."""
    problems = [*_of_backbone(phases, spec), *_of_order(phases)]
    if problems:
        raise RecipeError(problems)


def _of_backbone(phases: Sequence[PhasePlan], spec: BackboneSpec) -> Iterator[str]:
    asked = {
        "layer_decay": any(each.layer_decay != 1.0 for each in phases),
        "l2_sp": any(each.l2_sp for each in phases),
        "batch_norm": any(each.batch_norm == "frozen" for each in phases),
    }
    trained = any(each.trains_backbone for each in phases)
    for name in (name for name, given in asked.items() if given):
        if not trained:
            yield f"train.{name}: is for blocks of the backbone that are trained, and none is. Set train.unfreeze"
        elif name != "layer_decay" and not spec.pretrained:
            yield f"train.{name}: keeps to what weights bring with them, and '{spec.net}' is from scratch. Leave it out"


def _of_order(phases: Sequence[PhasePlan]) -> Iterator[str]:
    if phases[0].again:
        yield "train.phases.0.again: there is no phase before the first. Leave it out"
    if phases[0].skip_above is not None:
        yield "train.phases.0.skip_above: looks at the phase before, and this is the first. Leave it out"
    if len(phases) == 1 and phases[0].keep == "proven":
        yield "train.keep: proven compares with the phase before, and there is one phase. Say best or last"
    for index, phase in enumerate(phases[1:], 1):
        where = f"train.phases.{index}"
        if phase.again and phases[index - 1].keep != "proven":
            yield f"{where}.again: is for a phase that is proven, and the one before is not (keep: proven)"
        if phase.is_solved and not phase.again:
            yield f"{where}.solver: {phase.solver} is for the first phase, a head on frozen features. Say gradient"
