"""Processes killed and interrupted at awkward moments."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from tlkit.tracking import lookup
from tlkit.tracking.outbox import waiting
from tlkit.tracking.resend import sync

ROOT = Path("mlruns")


@pytest.mark.slow
def test_two_first_runs_at_once_both_complete(script):
    body = """
        with begin() as run:
            for step in range(3):
                run.log_metrics({"loss": step}, step=step)
    """
    processes = [script(body), script(body), script(body)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    runs = lookup.recent()
    assert [run.status for run in runs] == ["FINISHED"] * 3
    assert {run.experiment for run in runs} == {"pets"}
    assert all(lookup.metric_history(run, "loss") == [(0, 0.0), (1, 1.0), (2, 2.0)] for run in runs)


def test_a_killed_parent_leaves_a_killed_run_with_what_there_was(script, ended):
    process = script("""
        run = begin()
        run.log_metrics({"loss": 2.5}, step=7)
        (run.folder / "best.txt").write_text("weights")
        print(run.run_id, flush=True)
        time.sleep(60)
    """)
    run_id = process.stdout.readline().strip()
    process.kill()
    run = ended(run_id)
    assert run.status == "KILLED"
    assert lookup.metric_history(run, "loss") == [(7, 2.5)]
    assert lookup.fetch(run, "best.txt").read_text() == "weights"


def test_ctrl_c_marks_the_run_killed_and_keeps_its_files(script):
    process = script("""
        try:
            with begin() as run:
                (run.folder / "best.txt").write_text("weights")
                print(run.run_id, flush=True)
                time.sleep(60)
        except KeyboardInterrupt:
            sys.exit(130)
    """)
    run_id = process.stdout.readline().strip()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
    assert process.wait(30) == 130
    run = lookup.find(run_id)
    assert run.status == "KILLED"
    assert lookup.fetch(run, "best.txt").read_text() == "weights"


def test_a_sender_that_was_killed_is_replaced_at_the_end(begin):
    with begin() as tracker:
        tracker.log_metrics({"loss": 1.0}, step=0)
        assert tracker.run_id
        _until_sent(tracker)
        os.kill(tracker._sender._process.pid, signal.SIGKILL)
        tracker.log_metrics({"loss": 0.5}, step=1)
    runs = lookup.recent()
    assert [run.status for run in runs] == ["FINISHED"]
    assert lookup.metric_history(runs[0], "loss") == [(0, 1.0), (1, 0.5)]


def test_sync_sends_what_killed_processes_left_without_duplicates(script):
    process = script("""
        run = begin()
        run.log_metrics({"loss": 1.0}, step=0)
        print(run.run_id, run._sender._process.pid, flush=True)
        time.sleep(60)
    """)
    run_id, sender = process.stdout.readline().split()
    (pending,) = waiting(ROOT)
    while pending.sent()["offset"] == 0:
        time.sleep(0.05)
    _kill(int(sender))
    assert sync(ROOT) == [], "the parent lives: the run is still its own"
    process.kill()
    process.wait()
    pending.acknowledge(run_id, 0)  # as if the sender had died just before it noted what it had sent
    pending.append({"op": "metrics", "metrics": [["loss", 0.5, 1, 1_700_000_000_000]]})
    assert sync(ROOT) == [(run_id, "ok")]
    assert [run.id for run in lookup.recent()] == [run_id]
    run = lookup.find(run_id)
    assert run.status == "KILLED"
    assert lookup.metric_history(run, "loss") == [(0, 1.0), (1, 0.5)]
    assert sync(ROOT) == []


def test_a_run_created_just_before_the_sender_died_is_found_again(script):
    process = script("""
        run = begin()
        print(run.run_id, run._sender._process.pid, flush=True)
        time.sleep(60)
    """)
    run_id, sender = process.stdout.readline().split()
    _kill(int(sender))
    process.kill()
    process.wait()
    waiting(ROOT)[0].acknowledge(None, 0)
    assert sync(ROOT) == [(run_id, "ok")]
    assert len(lookup.recent()) == 1


def test_what_a_power_cut_tore_is_found_in_the_store_by_its_mark(script):
    process = script("""
        run = begin()
        print(run.run_id, run._sender._process.pid, flush=True)
        time.sleep(60)
    """)
    run_id, sender = process.stdout.readline().split()
    _kill(int(sender))
    process.kill()
    process.wait()
    (waiting(ROOT)[0].folder / "sent.json").write_bytes(b"")
    assert sync(ROOT) == [(run_id, "ok")]
    assert len(lookup.recent()) == 1


def test_the_next_run_sends_what_an_earlier_one_left(script, begin):
    process = script("""
        run = begin()
        print(run._sender._process.pid, flush=True)
        time.sleep(60)
    """)
    _kill(int(process.stdout.readline()))
    process.kill()
    process.wait()
    with begin() as tracker:
        assert tracker.run_id
        deadline = time.monotonic() + 20
        while len(waiting(ROOT)) > 1 and time.monotonic() < deadline:
            time.sleep(0.1)
    assert sorted(run.status for run in lookup.recent()) == ["FINISHED", "KILLED"]


def _kill(process_id):
    process = psutil.Process(process_id)
    process.kill()
    process.wait(10)


def _until_sent(tracker):
    while tracker._pending.sent()["offset"] == 0:
        time.sleep(0.05)


@pytest.mark.parametrize("status", ["FAILED", "KILLED"])
def test_a_run_ends_as_told(begin, status):
    tracker = begin()
    tracker.finish(status)
    assert lookup.find(tracker.run_id).status == status
