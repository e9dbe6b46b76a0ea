"""Completion, by the shells themselves; zsh and fish where they are installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
ASKED = """
eval "$(tlkit completion bash)"
COMP_WORDS=({words}) COMP_CWORD={place}
_tlkit_completion tlkit
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def shell(name, script, folder):
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed here")
    clean = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)}
    command = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[name]
    done = subprocess.run([name, *command, "-c", script], capture_output=True, text=True, cwd=folder, env=clean)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def completed(folder, *words):
    given = " ".join(f"'{each}'" for each in ("tlkit", *words))
    return shell("bash", ASKED.format(words=given, place=len(words)), folder)


def test_bash_calls_tlkit_to_complete_it(tmp_path):
    assert shell("bash", 'eval "$(tlkit completion bash)"; complete -p tlkit', tmp_path)[0].endswith("tlkit")


def test_commands_and_options_are_completed(tmp_path):
    assert completed(tmp_path, "co") == ["compare", "completion"]
    assert completed(tmp_path, "run", "--off") == ["--offline"]
    assert completed(tmp_path, "explain", "latest", "--method", "gr") == ["gradcam"]


def test_recipes_are_completed_those_here_first(tmp_path):
    (tmp_path / "cats_mine.yaml").write_text("")
    assert completed(tmp_path, "run", "cats_") == [
        "cats_mine.yaml", "cats_finetuned", "cats_photos", "cats_scratch", "cats_tuned",
    ]  # fmt: skip


def test_runs_are_completed(finished):
    folder, results = finished
    ids = [each["run_id"][:8] for each in results]
    assert sorted(completed(folder, "predict", "")) == sorted(["latest", *ids])
    assert completed(folder, "predict", "lat") == ["latest"]


def test_without_runs_there_are_none_to_complete(tmp_path):
    assert completed(tmp_path, "predict", "x") == [""]


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_other_shells_take_what_is_printed(name, tmp_path):
    script = {"zsh": "autoload -U compinit; compinit -u; ", "fish": ""}[name]
    source = {"zsh": 'eval "$(tlkit completion zsh)"; print ${_comps[tlkit]}',
              "fish": "tlkit completion fish | source; complete --do-complete 'tlkit compl'"}[name]  # fmt: skip
    assert "completion" in shell(name, script + source, tmp_path)[-1]
