"""What all tests share: no accelerator, no telemetry, a cache of their own, tiny pictures and a finished run."""

import gc
import os
import shutil
import signal
import subprocess
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import pytest
from command_line import RECIPE, run_json
from drawing import draw_pictures
from fast_tests import FAST, SLOWER

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in `make test &`: what tests start would ignore it too
    signal.signal(signal.SIGINT, signal.default_int_handler)


HOME = Path(__file__).parent
LONGEST = (  # files of tests, of a quarter of a minute to minutes each
    "exporting/test_exports.py", "commands/test_recipes.py", "commands/test_processes.py",
    "search/test_search_processes.py",
    "commands/test_side_column_runs.py", "search/test_tune.py", "commands/test_shape_runs.py", "commands/test_run.py",
    "test_docs.py", "commands/test_rerun.py", "commands/test_torture.py", "commands/test_going_on.py",
    "commands/test_bad_input.py", "test_house.py", "plugins/test_plugins.py", "training/test_finetuning.py",
    "training/test_members.py", "exporting/test_export_section.py", "search/test_auto.py", "studio/test_studio_jobs.py",
    "interpretation/test_every_net_explained.py", "nets/test_every_net.py", "report/test_record.py",
    "training/test_estimators.py", "commands/test_init.py", "commands/test_explain.py", "commands/test_made_before.py",
    "commands/test_trust.py", "inspection/test_check_data.py", "commands/test_own_functions.py",
    "commands/test_wave_runs.py", "fuzz/test_parsers.py", "tracking/test_interruptions.py", "tracking/test_tracker.py",
    "commands/test_evaluate.py", "commands/test_determinism.py", "commands/test_cross_validate.py", "test_readme.py",
    "commands/test_commands.py", "model/test_freezing.py", "model/test_foreign_models.py", "nets/test_known_sizes.py",
)  # fmt: skip


def pytest_addoption(parser):
    """`--fast`: the files of `make check` alone."""
    parser.addoption("--fast", action="store_true", help="the fast tests of every package")


def pytest_ignore_collect(collection_path, config):
    """With `--fast`, the other files are not even imported."""
    left_out = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    name = collection_path.relative_to(HOME).as_posix() if collection_path.is_relative_to(HOME) else ""
    return True if config.getoption("--fast") and left_out and name not in FAST else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """The longest files come first: none is left for one worker when the other has nothing to do any more."""
    ranks = {HOME / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))
    if config.getoption("--fast"):
        items[:] = [item for item in items if item.originalname not in SLOWER]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Features that tests compute stay out of the user's cache."""
    before = os.environ.get("TLKIT_CACHE")
    os.environ["TLKIT_CACHE"] = str(tmp_path_factory.mktemp("tlkit-cache"))
    yield
    if before is None:
        del os.environ["TLKIT_CACHE"]
    else:
        os.environ["TLKIT_CACHE"] = before


@pytest.fixture(scope="session", autouse=True)
def _lasting_objects_set_aside():
    """What was imported stays: no garbage collection looks at all of it again, which takes half a second."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def drawn_pictures(tmp_path_factory):
    """Two classes of a dozen pictures, drawn once; not to be changed."""
    return draw_pictures(tmp_path_factory.mktemp("drawn") / "pictures")


@pytest.fixture
def picture_folder(drawn_pictures, tmp_path):
    """A fresh copy of two class folders (blue, red) of a dozen pictures each."""
    return shutil.copytree(drawn_pictures, tmp_path / "pictures")


@pytest.fixture
def project(tmp_path, drawn_pictures, monkeypatch):
    """The current folder: a recipe for a tiny frozen run and its pictures."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(drawn_pictures, tmp_path / "pictures")
    (tmp_path / "tiny.yaml").write_text(RECIPE)
    return tmp_path


@pytest.fixture(scope="session")
def finished(tmp_path_factory, drawn_pictures):
    """A project in which the tiny recipe has run twice; not to be changed. Gives the folder and both results."""
    folder = tmp_path_factory.mktemp("finished")
    shutil.copytree(drawn_pictures, folder / "pictures")
    (folder / "tiny.yaml").write_text(RECIPE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TLKIT_CACHE", str(folder / "cache"))
        results = [run_json("tiny.yaml") for _ in range(2)]
    return Path(folder), results


@pytest.fixture
def small_disk(tmp_path):
    """A function that makes a folder on a disk of its own with room for so much, or gives that disk another size."""
    mounted = []

    def mount(size, folder=tmp_path / "small disk"):
        folder.mkdir(parents=True, exist_ok=True)
        options = f"{'remount,' if folder in mounted else ''}size={size}"
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, text=True)
        if made.returncode:
            pytest.skip(f"no small disk can be mounted here: {made.stderr.strip()}")
        mounted.append(folder)
        return folder

    if not shutil.which("mount"):
        pytest.skip("no small disk can be mounted here: there is no mount")
    yield mount
    for folder in set(mounted):
        subprocess.run(["umount", "-l", folder], check=True)
