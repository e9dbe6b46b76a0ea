"""What this machine can do, found out without loading a framework."""

from __future__ import annotations

import contextlib
import functools
import os
from pathlib import Path

import psutil

_GROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
_BF16_FLAGS = ("avx512_bf16", "amx_bf16")


@functools.cache
def gpu_names() -> tuple[str, ...]:
    """The NVIDIA GPUs that the driver shows and that are not hidden from this process."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1"):
        return ()
    try:
        import pynvml
    except ImportError:  # a server alone has none
        return ()
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return ()
    names = [pynvml.nvmlDeviceGetName(pynvml.nvmlDeviceGetHandleByIndex(i)) for i in range(pynvml.nvmlDeviceGetCount())]
    pynvml.nvmlShutdown()
    return tuple(each.decode() if isinstance(each, bytes) else each for each in names)


def memory_limit() -> int:
    """Bytes of memory that this process may take: the machine's, or fewer where a control group holds it to them."""
    limits = [psutil.virtual_memory().total]
    for file in _GROUP_LIMITS:
        with contextlib.suppress(OSError, ValueError):  # a group of the other version, or one without a limit
            limits.append(int(Path(file).read_text()))
    return min(limits)


def allow_many_files() -> None:
    """Let this process have as many files open as it may; many systems give it 1,024 if it does not ask for more."""
    process = psutil.Process()
    if hasattr(process, "rlimit"):  # on Linux
        _, most = process.rlimit(psutil.RLIMIT_NOFILE)
        process.rlimit(psutil.RLIMIT_NOFILE, (most, most))


def num_cores() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


@functools.cache
def cpu_name() -> str:
    """The processor's name, as far as the system tells it."""
    return _cpu_facts().get("model name", "unknown CPU")


@functools.cache
def cpu_has_bf16() -> bool:
    """Whether the processor multiplies in bfloat16."""
    flags = _cpu_facts().get("flags", "").split()
    return any(flag in flags for flag in _BF16_FLAGS)


def has_openvino() -> bool:
    """Whether OpenVINO is installed."""
    import importlib.util

    return importlib.util.find_spec("openvino") is not None


def _cpu_facts() -> dict[str, str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {key.strip(): value.strip() for key, _, value in pairs}
