"""The wheel: built, installed into an environment of its own, and used from an empty folder."""

import hashlib
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import tlkit

ROOT = Path(tlkit.__file__).parent.parent
BUILD = [sys.executable, "-P", "-m", "hatchling", "build"]


def ran(command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, **options)
    return done.returncode, done.stdout, done.stderr


def built(folder, *targets, source=ROOT, mask=0o022):
    """The files that a build leaves, by their endings."""
    options = [option for target in targets for option in ("--target", target)]
    code, _, said = ran([*BUILD, *options, "--directory", folder], cwd=source, umask=mask)
    assert code == 0, said
    return {each.suffix: each for each in folder.iterdir()}


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    return built(tmp_path_factory.mktemp("dist"), "sdist", "wheel")


@pytest.fixture(scope="module")
def installed(dist, tmp_path_factory):
    """The programs of an environment with this wheel and, in place of a network, the packages of the present one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "present.pth").write_text("\n".join(each for each in sys.path if each.endswith("site-packages")))
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check"]
    code, _, said = ran([sys.executable, "-m", "pip", "--python", folder / "bin" / "python", *install, dist[".whl"]])
    assert code == 0, said
    return folder / "bin"


@pytest.fixture
def tlkit_there(installed, tmp_path):
    """Runs the installed `tlkit` in an empty folder."""
    here = tmp_path / "empty"
    here.mkdir()
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "TLKIT_"))}
    clean["TLKIT_CACHE"] = str(tmp_path / "cache")

    def run(*arguments, program="tlkit"):
        code, out, said = ran([installed / program, *arguments], cwd=here, env=clean)
        assert code == 0, said
        return out.splitlines()

    yield run
    assert not list(here.rglob("__pycache__"))


def tracked(*folders):
    code, out, said = ran(["git", "ls-files", *folders], cwd=ROOT)
    assert code == 0, said
    return set(out.splitlines())


def test_wheel_and_sdist_hold_every_file_of_the_package_and_every_recipe(dist):
    files = tracked("tlkit", "recipes")
    assert {"tlkit/py.typed", "recipes/cats.yaml", "recipes/leaf_net.py"} < files
    in_wheel = {each if each.startswith("tlkit/") else f"tlkit/{each}" for each in files}
    assert in_wheel <= set(zipfile.ZipFile(dist[".whl"]).namelist())
    with tarfile.open(dist[".gz"]) as archive:
        assert files <= {each.partition("/")[2] for each in archive.getnames()}


def test_two_builds_are_equal_to_the_byte_whoever_makes_them(dist, tmp_path):
    """Other times and modes of the files, and the wheel made from the sdist."""
    with tarfile.open(dist[".gz"]) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    for file in source.rglob("*.yaml"):
        file.chmod(0o600)
        os.utime(file, (1e9, 1e9))
    again = built(tmp_path / "dist", "sdist", "wheel", source=source, mask=0o077)
    for kind, file in dist.items():
        assert hashlib.sha256(again[kind].read_bytes()).digest() == hashlib.sha256(file.read_bytes()).digest(), kind


def test_an_installed_tlkit_knows_its_version_and_itself(dist, tlkit_there, installed):
    assert dist[".whl"].name == f"tlkit-{tlkit.__version__}-py3-none-any.whl"
    assert tlkit_there("--version") == [f"tlkit, version {tlkit.__version__}"]
    (home,) = tlkit_there("-c", "import tlkit; print(tlkit.__file__)", program="python")
    assert home.startswith(str(installed.parent))


def test_an_installed_tlkit_has_its_recipes(tlkit_there, tmp_path):
    shipped = {each[len("recipes/") : -len(".yaml")] for each in tracked("recipes") if each.endswith(".yaml")}
    assert {line.split()[0] for line in tlkit_there("list", "recipes")} == shipped
    assert tlkit_there("check", "cats")[-1] == "no problems found"
    trusted = "import tlkit; print(tlkit.load_recipe('leaf_net').model.net)"
    assert tlkit_there("-c", trusted, program="python") == ["leaf_net.py:build"]
    assert tlkit_there("new", "leaf_net")[-1] == "next      tlkit run leaf_net.yaml"
    assert sorted(each.name for each in (tmp_path / "empty").iterdir()) == ["cats.yaml", "leaf_net.py", "leaf_net.yaml"]
