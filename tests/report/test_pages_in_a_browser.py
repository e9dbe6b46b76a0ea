"""MLflow's pages and the report in a real browser, Chromium; $TLKIT_SCREENSHOTS names a folder for what it saw."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from browser_page import chromium, opened

pytestmark = pytest.mark.browser


@pytest.fixture
def pages(finished, monkeypatch):
    """`tlkit ui` on two finished runs; gives the address that it says."""
    chromium()
    monkeypatch.chdir(finished[0])
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "tlkit", "ui", "--no-browser"], stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    line = process.stdout.readline()
    yield re.search(r"http://\S+", line)[0]
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)


def kept(page, name):
    """Save a screenshot where somebody wants to look at it."""
    folder = os.environ.get("TLKIT_SCREENSHOTS")
    content = page.screenshot(path=str(Path(folder) / f"{name}.png") if folder else None)
    assert len(content) > 5000


def test_the_first_page_is_the_table_of_runs_and_two_can_be_compared(pages, finished):
    assert re.match(
        r"http://127\.0\.0\.1:\d+/#/experiments/\d+/runs\?workflowType=machine_learning&viewStateShareKey=tlkit$", pages
    )
    with opened(1500, 900) as page:
        page.goto(pages)
        page.get_by_text("tiny", exact=True).first.wait_for(timeout=60_000)
        page.locator("a[href*='/runs/']").nth(1).wait_for(timeout=60_000)
        page.get_by_text("tlkit.score").first.wait_for(timeout=60_000)
        score = finished[1][0]["metrics"]["test/accuracy"]
        page.get_by_text(f"{score:.4g} accuracy").first.wait_for(timeout=60_000)
        kept(page, "runs")
        address, experiment = re.match(r"(.*)#/experiments/(\d+)/runs", pages).groups()
        ids = ",".join(f'"{each["run_id"]}"' for each in finished[1])
        page.goto(f'{address}#/compare-runs?runs=[{ids}]&experiments=["{experiment}"]')
        page.get_by_text("Comparing 2 Runs").first.wait_for(timeout=60_000)
        page.get_by_text("train.learning_rate").first.wait_for(timeout=60_000)
        kept(page, "compare")


def test_a_run_shows_its_note_and_its_report(pages, finished):
    from playwright.sync_api import expect

    run = finished[1][0]["run_id"]
    address, experiment = re.match(r"(.*)#/experiments/(\d+)/runs", pages).groups()
    with opened(1500, 1000) as page:
        page.goto(f"{address}#/experiments/{experiment}/runs/{run}")
        expect(page.get_by_text("95 % interval").first).to_be_visible(timeout=60_000)
        kept(page, "run")
        page.goto(f"{address}#/experiments/{experiment}/runs/{run}/artifacts/report.html")
        frame = page.frame_locator("iframe").first
        expect(frame.get_by_role("heading", name="Scores")).to_be_visible(timeout=60_000)
        kept(page, "report-in-mlflow")


@pytest.mark.parametrize(("name", "width", "scheme"), [("wide", 1200, "light"), ("phone", 390, "dark")])
def test_the_report_fits_wide_and_narrow_screens_without_a_network(finished, name, width, scheme):
    asked = []
    with opened(width, 800, color_scheme=scheme) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(Path(finished[1][0]["report"]).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.get_by_role("heading", level=1).count() == 1
        assert page.locator("img:not([alt])").count() == 0
        assert [each for each in asked if not each.startswith(("file:", "data:"))] == []
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", colour)[:3])) < 300) == (scheme == "dark")
        kept(page, f"report-{name}")
        assert page.problems == []


def test_the_server_listens_to_this_machine_alone(pages):
    assert urllib.request.urlopen(pages.partition("#")[0], timeout=30).status == 200
    assert "127.0.0.1" in pages
