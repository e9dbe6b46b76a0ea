"""A run's record as it is opened: parameters, tags and data, before anything is trained."""

from __future__ import annotations

from pathlib import Path

from tlkit import tracking
from tlkit.recipe.overriding import flat
from tlkit.recipe.schema import Recipe
from tlkit.report import environment, run_note
from tlkit.training.setup import Setup


def open_record(recipe: Recipe, setup: Setup, root: Path, *, offline: bool) -> tracking.Recorder:
    """A record of this recipe's run, with all that is known of it by now."""
    found = run_note.dataset(recipe.data.path, recipe.name, setup.splits)
    tracker = tracking.start(
        name=recipe.track.name or recipe.name,
        experiment=recipe.track.experiment or recipe.name,
        params=dict(flat(recipe.model_dump(mode="json"))),
        tags={**_tags(recipe, setup), "data.digest": found.digest},
        root=root,
        description=recipe.track.description or recipe.description,
        system_metrics=recipe.track.system_metrics,
        offline=offline,
    )
    tracker.log_data(found)
    return tracker


def _tags(recipe: Recipe, setup: Setup) -> dict[str, str]:
    info, commit = setup.splits.info, environment.git_commit()
    return {
        "tlkit.recipe": recipe.name,
        "tlkit.recipe_folder": str(recipe.folder),
        "tlkit.task": info.task,
        "tlkit.device": environment.device(),
        **{f"version.{name}": version for name, version in environment.versions().items()},
        **({"git.commit": commit} if commit else {}),
        **({"tlkit.few_examples": setup.few} if setup.few else {}),
        **{f"data.count.{name}": str(count) for name, count in setup.splits.counts().items()},
        "data.set_aside": str(len(info.set_aside)),
        **info.tags,
        **recipe.track.tags,
    }
