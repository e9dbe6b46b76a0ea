"""The studio over HTTP: who may ask it, and which files it shows."""

import http.client
import json
import re

import pytest
from drawing import draw_pictures
from PIL import Image
from studio_process import line_of, studio


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """A studio that may look at the folder `data` alone; beside it lies something that must stay unseen."""
    home = tmp_path_factory.mktemp("studio")
    draw_pictures(home / "data" / "pictures")
    (home / "data" / "notes").mkdir()
    (home / "data" / "notes" / "read.txt").write_text("nothing")
    (home / "data" / ".hidden").mkdir()
    Image.new("RGB", (9, 9)).save(home / "secret.png")
    (home / "data" / "way_out").symlink_to(home)
    with studio(home, "data") as running:
        yield running


def test_only_who_has_the_token_is_told_anything(bench):
    for cookie in (None, "tlkit_studio=x", bench.cookie[:-1] + "x"):
        assert "open the address" in line_of(bench.ask("/api/state", Cookie=cookie), 401)
    assert "open the address" in line_of(bench.ask("/api/choose", b'{"path": "pictures"}', Cookie=None), 401)
    assert bench.ask("/api/state")[0] == 200


def test_the_page_itself_is_open_and_holds_nothing(bench):
    status, page = bench.ask("/", Cookie=None)
    assert status == 200
    assert b"secret" not in page
    assert bench.ask("/static/studio.js", Cookie=None)[0] == 200
    assert bench.ask("/static/studio.py", Cookie=None)[0] == 404


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://example.org"}, {"Origin": "http://127.0.0.1:1"}, {"Origin": None},
                {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site"}],
)  # fmt: skip
def test_a_page_from_elsewhere_can_start_nothing(bench, headers):
    body = json.dumps({"path": "pictures"}).encode()
    answer = bench.ask("/api/choose", body, **{"Content-Type": "application/json", **headers})
    assert "own page" in line_of(answer, 403)


def test_another_name_of_this_machine_is_refused(bench):
    """A page from elsewhere whose name was made to lead here (DNS rebinding) has that name as its host."""
    answer = bench.ask("/api/state", Host="example.org:80")
    assert "own machine" in line_of(answer, 403)


def test_the_page_runs_no_script_but_its_own(bench):
    asking = http.client.HTTPConnection(bench.origin.removeprefix("http://"))
    asking.request("GET", "/")
    policy = asking.getresponse().headers["Content-Security-Policy"]
    asking.close()
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_folder_is_shown_with_counts_and_samples(bench):
    status, top = bench.get("folders")
    assert status == 200
    assert {each["name"]: each["counted"]["pictures"] for each in top["folders"]} == {"notes": 0, "pictures": 24}
    view = bench.get("folders", path="pictures")[1]
    assert view["above"] == [["data", ""], ["pictures", "pictures"]]
    assert len(view["samples"]) == 12
    status, small = bench.ask(f"/api/thumbnail?path={view['samples'][0]}")
    assert (status, small[:2]) == (200, b"\xff\xd8")


@pytest.mark.parametrize(
    "path", ["..", "../secret.png", "/etc", "way_out", "way_out/secret.png", "pictures/../..", "\0"]
)
def test_what_is_outside_the_folder_is_refused(bench, path):
    assert re.search("outside|not a path", line_of(bench.get("folders", path=path), 422))
    assert re.search("outside|not a path", line_of(bench.get("thumbnail", path=path), 422))
    assert re.search("outside|not a path", line_of(bench.post("choose", path=path), 422))


def test_what_is_no_picture_is_not_shown(bench):
    assert "cannot be shown" in line_of(bench.get("thumbnail", path="notes/read.txt"), 422)


def test_a_request_that_makes_no_sense_gets_one_line(bench):
    assert "not understood" in line_of(bench.post("choose", folder="pictures"), 422)
    assert line_of(bench.get("nowhere"), 404) == "Not Found"
