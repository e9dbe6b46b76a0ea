import subprocess
import sys
import tempfile

from tlkit.training.feature_worker import FeatureWorker

CODE = """
import os
from pathlib import Path
from tlkit.locks import join
held = join(Path("cache/holders") / NAME)
(Path("temporary") / f"tlkit-model-{os.getpid()}-{NAME}").mkdir()
print("ready", flush=True)
input()
"""


def test_what_killed_processes_left_goes_with_the_next_work_and_that_of_the_living_stays(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary" / "tlkit-model-of-another").mkdir(parents=True)
    kept = {}
    for name in ("gone", "living"):
        command = [sys.executable, "-c", f"NAME = {name!r}\n{CODE}"]
        kept[name] = subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert kept[name].stdout.readline() == "ready\n"
    kept["gone"].kill()
    kept["gone"].wait(timeout=60)
    with FeatureWorker():
        pass
    folders = {each.name.split("-", 2)[2] for each in (tmp_path / "temporary").iterdir()}
    locks = {each.parent.name for each in (tmp_path / "cache" / "holders").glob("*/*") if each.name != "gate"}
    kept["living"].communicate("\n", timeout=60)
    assert folders == {"of-another", f"{kept['living'].pid}-living"}
    assert locks == {"living"}
