"""Secrets taken out: by their shape, and by the name of what holds them."""

import gzip
import io
import subprocess
import sys

import pytest

from tlkit import processes
from tlkit.errors import DataError
from tlkit.recipe.loading import build_recipe
from tlkit.recipe.yaml_lines import YamlPage
from tlkit.redaction import Canvas, RedactedText, redact_files, redacted, redacted_values

AWS, GITHUB = "AKIA" + "IOSFODNN7EXAMPLE", "ghp_" + "a1B2" * 9
SECRETS = {
    "http://me:s3cret!@host:5000/x": "http://(hidden)@host:5000/x",
    "postgresql://me:p@ss@host/db": "postgresql://(hidden)@host/db",
    "https://host/a.zip?x=1&access_token=abc%2F/d": "https://host/a.zip?x=1&access_token=(hidden)",
    "s3/pictures?X-Amz-Signature=0a1b,cat": "s3/pictures?X-Amz-Signature=(hidden),cat",
    f"data/{AWS}/x": "data/(hidden)/x",
    f"cloned with {GITHUB}.": "cloned with (hidden).",
    "Authorization: Bearer abc.def-123": "Authorization: Bearer (hidden)",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n.": "(hidden)\n.",
}
PLAIN = [
    "recipes/a.yaml:8: model.class_token: unknown key", "sqlite:////home/me/mlruns/mlflow.db", "me@example.org",
    "https://example.org/a?page=2", "http://127.0.0.1:1/#/runs?a=b&viewStateShareKey=tlkit",
    "a=1&tokens=5", "sk-learn and hf_hub", "Basic convolutions", "task-force: key=4",
]  # fmt: skip


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_known_by_its_shape(text):
    assert redacted(text) == SECRETS[text]
    assert redacted(SECRETS[text]) == SECRETS[text]


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_secret_stays(text):
    assert redacted(text) == text


def test_what_the_environment_holds_under_such_a_name_is_hidden_however_it_is_spelled(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "o<pen& sesame")
    monkeypatch.setenv("SSH_AUTH_TOKEN", "/run/agent/1")
    monkeypatch.setenv("MAX_TOKEN", "10000000")
    spelled = "o<pen& sesame, o&lt;pen&amp; sesame, o%3Cpen%26%20sesame, /run/agent/1, 10000000"
    assert redacted(spelled) == "(hidden), (hidden), (hidden), /run/agent/1, 10000000"
    assert redacted_values({"a": ["o<pen& sesame", 3]}) == {"a": ["(hidden)", 3]}


def test_a_recipe_s_key_is_hidden_in_the_line_that_refuses_it():
    with pytest.raises(Exception, match=r"api_key: unknown.*") as caught:
        build_recipe(YamlPage({"name": "x", "train": {"api_key": "correct-horse"}}))
    assert "correct-horse" not in str(caught.value)
    assert "correct-horse" not in str(DataError("no file correct-horse here"))


def test_files_of_text_lose_theirs_and_others_are_left(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.csv").write_bytes(f"x,{AWS}\r\n\xff".encode("latin-1"))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(AWS.encode()))
    (tmp_path / "model.keras").write_bytes(AWS.encode())
    redact_files(tmp_path)
    assert (tmp_path / "inner" / "a.csv").read_bytes() == b"x,(hidden)\r\n\xff"
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()) == b"(hidden)"
    assert (tmp_path / "model.keras").read_bytes() == AWS.encode()
    assert {each.name for each in tmp_path.iterdir()} == {"inner", "a.csv.gz", "model.keras"}


def test_a_traceback_of_the_command_shows_none():
    code = """import sys
from tlkit.stopping import outlive_readers
outlive_readers()
print(sys.argv[1])
raise OSError(sys.argv[1])
"""
    command = [sys.executable, "-c", code, "http://me:s3cret!@host"]
    told = subprocess.run(command, env=processes.environment(), capture_output=True, text=True)
    assert "s3cret" not in told.stdout + told.stderr
    assert told.stdout == "http://(hidden)@host\n"
    assert told.stderr.endswith("OSError: http://(hidden)@host\n")


def test_what_a_terminal_would_obey_in_a_class_s_name_is_shown_as_escapes(tmp_path):
    (tmp_path / "pictures" / "\x1b]0;mine\x07red\u202e").mkdir(parents=True)
    (tmp_path / "a.yaml").write_text("data: {path: pictures}\n")
    command = [sys.executable, "-m", "tlkit", "check", "a.yaml"]
    told = subprocess.run(command, cwd=tmp_path, env=processes.environment(), capture_output=True, text=True)
    assert told.returncode == 2
    assert r"of the class '\x1b]0;mine\x07red\u202e', found none" in told.stderr
    assert told.stderr.removesuffix("\n").isprintable()


def test_what_is_drawn_moves_the_cursor():
    stream = RedactedText(io.BytesIO(), encoding="utf-8")
    for write, text in (
        (stream.write, "a\x1b[2Kb\tc\n"),
        (stream.write, "\r\x1b[2Kd\n"),
        (Canvas(stream).write, "\x1b[1A"),
    ):
        assert write(text) == len(text)
    stream.flush()
    assert stream.buffer.getvalue() == b"a\\x1b[2Kb\tc\n\r\x1b[2Kd\n\x1b[1A"
