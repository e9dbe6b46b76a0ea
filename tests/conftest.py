"""What all tests share: no accelerator, no telemetry, a cache of their own, and a tiny folder of pictures."""

import os
import shutil
import signal

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import pytest
from drawing import draw_pictures

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in `make test &`: what tests start would ignore it too
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Features that tests compute stay out of the user's cache."""
    before = os.environ.get("TLKIT_CACHE")
    os.environ["TLKIT_CACHE"] = str(tmp_path_factory.mktemp("tlkit-cache"))
    yield
    if before is None:
        del os.environ["TLKIT_CACHE"]
    else:
        os.environ["TLKIT_CACHE"] = before


@pytest.fixture(scope="session")
def drawn_pictures(tmp_path_factory):
    """Two classes of a dozen pictures, drawn once; not to be changed."""
    return draw_pictures(tmp_path_factory.mktemp("drawn") / "pictures")


@pytest.fixture
def picture_folder(drawn_pictures, tmp_path):
    """A fresh copy of two class folders (blue, red) of a dozen pictures each."""
    return shutil.copytree(drawn_pictures, tmp_path / "pictures")
