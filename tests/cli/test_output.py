"""What commands print: JSON alone where it is asked for, tables on terminals, plain lines elsewhere."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from command_line import tlkit
from drawing import draw_pictures

from tlkit.cli import COMMANDS
from tlkit.cli.output import echo_json

BIN = Path(sys.executable).parent
SILENT = {"schema", "completion"}  # what they print is for programs already


@pytest.fixture
def there(finished, monkeypatch):
    monkeypatch.chdir(finished[0])
    monkeypatch.setenv("TLKIT_CACHE", str(finished[0] / "cache"))
    return finished[1]


def document(*arguments, status=0):
    """The JSON of a command's standard output, which holds nothing else."""
    done = tlkit(*arguments, "--json")
    assert done.exit_code == status, done.output
    (line,) = done.stdout.splitlines()
    return json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


def test_every_command_that_answers_has_json():
    options = {each.name: {name for option in each.params for name in option.opts} for each in COMMANDS}
    assert {name for name, known in options.items() if "--json" not in known} == SILENT


def test_predictions_as_json(there, tmp_path):
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff")
    found = document("predict", "latest", "pictures/red", tmp_path / "torn.jpg", status=2)
    assert len(found["examples"]) == 12
    assert "torn.jpg" in found["broken"][0]
    first = found["examples"][0]
    assert first["probability"] == pytest.approx(max(first["outputs"].values()), abs=1e-6)
    assert set(first["outputs"]) == {"blue", "red"}


@pytest.mark.slow
def test_features_and_likeness_as_json(there, tmp_path):
    table = tmp_path / "features.parquet"
    assert document("embed", "latest", "pictures", "--out", table) == {
        "file": str(table), "examples": 24, "features": 1280, "broken": [],
    }  # fmt: skip
    found = document("similar", "latest", "pictures/red/red_000.png", "--in", table, "--count", 3)["similar"]
    assert [each["example"].split("/")[1] for each in found] == ["red"] * 3
    assert 1 >= found[0]["similarity"] >= found[2]["similarity"] > 0
    seen = document("watch", "latest", table, "--html", tmp_path / "watch.html")
    assert (seen["figures"]["examples"], seen["page"]) == (24, str(tmp_path / "watch.html"))


def test_explanations_as_json(there, tmp_path):
    found = document("explain", "latest", "pictures/red/red_000.png", "--out", tmp_path / "explained")
    (row,) = found["explanations"]
    assert (row["method"], found["folder"]) == ("occlusion", str(tmp_path / "explained"))


def test_what_to_label_as_json(there, tmp_path):
    new = draw_pictures(tmp_path / "new", classes=("green", "grey"), count=3, seed=1)
    found = document("label", "latest", new, "--out", tmp_path / "next.csv", "--count", 2)
    assert [set(each) for each in found["proposed"]] == [{"path", "guess", "probability"}] * 2
    assert found["file"] == str(tmp_path / "next.csv")


def test_scores_as_json(there):
    assert document("evaluate", "latest", "--data", "pictures")["examples"] == 24


def test_runs_and_comparisons_as_json(there):
    ids = [each["run_id"] for each in there]
    listed = document("list", "runs")
    assert [each["run_id"] for each in listed] == ids[::-1]
    assert listed[0]["score"] == there[1]["metrics"]["test/accuracy"]
    found = document("compare")
    assert {each["run_id"] for each in found["runs"]} == set(ids)
    assert (found["measure"], found["differences"]) == ("test/accuracy", {})
    assert found["runs"][0]["low"] <= found["runs"][0]["score"] <= found["runs"][0]["high"]


@pytest.mark.parametrize("what", ["nets", "backbones", "sources", "kinds", "tasks", "exporters", "recipes"])
def test_lists_as_json(there, what):
    found = document("list", what)
    assert len(found) >= 3
    assert {"name", "what"} <= set(found[0])


def test_the_machine_as_json(there):
    assert document("doctor")["cache"] == os.environ["TLKIT_CACHE"]
    parts = document("cache")
    assert parts["bytes"] == sum(each["bytes"] for each in parts["parts"]) > 0
    assert document("sync") == []


def test_what_would_be_cleared_is_said_and_stays(there):
    before = document("cache")
    assert document("cache", "--clear", "--dry-run")["would_free"] >= before["bytes"] > 0
    assert document("cache") == before
    assert tlkit("cache", "--dry-run").exit_code == 2


def test_a_check_as_json_has_all_problems(there, tmp_path):
    (tmp_path / "bad.yaml").write_text("seeed: 1\ntrain: {epoch: 3}\n")
    found = document("check", tmp_path / "bad.yaml", status=2)
    assert (found["ok"], len(found["problems"])) == (False, 2)
    assert document("check", "tiny.yaml") == {"ok": True, "recipe": "tiny", "problems": []}
    data = document("check", "tiny.yaml", "--data")
    assert (data["ok"], data["page"]) == (True, "checks/tiny.html")
    assert all({"level", "topic"} <= set(each) for each in data["findings"])


