"""The folder of `--format web` in a real browser: a picture and the camera answered without a server that computes.

The runtime's files come from the npm package onnxruntime-web: of $TLKIT_ONNXRUNTIME_WEB, or installed here.
"""

import contextlib
import functools
import os
import re
import shutil
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from asking import PAGE
from browser_page import chromium, opened
from PIL import Image
from small_bundle import write_shades

from tlkit.exporting.web_format import RUNTIME, Web

pytestmark = pytest.mark.browser
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    """The folder of the runtime's files."""
    chromium()
    if RUNTIME in os.environ:
        return Path(os.environ[RUNTIME])
    if shutil.which("npm") is None:
        pytest.skip(f"no npm here, and no {RUNTIME}")
    home = tmp_path_factory.mktemp("npm")
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "onnxruntime-web"], cwd=home, check=True, timeout=240)
    return home / "node_modules" / "onnxruntime-web" / "dist"


@pytest.fixture(scope="module")
def address(runtime, tmp_path_factory):
    """Where a plain web server hands out the folder of a model that tells light from dark."""
    home = tmp_path_factory.mktemp("page")
    (home / "web" / "static").mkdir(parents=True)
    shutil.copyfile(write_shades(home / "bundle") / "model.onnx", home / "web" / "static" / "model.onnx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(RUNTIME, str(runtime))
        Web().complete(home / "web", PAGE, ["outputs", "unknown"], 0.4)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=home / "web"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@contextlib.contextmanager
def page_at(address, *flags, **options):
    """The page, which must have no error and ask nobody else for anything."""
    with opened(**{"width": 390, "height": 800, **options}, flags=flags) as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.locator("#ask").wait_for()
        yield page
        assert not page.problems
        assert [each for each in asked if not each.startswith((address, "blob:", "data:"))] == []


def kept(page, name):
    if folder := os.environ.get("TLKIT_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


@pytest.mark.parametrize(("shade", "says"), [(230, "light"), (10, "dark")])
def test_a_picture_is_answered_in_the_browser(address, tmp_path, shade, says):
    Image.fromarray(np.full((90, 70, 3), shade, np.uint8)).save(tmp_path / "picture.png")
    with page_at(address) as page:
        page.locator("#drop input").set_input_files(tmp_path / "picture.png")
        page.locator("#bars li").first.wait_for()
        assert page.locator("#answer").text_content() == says
        assert f"{100 * max(shade, 255 - shade) / 255:.1f} %" in page.locator("#bars li").first.text_content()
        kept(page, f"web_{says}")


def test_what_the_camera_sees_is_answered(address):
    with page_at(address, *CAMERA, permissions=["camera"]) as page:
        page.locator("#camera").click()
        page.get_by_text("Look now").wait_for()
        page.wait_for_function("document.querySelector('#video').videoWidth > 0")
        page.get_by_text("Look now").click()
        page.locator("#bars li").first.wait_for()
        assert re.fullmatch("light|dark", page.locator("#answer").text_content())
        assert page.locator("#video").is_hidden()
        assert page.locator("#answer").bounding_box()["y"] < 800
        page.get_by_text("Look again").click()
        page.get_by_text("Look now").wait_for()
        assert page.locator("#seen").is_hidden()
        kept(page, "web_camera")
