"""The machine's load while a run goes on: processor, memory, disk, network and GPU, as MLflow's system metrics."""

from __future__ import annotations

import contextlib
import threading
import time

from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

from tlkit.errors import TrackingError
from tlkit.tracking.outbox import Outbox


class Sampler:
    """Writes MLflow's system metrics to the run's journal, so that they wait with the rest when the store is away."""

    def __init__(self, pending: Outbox, run_id: str) -> None:
        self._pending = pending
        self._monitor = SystemMetricsMonitor(run_id, tracking_uri=pending.opening()["uri"])
        self._measure()  # the first reading of the processor's load covers no time
        self._step = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="system-metrics", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take a last sample and end; calling it again does nothing."""
        self._stopping.set()
        self._thread.join()

    def _sample(self) -> None:
        interval = self._monitor.sampling_interval * self._monitor.samples_before_logging
        while not self._stopping.wait(interval):
            self._write()
        self._write()

    def _write(self) -> None:
        moment = time.time_ns() // 1_000_000
        values = [[f"system/{key}", value, self._step, moment] for key, value in self._measure().items()]
        self._step += 1
        with contextlib.suppress(TrackingError):  # a full disk stops the run by its own writes, not by these
            self._pending.append({"op": "metrics", "metrics": values})

    def _measure(self) -> dict[str, float]:
        self._monitor.collect_metrics()
        values = self._monitor.aggregate_metrics()
        for monitor in self._monitor.monitors:
            monitor.clear_metrics()
        return values
