import sys
from pathlib import Path

import keras
import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def seeded():
    """Tiny nets of a few filters can start dead; the same start every time."""
    keras.utils.set_random_seed(0)
