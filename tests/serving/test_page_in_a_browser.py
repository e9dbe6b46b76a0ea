"""The page of `tlkit serve` in a real browser, Chromium; $TLKIT_SCREENSHOTS names a folder for what it saw."""

import contextlib
import os
from pathlib import Path

import pytest
from browser_page import chromium, opened
from PIL import Image
from served_process import served
from small_bundle import write_shades

pytestmark = pytest.mark.browser


@pytest.fixture
def bundle(tmp_path):
    """A model of how bright a picture is, which takes grey for unknown, and two pictures."""
    chromium()
    for name, shade in {"white": 255, "grey": 128}.items():
        Image.new("RGB", (64, 64), (shade,) * 3).save(tmp_path / f"{name}.png")
    return write_shades(tmp_path / "bundle")


@contextlib.contextmanager
def page_of(service, **options):
    """The page of a service, which must have no error of its scripts."""
    with opened(**{"width": 390, "height": 800, **options}) as page:
        page.goto(service.address)
        yield page
        assert not page.problems


def kept(page, name):
    """Save a screenshot where somebody wants to look at it."""
    if folder := os.environ.get("TLKIT_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_a_dropped_picture_is_answered_and_explained(bundle):
    with served(bundle) as service, page_of(service) as page:
        page.locator("#drop input").set_input_files(bundle.parent / "white.png")
        page.locator("#bars li").first.wait_for()
        assert page.locator("#answer").text_content() == "light"
        page.locator("#why").click()
        page.locator("#heat").wait_for()
        kept(page, "page_answer")


def test_a_picture_of_something_else_is_called_unknown(bundle):
    with served(bundle) as service, page_of(service) as page:
        page.locator("#drop input").set_input_files(bundle.parent / "grey.png")
        page.locator("#doubt").wait_for()
        doubts = page.locator("#doubt").text_content()
        page.locator("#drop input").set_input_files(bundle.parent / "white.png")
        page.get_by_text("100.0 %").wait_for()
        assert page.locator("#doubt").text_content() != doubts
        kept(page, "page_unknown")


def test_a_file_that_is_no_picture_is_refused_in_a_line(bundle):
    (bundle.parent / "broken.png").write_bytes(b"no picture")
    with served(bundle) as service, page_of(service) as page:
        page.locator("#drop input").set_input_files(bundle.parent / "broken.png")
        page.locator("#problem").wait_for()
        assert page.locator("#problem").text_content()
        assert page.locator("#result").is_hidden()


def test_the_page_asks_for_the_token(bundle):
    with served(bundle, "--token", "open-sesame") as service, page_of(service) as page:
        page.locator("#token").wait_for()
        assert page.locator("#ask").is_hidden()
        page.locator("#token input").fill("open-sesame")
        page.locator("#token button").click()
        page.locator("#ask").wait_for()


def test_the_page_of_the_interface_lists_what_programs_ask(bundle):
    with served(bundle) as service, page_of(service, width=1280) as page:
        page.goto(f"{service.address}/docs")
        page.locator("#paths").get_by_text("/predict").first.wait_for()
        assert "/v2/models" in page.locator("#paths").text_content()
