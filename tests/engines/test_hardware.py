"""What the machine has, also where packages that ask it are not installed."""

import subprocess
import sys

from tlkit.processes import launching

SAYS = "import sys; sys.modules['pynvml'] = None; from tlkit.engines.hardware import gpu_names; print(gpu_names())"


def test_a_machine_without_nvidias_package_has_no_gpus():
    env = {**launching.environment(), "CUDA_VISIBLE_DEVICES": "0"}
    said = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, text=True, timeout=60, env=env)
    assert (said.stdout, said.stderr) == ("()\n", "")
