"""A process that runs recipes without a record, and ends with a line of JSON: the digests of what each came to."""

from __future__ import annotations

import json
import sys

from tlkit.errors import TlkitError
from tlkit.quiet import load_keras, own_process
from tlkit.recipe.loading import load_recipe
from tlkit.recipe.schema import Recipe
from tlkit.report.about import About
from tlkit.report.repeatability import repeatability
from tlkit.report.run_note import digest
from tlkit.tracking import SilentRecorder
from tlkit.training.feature_worker import FeatureWorker
from tlkit.training.planning import load_data, setup_of, will_use_openvino
from tlkit.training.timings import StageTimes


def main(paths: list[str], settings: list[str]) -> None:
    """Run each recipe; a mistake of the user's is said in its own words."""
    own_process()
    try:
        found = {path: _tags(load_recipe(path, settings)) for path in paths}
    except TlkitError as error:
        sys.exit(str(error))
    print("\n" + json.dumps(found))


def _tags(recipe: Recipe) -> dict[str, str]:
    """The tags that a run of this recipe would have in its record."""
    with FeatureWorker() as worker, SilentRecorder() as recorder:
        if will_use_openvino(recipe):
            worker.start()
        splits = load_data(recipe)
        setup = setup_of(recipe, splits)
        worker.begin(setup)
        load_keras()
        from tlkit.training.judging import judge
        from tlkit.training.members import fit_members

        trained = fit_members(setup, worker, recorder, digests=True)
        evaluation = judge(trained, worker, StageTimes())
        tags = {"data.digest": digest(splits), "tlkit.engine": trained.feature_stats.get("engine", "keras")}
        return {**tags, **recorder.tags, **repeatability(trained, evaluation, About.of(recipe))}


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]))
