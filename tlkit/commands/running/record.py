"""A run's record as it is opened: parameters, tags and data, before anything is trained."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tlkit import tracking
from tlkit.recipe.overriding import flat
from tlkit.recipe.schema import Recipe
from tlkit.report import environment
from tlkit.tracking import RecordedData
from tlkit.training.setup import Setup

OWN_FILES = "tlkit.own_files"
SETTINGS = "tlkit.settings"
_MOST_SETTINGS = 4000  # letters, as many as a tag may have in older stores


def open_record(
    recipe: Recipe, setup: Setup, data: RecordedData, root: Path, *, offline: bool, goes_on: str = ""
) -> tracking.Recorder:
    """A record of this recipe's run, with all that is known of it by now; it may go on with an earlier one."""
    tracker = tracking.start(
        name=recipe.run_name,
        experiment=recipe.track.experiment or recipe.name,
        params=dict(flat(recipe.model_dump(mode="json"))),
        tags={**_tags(recipe, setup), "data.digest": data.digest},
        root=root,
        description=recipe.track.description or recipe.description,
        system_metrics=recipe.track.system_metrics,
        offline=offline,
        goes_on=goes_on,
    )
    tracker.log_data(data)
    return tracker


def own_hashes(recipe: Recipe) -> dict[str, str]:
    """The hashes of the Python files beside a recipe that it names functions of, by their paths from there."""
    files = {file.relative_to(recipe.folder).as_posix(): file for file in recipe.own_files.values()}
    return {name: hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest() for name, file in files.items()}


def _tags(recipe: Recipe, setup: Setup) -> dict[str, str]:
    info, commit = setup.splits.info, environment.git_commit()
    settings = json.dumps(recipe.settings)
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
        **({SETTINGS: settings} if recipe.settings and len(settings) <= _MOST_SETTINGS else {}),
        **({OWN_FILES: json.dumps(hashes)} if (hashes := own_hashes(recipe)) else {}),
        **info.tags,
        **recipe.track.tags,
    }
