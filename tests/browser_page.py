"""Chromium for tests: found where it is installed, and driven by playwright."""

import contextlib
import shutil

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium():
    """The path of a Chromium; skips the test, and says what is lacking, where there is none."""
    pytest.importorskip("playwright", reason="playwright is not installed: make browser-test installs it")
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    return found


@contextlib.contextmanager
def opened(width=1280, height=900, flags=(), **options):
    """A page of a headless Chromium; every error of a page's scripts is in `page.problems`."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", *flags])
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        try:
            yield page
        finally:
            browser.close()
