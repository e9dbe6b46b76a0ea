"""What a recorded model sees: unknown examples, sets of classes, features, what is similar, and a service watched."""

import shutil

import numpy as np
import pandas as pd
import pytest
from command_line import refused, tlkit
from PIL import Image

from tlkit.model.known import read_known
from tlkit.tracking import lookup


@pytest.fixture
def there(finished, monkeypatch, tmp_path):
    """The project with a recorded run is the working folder; a picture of something else lies in an empty one."""
    monkeypatch.chdir(finished[0])
    noise = np.random.default_rng(7).integers(0, 256, (48, 48, 3)).astype("uint8")
    Image.fromarray(noise).save(tmp_path / "noise.png")
    return tmp_path


def said(*arguments):
    done = tlkit(*arguments)
    assert done.exit_code == 0, done.output
    return done.stdout.strip().splitlines()


@pytest.mark.slow
def test_a_picture_of_something_else_is_told_as_unknown(there):
    lines = said("predict", "latest", there / "noise.png", "pictures/blue")
    assert lines[0].endswith("unknown")
    assert sum(line.endswith("unknown") for line in lines[1:]) <= 3
    said("predict", "latest", there / "noise.png", "--csv", there / "p.csv")
    row = pd.read_csv(there / "p.csv").iloc[0]
    assert not row["known"]
    assert 0 < row["unknown"] < 2
    assert lookup.find("latest").metrics["test/unknown"] < 1


def test_sets_are_given_as_far_as_there_are_examples_enough(there):
    lines = said("predict", "latest", "pictures/red", "--sets", "0.5")
    assert all("possible: " in line for line in lines[:-1])
    assert "test examples of the run such sets hold" in lines[-1]
    assert "asks for more held-out examples than this run had" in refused(
        "predict", "latest", "pictures", "--sets", "0.99"
    )
    assert "expected a share from 0.5 to 0.99" in refused("predict", "latest", "pictures", "--sets", "95")


@pytest.mark.slow
def test_features_of_examples_are_written_and_searched(there):
    out = there / "f.parquet"
    assert said("embed", "latest", "pictures", "--out", out)[0] == f"{out}: 24 examples, 1280 features each"
    picture = pd.read_parquet(out)["example"].iloc[-1]
    shutil.copy(picture, there / "copy.png")
    near = said("similar", "latest", there / "copy.png", "--in", out, "--count", "3")
    assert near == said("similar", "latest", there / "copy.png", "--in", "pictures", "--count", "3")
    assert near[0] == f"1.000  {picture}"
    assert len(near) == 3
    assert "ends in .parquet" in refused("embed", "latest", "pictures", "--out", there / "f.csv")
    assert "no such file" in refused("similar", "latest", "gone.png", "--in", "pictures")


def test_a_service_is_watched_by_its_log(there):
    far = read_known(lookup.fetch(lookup.find("latest"), "model.keras")).threshold + 0.1
    (there / "log.parquet").mkdir()
    for part, unknown in enumerate((0.0, far)):
        rows = {"time": pd.Timestamp(f"2026-01-0{part + 1}", tz="UTC"), "class": "red", "probability": 0.9,
                "unknown": unknown}  # fmt: skip
        pd.DataFrame([rows] * 100).to_parquet(there / "log.parquet" / f"{part}.parquet")
    lines = said("watch", "latest", there / "log.parquet", "--html", there / "watch.html", "--log")
    assert lines[0] == "examples          200"
    assert lines[1].startswith("unknown           50.0% (")
    assert "drift of features much" in lines[2]
    assert "drift of classes  much" in lines[3]
    assert "2026-01-02" in (there / "watch.html").read_text()
    assert lookup.find("latest").metrics["watch/unknown"] == 0.5
    said("embed", "latest", "pictures", "--out", there / "f.parquet")
    assert said("watch", "latest", there / "f.parquet", "--html", there / "w.html")[1].startswith("unknown")


def test_what_is_no_log_is_refused_in_one_line(there):
    pd.DataFrame({"x": [1]}).to_parquet(there / "x.parquet")
    assert "expected a log of `tlkit serve`" in refused("watch", "latest", there / "x.parquet")
    (there / "empty").mkdir()
    assert "holds no Parquet files" in refused("watch", "latest", there / "empty")
    assert "no such file" in refused("watch", "latest", there / "gone.parquet")
