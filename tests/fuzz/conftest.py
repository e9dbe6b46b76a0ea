"""Few examples, the same each time, in the suite; `make fuzz` asks for the profile of many, with a seed."""

from datetime import timedelta

import psutil
import pytest
from hypothesis import HealthCheck, settings

_SECONDS, _BYTES = 30, 2 << 30  # that a parser may take for one file
_COMMON = {
    "deadline": timedelta(seconds=_SECONDS),
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}
settings.register_profile("few", max_examples=30, derandomize=True, **_COMMON)
settings.register_profile("many", max_examples=600, print_blob=True, **_COMMON)
settings.load_profile("few")


@pytest.fixture(scope="module", autouse=True)
def _little_memory():
    """No more than 2 GB beyond what is in use, where the system can hold a process to that."""
    resource = pytest.importorskip("resource") if hasattr(psutil, "RLIMIT_DATA") else None
    if resource is None:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_DATA)
    used = getattr(psutil.Process().memory_info(), "data", 0)
    resource.setrlimit(resource.RLIMIT_DATA, (used + _BYTES, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_DATA, before)
