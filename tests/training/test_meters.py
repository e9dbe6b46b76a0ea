"""The meters, against a stand-in for NVIDIA's library that is passed in, and counters of energy in files."""

import time
from types import SimpleNamespace

import pytest

from tlkit.training.meters import UsageMeters


class Nvml:
    """Two GPUs whose load, memory, power and energy a test sets."""

    class NVMLError(Exception):
        pass

    def __init__(self, *, count=2, counts_energy=True):
        self.count, self.counts_energy = count, counts_energy
        self.load, self.used, self.milliwatts, self.millijoules = 50, 1_000_000_000, 100_000, 0

    def nvmlInit(self):
        if self.count < 0:
            raise self.NVMLError("no driver")

    def nvmlDeviceGetCount(self):
        return self.count

    def nvmlDeviceGetHandleByIndex(self, index):
        return index

    def nvmlDeviceGetName(self, handle):
        return b"Fake H100"

    def nvmlDeviceGetMemoryInfo(self, handle):
        return SimpleNamespace(total=80_000_000_000, used=self.used)

    def nvmlDeviceGetUtilizationRates(self, handle):
        return SimpleNamespace(gpu=self.load * (1 if handle == 0 else 0))

    def nvmlDeviceGetPowerUsage(self, handle):
        return self.milliwatts

    def nvmlDeviceGetTotalEnergyConsumption(self, handle):
        if not self.counts_energy:
            raise self.NVMLError("not supported")
        return self.millijoules

    def nvmlSystemGetDriverVersion(self):
        return "570.1"

    def nvmlSystemGetCudaDriverVersion(self):
        return 12080


@pytest.fixture
def meters(tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    made = []

    def meters(nvml, **settings):
        made.append(UsageMeters(nvml, tmp_path / "powercap", **{"period": 60, **settings}))
        return made[-1]

    yield meters
    for each in made:
        each.stop()


@pytest.fixture
def package(tmp_path):
    """A processor package that counts its energy; gives the file of the counter."""
    folder = tmp_path / "powercap" / "intel-rapl:0"
    (folder / "intel-rapl:0:0").mkdir(parents=True)
    (folder / "intel-rapl:0:0" / "energy_uj").write_text("77")
    (folder / "max_energy_range_uj").write_text("10000000")
    (folder / "energy_uj").write_text("9000000")
    return folder / "energy_uj"


def test_an_epoch_tells_load_memory_and_the_energy_that_the_gpus_counted(meters):
    nvml = Nvml()
    meter = meters(nvml)
    logged = []
    log = meter.reading(lambda metrics, step: logged.append((metrics, step)))
    nvml.millijoules += 3000
    log({"train/loss": 1.0}, 1)
    log({"train/loss": 0.5}, 2)
    (first, _), (second, step) = logged
    assert step == 2
    assert first["train/loss"] == 1.0
    assert first["gpu/energy_joules"] == pytest.approx(6.0)
    assert second["gpu/energy_joules"] == 0.0
    assert first["gpu/utilization_percent"] == 25
    assert first["gpu/peak_memory_gb"] == pytest.approx(2.0)
    assert first["gpu/power_watts"] == pytest.approx(200)
    assert meter.joules == pytest.approx(6.0)


def test_the_peak_between_two_looks_is_seen_by_the_thread(meters):
    nvml = Nvml(count=1)
    meter = meters(nvml, period=0.01)
    nvml.used = 7_000_000_000
    time.sleep(0.2)
    nvml.used = 1_000_000_000
    assert meter.lap()["gpu/peak_memory_gb"] == pytest.approx(7.0)
    time.sleep(0.2)
    assert meter.lap()["gpu/peak_memory_gb"] == pytest.approx(1.0)


def test_a_gpu_that_does_not_count_energy_has_it_from_its_power(meters):
    meter = meters(Nvml(count=1, counts_energy=False))
    time.sleep(0.05)
    assert 5 * 0.9 < meter.lap()["gpu/energy_joules"] < 1000


def test_gpus_are_told_by_model_memory_driver_and_cuda(meters):
    assert meters(Nvml()).told() == {
        "tlkit.gpu": "2 x Fake H100", "tlkit.gpu.memory": "160.0 GB", "tlkit.gpu.driver": "570.1",
        "tlkit.gpu.cuda": "12.8", "tlkit.energy": "GPU",
    }  # fmt: skip


@pytest.mark.parametrize("count", [-1, 0])
def test_no_gpu_or_no_driver_is_said(meters, count):
    meter = meters(Nvml(count=count))
    assert meter.told() == {
        "tlkit.gpu": "none", "tlkit.energy": "not measured: no GPU, and the CPU's energy cannot be read here",
    }  # fmt: skip
    assert meter.lap() == {}
    assert not meter.measures_energy


def test_only_the_visible_gpus_count(meters, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert meters(Nvml()).told()["tlkit.gpu"] == "1 x Fake H100"


def test_a_package_counter_is_read_and_followed_over_its_end(meters, package):
    meter = meters(Nvml(count=0))
    package.write_text("9500000")
    assert meter.lap() == {"cpu/energy_joules": pytest.approx(0.5)}
    package.write_text("250000")
    assert meter.lap() == {"cpu/energy_joules": pytest.approx(0.75)}
    assert meter.told()["tlkit.energy"] == "CPU package"


def test_a_counter_that_only_the_superuser_may_read_is_left_out(meters, package):
    package.write_text("")
    assert not meters(Nvml(count=0)).measures_energy