def test_a_net_as_json(there):
    found = document("summary", "lenet5")
    assert found["totals"]["trainable"] == sum(each["trainable"] for each in found["layers"]) == 62_006


def test_a_first_recipe_as_json(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw_pictures(tmp_path / "flowers")
    printed = document("init", "flowers")
    assert (printed["file"], yaml.safe_load(printed["recipe"])["name"]) == (None, "flowers")
    written = document("init", "flowers", "--out", "mine.yaml")
    assert written == {"file": "mine.yaml", "recipe": Path("mine.yaml").read_text()}


def test_a_copied_recipe_as_json(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    copied = {"recipe": "leaf_net.yaml", "files": ["leaf_net.yaml", "cats.yaml", "leaf_net.py"]}
    found = document("new", "leaf_net")
    assert {**found, "files": sorted(found["files"])} == {**copied, "files": sorted(copied["files"])}
    assert document("new", "leaf_net") == {"recipe": "leaf_net.yaml", "files": []}


def test_a_mistake_leaves_no_json(there):
    done = tlkit("predict", "zzzz", "pictures", "--json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no such run" in done.stderr


def test_numbers_that_json_has_not_become_null(capsys):
    echo_json({"loss": float("nan"), "path": Path("a/b"), "best": float("inf"), "rows": (1, True)})
    assert json.loads(capsys.readouterr().out) == {"loss": None, "path": "a/b", "best": None, "rows": [1, True]}


def test_what_would_be_run_is_said_and_nothing_is_done(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = tlkit("run", "cats", "--dry-run", "--set", "train.epochs=3").output.splitlines()
    assert "data      data/cats (to be drawn: cats)" in said
    assert "phase 1   the head: at most 3 epochs of 64, learning rate 0.003" in said
    assert said[-1] == "nothing was trained (--dry-run)"
    phases = document("run", "cats_finetuned", "--dry-run", "--folds", 3)["phases"]
    assert [each["unfreeze"] for each in phases][:2] == ["none", 4]
    assert list(tmp_path.iterdir()) == []
    assert tlkit("run", "cats", "--dry-run", "--set", "model.net=catz").exit_code == 2


def on_a_terminal(folder, *arguments, **environment):
    """What a command draws on a terminal of 200 columns."""
    leader, follower = pty.openpty()
    settings = {**os.environ, "COLUMNS": "200", "TERM": "xterm-256color", **environment}
    child = subprocess.Popen([BIN / "tlkit", *arguments], stdout=follower, stderr=follower, cwd=folder, env=settings)
    os.close(follower)
    shown = b""
    try:
        while part := os.read(leader, 1 << 16):
            shown += part
    except OSError:  # the terminal's other side is closed
        pass
    os.close(leader)
    assert child.wait(timeout=60) == 0, shown.decode()
    return shown.decode()


@pytest.fixture
def clean(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TLKIT_TRUSTED"):
        monkeypatch.delenv(name, raising=False)


COLOUR = re.compile(r"\x1b\[[\d;]*m")


def test_a_terminal_gets_a_table_and_a_pipe_plain_lines(finished, clean):
    drawn = on_a_terminal(finished[0], "list", "runs")
    assert "─────" in drawn
    assert COLOUR.search(drawn)
    assert finished[1][0]["run_id"][:8] in drawn
    piped = tlkit("list", "nets").output
    assert "─" not in piped
    assert not COLOUR.search(piped)


def test_a_comparison_is_drawn_too(finished, clean):
    drawn = COLOUR.sub("", on_a_terminal(finished[0], "compare"))
    assert "95% interval" in drawn
    assert "McNemar" in drawn


def test_no_colour_where_none_is_wanted(finished, clean):
    drawn = on_a_terminal(finished[0], "list", "runs", NO_COLOR="1")
    assert "─────" in drawn
    assert not re.search(r"\x1b\[[\d;]*3\d", drawn)


def test_a_name_cannot_draw_on_a_terminal(tmp_path, clean):
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "a.yaml").write_text('description: "red \\e[31mhot [bold]x"\n')
    drawn = on_a_terminal(tmp_path, "list", "recipes")
    assert "\x1b[31m" not in drawn
    assert "[bold]x" in drawn


def test_quiet_leaves_the_answer_and_verbose_tells_where_a_mistake_was_noticed(there):
    loud, quiet = (tlkit(*words, "check", "tiny.yaml", "--json") for words in ([], ["--quiet"]))
    assert loud.stdout == quiet.stdout
    assert ("no problems" in loud.stderr, quiet.stderr) == (True, "")
    assert tlkit("check", "tiny.yaml", "--json", "-q").stderr == ""
    assert tlkit("check", "tiny.yaml", "--json").stderr == loud.stderr, "for one command alone"
    for words in (["-v", "check", "nope.yaml"], ["check", "nope.yaml", "--verbose"]):
        said = tlkit(*words)
        assert (said.exit_code, "Traceback" in said.stderr) == (2, True)
    assert "Traceback" not in tlkit("check", "nope.yaml").stderr
