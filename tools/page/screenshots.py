"""Take screenshots of the page for the README: a prediction, light, and a confusion matrix, dark.

Input: `site/`. Output: `docs/page-classify.png` and `docs/page-report.png`.
Run after `make page`: `python -m tools.page.screenshots`. Needs Chromium, which Playwright drives.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from fashion import cli
from tools.page.build import SITE

EXAMPLE = 2  # the sneaker
VIEWPORT = ViewportSize(width=1280, height=1160)
COLOURS = 128
VISIBLE_IMAGES_LOADED = """() => [...document.images].every((image) => {
    const { top, bottom } = image.getBoundingClientRect();
    return image.complete || bottom < 0 || top > innerHeight;
})"""
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main(folder: str = SITE, out: str = "docs") -> None:
    """Take screenshots of both documents in `folder` and write them to the folder `out`."""
    with serve(folder) as address, sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, CHROMIUM)), None)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = _open(browser, address, "light")
        page.locator("#examples button").nth(EXAMPLE).click()
        page.locator(".heatmap").wait_for()  # is computed last
        _save(page, f"{out}/page-classify.png")
        page = _open(browser, f"{address}report.html", "dark")
        page.locator(".matrix").wait_for()
        page.locator("#confusion").evaluate("section => section.scrollIntoView()")
        _save(page, f"{out}/page-report.png")
        browser.close()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log no requests."""


@contextmanager
def serve(folder: str | Path) -> Iterator[str]:
    """Serve the files in `folder` on a free local port; give the address."""
    handler = partial(_QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def _open(browser: Browser, address: str, scheme: Literal["light", "dark"]) -> Page:
    page = browser.new_page(viewport=VIEWPORT, color_scheme=scheme)
    page.goto(address)
    return page


def _save(page: Page, path: str) -> None:
    """Save what is in view, with few colours, to keep the files in Git small."""
    page.wait_for_function(VISIBLE_IMAGES_LOADED)
    image = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)
    image.save(path, optimize=True)
    print(path)


if __name__ == "__main__":
    cli.run(main, "folder", "out")
