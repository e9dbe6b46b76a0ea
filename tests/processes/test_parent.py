"""A helper, by a few lines that are one."""

import pickle
import subprocess
import sys

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
