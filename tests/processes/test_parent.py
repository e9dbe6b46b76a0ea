"""A helper, by a few lines that are one."""

import os
import pickle
import signal
import subprocess
import sys

from tlkit.processes import Helper, environment

HELPER = """
import sys
from tlkit.processes import Parent
parent = Parent()
print("words " * 2000, file=sys.stderr, flush=True)
parent.say("done")
"""


def test_a_helper_whose_log_finds_no_room_goes_on_with_its_job(small_disk):
    with (small_disk("4k") / "log").open("wb") as log:
        helper = subprocess.Popen(
            [sys.executable, "-c", HELPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        )
        assert pickle.load(helper.stdout) == "done"
        helper.communicate(timeout=60)


def test_a_helper_that_is_told_to_stop_while_it_starts_leaves_that_to_its_parent(tmp_path):
    (tmp_path / "small_helper.py").write_text(HELPER)
    helper = Helper("small_helper", env={**environment(), "PYTHONPATH": str(tmp_path)})
    os.kill(helper.pid, signal.SIGTERM)
    assert next(helper.messages(), None) == "done"
    helper.kill()
