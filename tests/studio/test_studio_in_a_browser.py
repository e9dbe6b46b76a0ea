"""The studio's way from a folder to an exported model in a real Chromium, as wide as a screen and as a phone.

$TLKIT_SCREENSHOTS names a folder for what it saw.
"""

import os
import zipfile
from pathlib import Path

import pytest
from browser_page import chromium, opened
from drawing import draw_pictures
from studio_process import studio

pytestmark = pytest.mark.browser
PATIENCE = 180_000


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A working folder with two classes of a dozen pictures."""
    chromium()
    return draw_pictures(tmp_path_factory.mktemp("studio") / "pictures").parent


def kept(page, name):
    """Save a screenshot where somebody wants to look at it; nothing may stick out at the side."""
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if folder := os.environ.get("TLKIT_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"studio_{name}_{width}.png"), full_page=True)


def choose(page):
    """Go into the folder, and take it."""
    page.locator("#folders").get_by_role("button", name="pictures 24").click()
    page.locator("#samples img").nth(11).wait_for()
    kept(page, "folder")
    page.get_by_role("button", name="Use “pictures”").click()
    page.locator("#job").wait_for()
    page.locator("#verdict", has_text="trained").wait_for(timeout=PATIENCE)
    page.locator("#job").wait_for(state="hidden")


def test_a_folder_becomes_an_exported_model(home):
    with studio(home) as running, opened() as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(running.entrance)
        assert "enter" not in page.url
        choose(page)
        assert "12" in page.locator("#counts").text_content()
        kept(page, "check")

        page.get_by_role("button", name="Train a model").click()
        page.locator("#job-title", has_text="training").wait_for()
        page.reload()
        page.locator("#job-title", has_text="training").wait_for()
        page.locator("#scores dd").first.wait_for(timeout=PATIENCE)
        assert page.locator("#scores dd").first.text_content().startswith("100.0 %")
        assert "accuracy on" in page.frame_locator("#report-page").locator("main").text_content()
        kept(page, "report")

        page.get_by_role("button", name="Get the model ready").click()
        page.locator("#ask").wait_for(timeout=PATIENCE)
        pictures = [home / f"pictures/{name}/{name}_001.png" for name in ("red", "blue")]
        page.locator("#drop input").set_input_files(pictures)
        page.locator("#answers .bars").nth(1).wait_for(timeout=PATIENCE)
        assert page.locator("#answers h3").all_text_contents() == ["blue", "red"]
        page.get_by_role("button", name="Show why").first.click()
        page.locator("#answers img.exact").nth(1).wait_for(timeout=PATIENCE)
        kept(page, "answers")

        page.get_by_role("button", name="Export", exact=True).click()
        page.locator("#exports a").wait_for(timeout=PATIENCE)
        assert page.locator("#exports td").first.text_content() == "onnx float32"
        with page.expect_download() as download:
            page.locator("#exports a").click()
        names = {Path(each).name for each in zipfile.ZipFile(download.value.path()).namelist()}
        assert {"model.onnx", "model.json", "certificate.json", "predict.py"} <= names
        kept(page, "export")
        assert not page.problems
        assert [each for each in asked if not each.startswith((running.origin, "blob:", "data:"))] == []


def test_a_phone_shows_a_mistake_in_the_recipe_and_goes_back_to_a_run(home):
    with studio(home) as running, opened(375, 740, color_scheme="dark") as page:
        page.goto(running.entrance)
        choose(page)
        page.locator("#recipe summary").click()
        text = page.locator("#recipe-text").input_value()
        page.locator("#recipe-text").fill(text.replace("epochs:", "epoches:"))
        page.get_by_role("button", name="Save and check again").click()
        page.locator("#problems", has_text="epoches: unknown key").wait_for()
        assert page.get_by_role("button", name="Train a model").is_disabled()
        kept(page, "mistake")
        page.locator("#recipe-text").fill(text)
        page.get_by_role("button", name="Save and check again").click()
        page.locator("#job").wait_for()
        page.locator("#job").wait_for(state="hidden", timeout=PATIENCE)
        assert "trained" in page.locator("#verdict").text_content()
        assert page.locator("#problems").is_hidden()

        assert page.locator("#earlier").is_visible(), "the test before has trained"
        page.locator("#earlier summary").click()
        page.locator("#runs button").first.click()
        page.locator("#report-page[src]").wait_for(timeout=PATIENCE)
        kept(page, "earlier")
        assert not page.problems


def test_who_comes_without_the_token_is_told_where_it_is(home):
    with studio(home) as running, opened(375, 740) as page:
        page.goto(running.origin)
        page.locator("#problem", has_text="open the address").wait_for()
        assert page.locator("#folders li").count() == 0
