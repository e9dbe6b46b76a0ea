"""The site's search, in Chromium: five questions of a newcomer, each answered within two clicks."""

import functools
import http.server
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from browser_page import opened

ROOT = Path(__file__).parent.parent
QUESTIONS = {
    "train on my CSV of paths": "how-to/train-on-a-csv-of-paths.html",
    "why is accuracy low": "how-to/why-is-the-accuracy-low.html",
    "put it on a phone": "how-to/put-it-on-a-phone.html",
    "label the next pictures": "how-to/label-the-next-pictures.html",
    "compare last week's run": "how-to/compare-with-last-weeks-run.html",
}

AMONG_THE_FIRST = """answer => [...document.querySelectorAll("a.md-search-result__link")].slice(0, 3)
    .some(link => link.pathname.endsWith(answer))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of the built site."""
    pytest.importorskip("mkdocs", reason="the extra docs is not installed: make site installs it")
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder]
    subprocess.run(build, cwd=ROOT, check=True, timeout=120)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.browser
@pytest.mark.parametrize(("question", "answer"), QUESTIONS.items())
def test_a_question_is_answered_within_two_clicks(site, question, answer):
    with opened() as page:
        elsewhere = []
        page.on("request", lambda asked: elsewhere.append(asked.url) if not asked.url.startswith(site) else None)
        page.goto(f"{site}/index.html")
        page.locator("input.md-search__input").click()  # the first click
        page.keyboard.type(question)
        page.wait_for_function(AMONG_THE_FIRST, arg=answer, timeout=20_000)  # the list is made anew with each letter
        page.locator(f'a.md-search-result__link[href*="{answer}"]').first.click()  # the second
        page.wait_for_url(f"**/{answer}*", timeout=20_000)
        print(f"\n{question}: 2 clicks")
        assert page.problems == []
        assert [url for url in elsewhere if not url.startswith(("data:", "blob:"))] == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["index", "quickstart", "recipe-fields", "commands", "api", "gallery"])
def test_a_page_fits_its_width(site, name, width):
    with opened(width=width) as page:
        page.goto(f"{site}/{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.problems == []
