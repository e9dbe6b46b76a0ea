"""Python files of a recipe from outside the working folder: they run once someone trusts them, as they are."""

import importlib.util
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import run_json, tlkit

import tlkit as library
from tlkit.errors import TrustError
from tlkit.own_files import function_in

NET = """
from pathlib import Path
Path({ran!r}).touch()
import keras
def net(shape, **_):
    inputs = keras.Input(shape)
    return keras.Model(inputs, keras.layers.Conv2D(2, 3, strides=4, name="conv")(inputs))
"""


@pytest.fixture
def elsewhere(project, tmp_path_factory, monkeypatch):
    """A folder outside the working one with a recipe and its net; nobody has trusted anything."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "net.py").write_text(NET.format(ran=str(folder / "ran")))
    (folder / "own.yaml").write_text((project / "tiny.yaml").read_text().replace("efficientnet-lite0", "'net.py:net'"))
    monkeypatch.setenv("TLKIT_CACHE", str(folder / "cache"))
    monkeypatch.delenv("TLKIT_TRUSTED", raising=False)
    yield folder
    os.environ.pop("TLKIT_TRUSTED", None)


def refused(*arguments):
    done = tlkit(*arguments)
    assert done.exit_code == 2, done.output
    assert len(done.output.strip().splitlines()) == 1, done.output
    return done.output


def test_every_command_that_reads_a_recipe_refuses_an_untrusted_one(elsewhere):
    recipe, said = elsewhere / "own.yaml", f"{elsewhere / 'net.py'}: Python from outside the working folder"
    space = "tune.space={model.net: {choice: ['net.py:net', cnn]}}"
    for arguments in (
        ["run"], ["run", "--folds", 3], ["tune", "--set", space], ["tune", "--join", "127.0.0.1:1"], ["check"],
        ["check", "--data"], ["summary"], ["run", "--set", "model.net=cnn", "--set", "augment=[{'net.py:net': {}}]"],
        ["run", "--set", "model.net=cnn", "--set", "data.source=net.py:net"],
        ["tune", "--set", "model.net=cnn", "--set", space],
    ):  # fmt: skip
        assert said in refused(arguments[0], recipe, *arguments[1:])
    for call in (library.load_recipe, library.run, library.check, library.tune):
        with pytest.raises(TrustError, match="trust=True"):
            call(recipe)
    with pytest.raises(TrustError):
        library.build("net.py:net", None, folder=elsewhere)
    with pytest.raises(TrustError):  # whoever forgot to ask
        function_in(elsewhere / "net.py", "net")
    assert not (elsewhere / "ran").exists()


def test_what_is_trusted_runs_here_and_in_workers_until_it_changes(elsewhere):
    recipe, small = elsewhere / "own.yaml", ["--set", "train={engine: openvino, unfreeze: none, epochs: 1}"]
    assert run_json(recipe, *small, "--trust")["metrics"]
    assert (elsewhere / "ran").exists()
    assert tlkit("check", recipe).exit_code == 0, "remembered"
    (elsewhere / "other.py").write_text("beside = 1")
    assert "other.py" in refused("check", recipe)
    assert tlkit("check", recipe, "--trust").exit_code == 0
    (elsewhere / "net.py").write_text((elsewhere / "net.py").read_text() + "\n")
    (elsewhere / "ran").unlink()
    assert "net.py: Python from outside" in refused("rerun", "latest")
    assert not (elsewhere / "ran").exists()
    assert tlkit("check", recipe, "--trust").exit_code == 0


def test_the_working_folder_is_trusted_and_a_link_out_of_it_is_not(elsewhere, monkeypatch):
    Path("linked").symlink_to(elsewhere)
    with pytest.raises(TrustError):
        library.load_recipe("linked/own.yaml")
    assert tlkit("list", "recipes").exit_code == 0
    monkeypatch.chdir(elsewhere)
    assert library.load_recipe("own.yaml").model.net == "net.py:net"


@pytest.mark.parametrize(("answer", "runs"), [("y", True), ("n", False), ("", False)])
def test_a_terminal_is_asked_and_shown_what_would_run(elsewhere, answer, runs):
    (elsewhere / "\x1b[2Jevil.py").write_text("")
    leader, follower = pty.openpty()
    code = f"import tlkit\ntlkit.load_recipe({str(elsewhere / 'own.yaml')!r})\nprint('loaded')"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=follower, stdout=subprocess.PIPE, stderr=follower)
    os.close(follower)
    os.write(leader, f"{answer}\n".encode())
    said, _ = child.communicate(timeout=60)
    asked = os.read(leader, 10_000).decode()
    os.close(leader)
    assert (b"loaded" in said) == runs, asked
    assert f"{elsewhere / 'net.py'}" in asked
    assert "It can do all that you can" in asked
    assert "?[2Jevil.py" in asked
    assert ((elsewhere / "cache" / "trusted").is_dir()) == runs


def test_what_lies_compiled_beside_a_file_is_not_run(project):
    (project / "own.py").write_text("def read(path): return 'source'\n")
    planted = Path(importlib.util.cache_from_source(str(project / "own.py")))
    planted.parent.mkdir()
    import _imp
    import marshal

    code = compile("def read(path): return 'compiled'", "own.py", "exec")
    unchecked = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + _imp.source_hash(0, b"")
    planted.write_bytes(unchecked + marshal.dumps(code))
    assert function_in(project / "own.py", "read")(None) == "source"
