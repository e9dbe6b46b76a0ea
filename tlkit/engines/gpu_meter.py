"""NVIDIA's GPUs as they are drawn on: load, memory, power and energy between two looks."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

_GB, _MILLI = 1e9, 1e-3


class GpuMeter:
    """The GPUs of one NVML, sampled by a thread."""

    def __init__(self, nvml: Any, handles: list[Any], period: float) -> None:
        self._nvml, self._handles, self._period = nvml, handles, period
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._begin()
        self._sample()
        self._thread = threading.Thread(target=self._follow, name="gpu-meter", daemon=True)
        self._thread.start()

    @classmethod
    def found(cls, nvml: Any, period: float) -> GpuMeter | None:
        """None where there is no library, driver or GPU."""
        if nvml is None:
            return None
        try:
            nvml.nvmlInit()
            handles = [nvml.nvmlDeviceGetHandleByIndex(index) for index in _visible(nvml.nvmlDeviceGetCount())]
        except nvml.NVMLError:
            return None
        return cls(nvml, handles, period) if handles else None

    def lap(self) -> dict[str, float]:
        """Mean load and power, peak memory of all GPUs together, energy; since the last lap."""
        self._sample()
        with self._lock:
            seconds = max(time.monotonic() - self._begun, 1e-9)
            found = self._summed(seconds) if self._samples else {}
            self._begin()
        return found

    def _summed(self, seconds: float) -> dict[str, float]:
        loads, watts, memory = zip(*self._samples, strict=True)
        power = sum(watts) / len(watts)
        counted = self._counted()
        joules = power * seconds if counted is None or self._energy is None else counted - self._energy
        return {
            "gpu/utilization_percent": sum(loads) / len(loads),
            "gpu/peak_memory_gb": max(memory) / _GB,
            "gpu/power_watts": power,
            "gpu/energy_joules": joules,
        }

    def tags(self) -> dict[str, str]:
        """How many of which model, memory, driver and CUDA."""
        nvml = self._nvml
        names = [_text(nvml.nvmlDeviceGetName(handle)) for handle in self._handles]
        total = sum(nvml.nvmlDeviceGetMemoryInfo(handle).total for handle in self._handles)
        cuda = nvml.nvmlSystemGetCudaDriverVersion()
        return {
            "tlkit.gpu": ", ".join(f"{names.count(name)} x {name}" for name in dict.fromkeys(names)),
            "tlkit.gpu.memory": f"{total / _GB:.1f} GB",
            "tlkit.gpu.driver": _text(nvml.nvmlSystemGetDriverVersion()),
            "tlkit.gpu.cuda": f"{cuda // 1000}.{cuda % 1000 // 10}",
        }

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._thread.join()

    def _begin(self) -> None:
        self._begun, self._energy = time.monotonic(), self._counted()
        self._samples: list[tuple[float, float, float]] = []

    def _follow(self) -> None:
        while not self._stopping.wait(self._period):
            self._sample()

    def _sample(self) -> None:
        nvml, handles = self._nvml, self._handles
        try:
            load = sum(nvml.nvmlDeviceGetUtilizationRates(each).gpu for each in handles) / len(handles)
            watts = sum(nvml.nvmlDeviceGetPowerUsage(each) for each in handles) * _MILLI
            memory = sum(nvml.nvmlDeviceGetMemoryInfo(each).used for each in handles)
        except nvml.NVMLError:  # what does not tell for a moment is asked again at the next
            return
        with self._lock:
            self._samples.append((load, watts, memory))

    def _counted(self) -> float | None:
        """Joules that the GPUs have counted themselves; None for old ones that do not."""
        try:
            return sum(self._nvml.nvmlDeviceGetTotalEnergyConsumption(each) for each in self._handles) * _MILLI
        except self._nvml.NVMLError:
            return None


def installed_nvml() -> Any:
    """NVIDIA's library, or None where it is not installed or the GPUs are hidden from this process."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1"):
        return None
    try:
        import pynvml
    except ImportError:
        return None
    return pynvml


def _visible(count: int) -> list[int]:
    """The GPUs that this process may use; those of other people's processes are not its business."""
    chosen = [part.strip() for part in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")]
    numbers = [int(part) for part in chosen if part.isdigit() and int(part) < count]
    return numbers or list(range(count))


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
