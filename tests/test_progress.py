"""Bars on a terminal, plain lines in a log; nothing for quick work."""

import json
import os
import pty
import subprocess
import sys

SCRIPT = """
from tlkit import progress
progress._PATIENCE = progress._PERIOD = {patience}
with progress.progress("Looking", {total}) as bar:
    for done in (1, 2, 356):
        bar(done, "fine")
"""


def command(total, patience):
    return [sys.executable, "-c", SCRIPT.format(total=total, patience=patience)]


def on_terminal(*given):
    ours, terminal = pty.openpty()
    subprocess.run(command(*given), stderr=terminal, check=True, timeout=60)
    os.close(terminal)
    return os.read(ours, 10_000).decode()


def in_log(*given):
    return subprocess.run(command(*given), stderr=subprocess.PIPE, text=True, check=True, timeout=60).stderr


def test_a_program_gets_lines_of_json(monkeypatch):
    monkeypatch.setenv("TLKIT_PROGRESS", "json")
    first, *_, last = map(json.loads, in_log(356, 0).splitlines())
    assert first == {"progress": "Looking", "done": 1, "total": 356, "left": None, "note": "fine"}
    assert last == {"progress": "Looking", "over": True}


def test_a_program_is_told_of_epochs_also_of_a_loss_that_is_no_number(monkeypatch):
    monkeypatch.setenv("TLKIT_PROGRESS", "json")
    script = SCRIPT.format(total=3, patience=0).replace(
        '(done, "fine")', '(done, "fine", progress.Epoch(done, {"train/loss": 0.5, "val/loss": float("nan")}))'
    )
    done = subprocess.run([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True, check=True, timeout=60)
    first = json.loads(done.stderr.splitlines()[0])
    assert first["epoch"] == {"number": 1, "metrics": {"train/loss": 0.5, "val/loss": None}}


def test_a_terminal_shows_how_much_of_what_is_known_is_left():
    shown = on_terminal(356, 0)
    assert " 1/356  fine" in shown
    assert "█ 356/356  0 s left  fine" in shown


def test_where_the_number_of_steps_is_not_known_none_is_made_up():
    shown = on_terminal(None, 0)
    assert "  1  fine" in shown
    assert "/" not in shown
    assert "left" not in shown


def test_more_steps_than_were_expected_leave_no_time_below_nothing():
    shown = on_terminal(3, 0)
    assert "█ 356  fine" in shown
    assert "-" not in shown


def test_a_log_gets_plain_lines_and_none_for_quick_work():
    lines = in_log(356, 0).splitlines()
    assert lines[0] == "Looking: 1/356  fine"
    assert lines[-1] == "Looking: 356/356  0 s left  fine"
    assert in_log(356, 30) == ""
