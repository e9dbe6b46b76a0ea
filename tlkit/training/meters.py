"""What a run draws from the machine, epoch by epoch: the GPUs' load, memory and power, and energy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tlkit.engines.gpu_meter import GpuMeter, installed_nvml

POWERCAP = Path("/sys/class/powercap")
_MICRO = 1e-6

Log = Callable[[dict[str, float], int], None]


class UsageMeters:
    """All that this machine can tell; whatever it cannot is left out, and `told` says so.

    Args:
        nvml: NVIDIA's library, `pynvml` or what stands in for it; None: the one that is installed.
        powercap: where Linux shows the energy of processors.
        period: seconds between two samples of the GPUs.

    Example:
        >>> UsageMeters(powercap=Path("nowhere")).lap()  # doctest: +SKIP
        {}
    """

    def __init__(self, nvml: Any = None, powercap: Path = POWERCAP, *, period: float = 0.25) -> None:
        self._gpus = GpuMeter.found(nvml or installed_nvml(), period)
        self._packages = ProcessorEnergy(powercap)
        self.joules = 0.0
        self.lap()
        self.joules = 0.0

    def lap(self) -> dict[str, float]:
        """What was drawn since the last lap."""
        found = {**(self._gpus.lap() if self._gpus else {}), **self._packages.lap()}
        self.joules += sum(value for name, value in found.items() if name.endswith("energy_joules"))
        return found

    def reading(self, log: Log) -> Log:
        """A function that logs metrics at a step with what was drawn since the last step."""
        self.lap()
        return lambda metrics, step: log({**metrics, **self.lap()}, step)

    @property
    def measures_energy(self) -> bool:
        """Whether any part of the machine tells its energy."""
        return self._gpus is not None or self._packages.readable

    def told(self) -> dict[str, str]:
        """GPUs, driver, CUDA, and whose energy is known; tags for the record."""
        gpus = self._gpus.tags() if self._gpus else {"tlkit.gpu": "none"}
        parts = ["GPU"] if self._gpus else []
        parts += ["CPU package"] if self._packages.readable else []
        energy = " and ".join(parts) or "not measured: no GPU, and the CPU's energy cannot be read here"
        return {**gpus, "tlkit.energy": energy}

    def stop(self) -> None:
        """End the sampling."""
        if self._gpus:
            self._gpus.stop()


class ProcessorEnergy:
    """The processor packages whose energy Linux shows to this user."""

    def __init__(self, powercap: Path) -> None:
        self._last = {file: value for file in powercap.glob("*-rapl:?*/energy_uj") if (value := _number(file))}
        self._last = {file: value for file, value in self._last.items() if file.parent.name.count(":") == 1}

    @property
    def readable(self) -> bool:
        """Whether there is any."""
        return bool(self._last)

    def lap(self) -> dict[str, float]:
        """Joules since the last lap; a counter that began anew is taken on by its range."""
        if not self._last:
            return {}
        joules = 0.0
        for file, before in self._last.items():
            now = _number(file) or before
            span = _number(file.with_name("max_energy_range_uj")) or 0
            joules += ((now - before) if now >= before else now - before + span) * _MICRO
            self._last[file] = now
        return {"cpu/energy_joules": joules}


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):  # only the superuser may read it on most machines
        return None
