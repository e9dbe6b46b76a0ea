"""Locks between real processes."""

import subprocess
import sys

import pytest

from tlkit.locks import alone, join, sweep, take


@pytest.fixture
def holder(tmp_path):
    """Starts a process that runs a line and keeps what it took until it is killed."""
    started = []

    def hold(line):
        code = f"import sys; from pathlib import Path; from tlkit.locks import join, take\nheld = {line}\n"
        code += "print('held' if held else 'refused', flush=True); sys.stdin.read()"
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield hold
    for process in started:
        process.kill()
        process.communicate()


def test_a_lock_is_refused_while_another_process_has_it_and_free_once_that_is_killed(holder, tmp_path):
    process = holder("take(Path('lock'))")
    assert take(tmp_path / "lock") is None
    process.kill()
    process.wait()
    with take(tmp_path / "lock"):
        assert take(tmp_path / "lock") is None
    take(tmp_path / "lock").release()


def test_many_may_join_and_nobody_is_alone_until_the_last_is_gone(holder, tmp_path):
    first, second = holder("join(Path('held'))"), holder("join(Path('held'))")
    for process in (first, second):
        with alone(tmp_path / "held") as free:
            assert not free
        process.kill()
        process.wait()
    with alone(tmp_path / "held") as free:
        assert free
        assert [each.name for each in (tmp_path / "held").iterdir()] == ["gate"]


def test_what_a_killed_holder_left_is_swept_and_that_of_a_living_one_stays(holder, tmp_path):
    gone = holder("join(Path('home/gone'))")
    holder("join(Path('home/living'))")
    gone.kill()
    gone.wait()
    sweep(tmp_path / "home")
    assert [each.parent.name for each in (tmp_path / "home").glob("*/*") if each.name != "gate"] == ["living"]


def test_whoever_has_it_alone_lets_nobody_join_meanwhile(tmp_path):
    code = "from pathlib import Path; from tlkit.locks import join\nwith join(Path('held')): print('joined')"
    with alone(tmp_path / "held") as free:
        assert free
        process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
    assert process.communicate(timeout=20)[0] == "joined\n"
    with join(tmp_path / "held"), alone(tmp_path / "held") as free:
        assert not free


def test_where_no_lock_can_be_kept_one_is_alone(tmp_path):
    (tmp_path / "held").write_text("a file where the folder should be")
    with alone(tmp_path / "held") as free:
        assert free
