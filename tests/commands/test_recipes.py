"""Every recipe that ships loads, and runs when shortened."""

import functools
from pathlib import Path

import numpy as np
import pytest
from command_line import run_offline
from shape_files import write_dna, write_texts, write_views, write_voxels
from small_nets import SMALL
from waves import write_idx

from tlkit import catalog
from tlkit.recipe.loading import load_recipe
from tlkit.tracking.lookup import recent
from tlkit.tracking.resend import sync

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "recipes").rglob("*.yaml"))
# those that are no slow tests: one of each kind of data; a frozen backbone, from scratch, searched
SOONER = {
    "cats.yaml", "cats_scratch.yaml", "cats_tuned.yaml", "leaf_net.yaml", "dna/promoters.yaml",
    "signals/ecg5000.yaml", "sound/chords.yaml", "table/flowers.yaml", "text/docstrings.yaml", "views/solid_views.yaml",
    "voxels/solids.yaml",
}  # fmt: skip
# source -> what writes tiny data of its kind, and the settings that these need
WRITERS = {
    "dna": (write_dna, {}),
    "text": (write_texts, {}),
    "views": (write_views, {"data.pattern": "null", "data.split_by": "object", "data.count": 2, "data.image_size": 32}),
    "voxels": (functools.partial(write_voxels, size=16), {}),
}
LARGEST = 67  # pixels; AlexNet takes no less
SHORT = {"data.val": 0.25, "train.epochs": 1, "train.few_examples": "as_written"}
DEEP = ("inception", "mobilenet", "inception1d")  # nets whose depth is no number of repeats


def small_data(recipe, folder):
    """Settings that put a small set of the recipe's kind in the place of its own."""
    source, sample = recipe.data.source, recipe.data.sample
    if source == "idx":
        rng = np.random.default_rng(0)
        for part in ("train", "t10k"):
            pictures = rng.integers(0, 255, (40, 28, 28))
            write_idx(folder / "idx" / f"{part}-images-idx3-ubyte", pictures)
            write_idx(folder / "idx" / f"{part}-labels-idx1-ubyte", np.arange(40) % 10)
        return {"data.path": "idx", "data.val": 0.3}
    if source == "image_folder":
        small = isinstance(recipe.data.image_size, int) and recipe.data.image_size <= LARGEST
        return {"data.path": "pictures", "data.test": 0.25, **({} if small else {"data.image_size": 32})}
    if source in WRITERS:
        write, needed = WRITERS[source]
        write(folder / "stand_in")
        return {"data.path": "stand_in", "data.test": 0.25, **needed}
    name = sample or {"signals": "heartbeats"}[source]  # sets that are not drawn have a drawn one of their kind
    catalog.resolve(name, catalog.SAMPLES, kind="sample")(folder / name, count=40)
    return {"data.path": name, "data.test": 0.25}


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """Where all runs of this module leave their records, and the recipes that have run."""
    return tmp_path_factory.mktemp("records"), []


def test_there_are_recipes():
    assert len(RECIPES) >= 12
    assert {path.relative_to(ROOT / "recipes").as_posix() for path in RECIPES} >= SOONER


def _cases():
    for path in RECIPES:
        name = path.relative_to(ROOT / "recipes").as_posix()
        yield pytest.param(path, id=name, marks=[] if name in SOONER else pytest.mark.slow)


@pytest.mark.parametrize("path", _cases())
def test_a_recipe_runs_shortened(path, project, records):
    (project / "mlruns").symlink_to(records[0])
    recipe = load_recipe(path, trust=True)
    settings = {**SHORT, **small_data(recipe, project)}
    for index in range(len(recipe.train.phases)):
        settings[f"train.phases.{index}.epochs"] = 1
    if recipe.model.net in DEEP:
        settings |= {f"model.{name}": value for name, value in SMALL[recipe.model.net][1].items()}
    if "repeats" in (
        catalog.arguments(recipe.model.net, {**catalog.NETS, **catalog.BACKBONES}, kind="net", folder=recipe.folder)
        or ()
    ):
        settings["model.repeats"] = 1  # one block a stage: deep nets take long to compile
    arguments = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    assert 0 <= run_offline(path, *arguments)["metrics"]["test/accuracy"] <= 1
    records[1].append(path)


def test_mlflow_takes_the_records_of_all_recipes_that_ran(records, project):
    folder, ran = records
    if not ran:
        pytest.skip("no recipe was asked for")
    (project / "mlruns").symlink_to(folder)
    assert [outcome for _, outcome in sync()] == ["ok"] * len(ran)
    assert [run.status for run in recent(limit=100)] == ["FINISHED"] * len(ran)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_opens_by_saying_what_it_shows_and_what_to_expect(path):
    opening = path.read_text().splitlines()[:3]
    assert opening[0].startswith("# ")
    assert any("Expect" in line for line in opening)


PICTURES = (
    "lenet5 alexnet vgg16 vgg19 resnet18 resnet34 resnet50 resnet20 resnet56 resnet110 "
    "inception mobilenet nin cnn mlp local filter-bank"
)


def test_every_picture_net_has_a_recipe():
    assert {load_recipe(path).model.net for path in RECIPES} >= set(PICTURES.split())
