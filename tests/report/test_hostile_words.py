"""One run whose words are others' tricks, and its secrets: what its page, tables, record and messages make of them."""

import csv
from html.parser import HTMLParser

import pytest
from command_line import refused, tlkit
from drawing import draw_pictures

from tlkit import tracking
from tlkit.errors import TrackingError
from tlkit.tracking import lookup, outbox

FORMULA, MARKUP, NUMBER = "=cmd|' calc'!A0", "<script>alert(1)<", "-1"
AWS = "AKIA" + "IOSFODNN7EXAMPLE"
SECRETS = ("s3cretword", "t0ken-of-the-data", AWS, "from-the-environment")
DATA = "pictures?token=t0ken-of-the-data"
RECIPE = f"""
name: hostile
description: '</pre><img src=x onerror="alert(2)"> {AWS}'
data: {{path: "{DATA}", image_size: 16, val: 0.25, test: 0.25}}
model: {{net: lenet5}}
train: {{epochs: 1, batch_size: 8, few_examples: as_written}}
track:
  system_metrics: false
  name: '<script>alert(3)</script>'
  tags: {{store: "http://me:s3cretword@host/x", word: from-the-environment}}
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The folder that the run left, and what it printed."""
    folder = tmp_path_factory.mktemp("hostile")
    draw_pictures(folder / DATA, (FORMULA, MARKUP, NUMBER))
    (folder / "recipe.yaml").write_text(RECIPE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MLFLOW_TRACKING_PASSWORD", "from-the-environment")
        result = tlkit("run", "recipe.yaml")
        assert result.exit_code == 0, result.output
        yield folder, result.output


class Page(HTMLParser):
    """The tags of a page, their attributes, and its words."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words = set(), set(), ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.words += data


def test_the_report_shows_markup_as_words_and_has_none_of_it(hostile):
    page = Page((lookup.find("latest").artifacts / "report.html").read_text())
    assert "script" not in page.tags
    assert not {name for name in page.attributes if name.startswith("on")}
    for shown in (MARKUP, "<script>alert(3)</script>", '<img src=x onerror="alert(2)">'):
        assert shown in page.words


def test_no_cell_of_a_table_would_be_run_and_numbers_are_numbers(hostile):
    done = tlkit("predict", "latest", DATA, "--csv", "again.csv")
    assert done.exit_code == 0, done.output
    for table in (lookup.find("latest").artifacts / "predictions.csv", hostile[0] / "again.csv"):
        heads, *rows = csv.reader(table.open(newline=""))
        words = {row[heads.index("predicted")] for row in rows}
        assert words <= {f"'{FORMULA}", MARKUP, NUMBER}
        assert not {each for row in rows for each in row if each[:1] in "=+@" and each}
        assert all(float(row[heads.index("probability")]) > 0 for row in rows)


def test_no_secret_is_in_what_was_printed_or_recorded(hostile):
    folder, printed = hostile
    written = {path: path.read_bytes() for path in (folder / "mlruns").rglob("*") if path.is_file()}
    assert any(path.name == "mlflow.db" for path in written)
    for secret in SECRETS:
        assert secret not in printed
        assert not [path for path, content in written.items() if secret.encode() in content]
    assert lookup.find("latest").tags["store"] == "http://(hidden)@host/x"
    assert "(hidden)" in lookup.find("latest").params["data.path"]


def test_a_recipe_without_its_secret_cannot_be_done_again(hostile):
    assert "has a secret, which is not in the record" in refused("rerun", "latest")


def test_an_error_names_no_secret(hostile, monkeypatch):
    line = refused("check", "recipe.yaml", "--set", "data.path=http://me:s3cretword@host/a?token=t0ken-of-the-data")
    assert not [secret for secret in SECRETS if secret in line]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:s3cretword@127.0.0.1:9/?token=t0ken-of-the-data")
    for said in (refused("list", "runs"), tlkit("doctor").output):
        assert "127.0.0.1:9" in said
        assert not [secret for secret in SECRETS if secret in said]


def test_a_record_that_waits_for_its_store_holds_no_password(tmp_path, monkeypatch):
    address = "http://me:s3cretword@127.0.0.1:9"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    with tracking.start(name="x", experiment="x", root=tmp_path, offline=True) as record:
        (record.folder / "a.txt").write_text(address)
    (waiting,) = outbox.waiting(tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"s3cretword" in path.read_bytes()]
    assert waiting.opening()["uri"] == address
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    with pytest.raises(TrackingError, match=r"http://\(hidden\)@127.0.0.1:9: its password is not kept"):
        waiting.opening()
