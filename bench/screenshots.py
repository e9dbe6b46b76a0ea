"""The pictures of docs/pictures/ that show pages, taken from pages as they are: the service's.

    python bench/screenshots.py http://127.0.0.1:8000 cat.jpg raccoon.jpg

asks a running `tlkit serve` about a picture of what it has learned and about one of something else. Needs the extra
`browser`, and Chromium.
"""

import shutil
import sys
from pathlib import Path

from datasets import ROOT
from playwright.sync_api import sync_playwright

OUT = ROOT / "docs" / "pictures"
PATIENCE = 60_000


def main(address: str, known: Path, unknown: Path) -> None:
    """Take them."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 760, "height": 600})
        page.goto(address)
        ask(page, known)
        page.locator("#why").click()
        page.locator("#heat").wait_for(timeout=PATIENCE)
        page.screenshot(path=OUT / "serve_known.png", full_page=True)
        ask(page, unknown)
        page.screenshot(path=OUT / "serve_unknown.png", full_page=True)
        browser.close()


def ask(page, picture: Path) -> None:
    """Drop a picture, and wait for the answer."""
    page.locator("#drop input").set_input_files(picture)
    page.locator("#time", has_text="ms").wait_for(timeout=PATIENCE)


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:4]))
