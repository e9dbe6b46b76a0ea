"""The pictures of docs/pictures/ that show pages, taken from pages as they are.

    python bench/screenshots.py service http://127.0.0.1:8000 cat.jpg raccoon.jpg
    python bench/screenshots.py static http://127.0.0.1:8001 cat.jpg
    python bench/screenshots.py studio http://127.0.0.1:8002/?enter=TOKEN pets cat.jpg dog.jpg
    python bench/screenshots.py records http://127.0.0.1:5000
    python bench/screenshots.py page mlruns/artifacts/RUN/artifacts/report.html report.png [HEIGHT]

The first asks a running `tlkit serve` about a picture of what it has learned and one of something else; the second
the folder of `--format web` behind any web server; the third goes through a running `tlkit studio`, from a folder
to answers; the fourth goes through the pages of a running `tlkit ui`; the last takes one page. Needs the extra
`browser`, and Chromium.
"""

import contextlib
import json
import shutil
import sys
import urllib.request
from pathlib import Path

from datasets import ROOT
from PIL import Image
from playwright.sync_api import sync_playwright

OUT = ROOT / "docs" / "pictures"
PATIENCE = 60_000


def shot(page, name: str, **options) -> None:
    """A screenshot in 128 colours, a quarter of the size."""
    page.screenshot(path=OUT / name, **options)
    Image.open(OUT / name).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(OUT / name, optimize=True)


@contextlib.contextmanager
def browser_page(width, height):
    """A page of a headless Chromium."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": width, "height": height})
        browser.close()


def service(address: str, known: str, unknown: str) -> None:
    """The page of `tlkit serve`."""
    with browser_page(760, 600) as page:
        page.goto(address)
        ask(page, known)
        page.locator("#why").click()
        page.locator("#heat").wait_for(timeout=PATIENCE)
        shot(page, "serve_known.png", full_page=True)
        ask(page, unknown)
        shot(page, "serve_unknown.png", full_page=True)


def static(address: str, known: str) -> None:
    """The page of `--format web`, as a phone shows it."""
    with browser_page(390, 760) as page:
        page.goto(address)
        ask(page, known)
        shot(page, "web_known.png", full_page=True)


def studio(address: str, folder: str, *pictures: str) -> None:
    """The studio: a folder's check, and what its model says of pictures."""
    with browser_page(900, 760) as page:
        page.goto(address)
        page.locator("#folders").get_by_role("button", name=folder).click()
        page.get_by_role("button", name=f"Use “{folder}”").click()
        page.locator("#verdict", has_text="trained").wait_for(timeout=3 * PATIENCE)
        page.locator("#job").wait_for(state="hidden")
        page.locator("#folder").scroll_into_view_if_needed()
        shot(page, "studio_folder.png")
        shot(page.locator("#check"), "studio_check.png")
        page.get_by_role("button", name="Train a model").click()
        page.locator("#scores dd").first.wait_for(timeout=5 * PATIENCE)
        page.get_by_role("button", name="Get the model ready").click()
        page.locator("#ask").wait_for(timeout=3 * PATIENCE)
        page.locator("#drop input").set_input_files(pictures)
        page.locator("#answers .bars").nth(len(pictures) - 1).wait_for(timeout=PATIENCE)
        page.get_by_role("button", name="Show why").last.click()
        page.locator("#answers img.exact").nth(1).wait_for(timeout=PATIENCE)
        shot(page.locator("#try"), "studio_try.png")


def ask(page, picture: str) -> None:
    """Drop a picture, and wait for the answer."""
    page.locator("#ask").wait_for(timeout=PATIENCE)
    page.locator("#drop input").set_input_files(picture)
    page.locator("#time", has_text="ms").wait_for(timeout=PATIENCE)


def records(address: str) -> None:
    """MLflow's list of runs, and the two newest compared."""
    with browser_page(1440, 640) as page:
        page.goto(f"{address}/#/experiments/1/runs?workflowType=machine_learning&viewStateShareKey=tlkit")
        page.get_by_role("row").nth(2).wait_for(timeout=PATIENCE)
        page.get_by_role("button", name="Close").first.click()  # MLflow's assistant
        page.wait_for_timeout(3_000)  # columns come one after the other
        shot(page, "mlflow_runs.png")
        newest = json.dumps(newest_runs(address, 2))
        page.goto(f'{address}/#/compare-runs?runs={newest}&experiments=["1"]')
        page.get_by_text("Visualizations").wait_for(timeout=PATIENCE)
        page.wait_for_timeout(3_000)
        page.get_by_role("switch").first.click()  # what differs alone
        page.set_viewport_size({"width": 1440, "height": 1300})
        page.mouse.move(800, 600)
        page.mouse.wheel(0, -9_000)
        page.wait_for_timeout(1_000)
        shot(page, "mlflow_compare.png")


def newest_runs(address: str, count: int) -> list[str]:
    """The ids of an experiment's newest runs."""
    asked = json.dumps({"experiment_ids": ["1"], "max_results": count}).encode()
    request = urllib.request.Request(
        f"{address}/api/2.0/mlflow/runs/search", asked, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return [run["info"]["run_id"] for run in json.load(answer)["runs"]]


def page(file: str, name: str, height: str = "0") -> None:
    """A page of files, whole or its first HEIGHT pixels."""
    with browser_page(1000, int(height) or 800) as opened:
        opened.goto(Path(file).resolve().as_uri())
        opened.wait_for_timeout(300)
        shot(opened, name, full_page=not int(height))


if __name__ == "__main__":
    {"service": service, "static": static, "studio": studio, "records": records, "page": page}[sys.argv[1]](
        *sys.argv[2:]
    )
